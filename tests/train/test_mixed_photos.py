"""Some mixed photos, of which one run is ended by Ctrl+C and one by SIGKILL; a benchmark takes thousands."""

from collections import Counter

from benchmarks.mixed_photos import interrupt_and_finish, write_photos


def test_ctrl_c_and_a_kill_cost_nothing_that_was_embedded(weights, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.mixed_photos.BROKEN_EVERY", 60)
    broken = write_photos(tmp_path / "photos", 720, 64)  # so many that a run cannot end before it is ended
    kinds = Counter(path.suffix for path in (tmp_path / "photos").rglob("*.*"))
    assert kinds.keys() == {".jpg", ".png", ".tif", ".heic"}
    assert broken == 12
    told = interrupt_and_finish(tmp_path / "photos", tmp_path / "out", 720, broken, weights)
    assert len(told) == 4
