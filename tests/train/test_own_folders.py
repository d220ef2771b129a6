"""`train index --images`: a folder as people have it, whatever lies in it, and kept up with what changes."""

import os
import resource
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

import train.folders.embedding
import train.folders.reading
from retrieval import Retriever
from retrieval.collections.artifacts import GROUPS, QUANTIZATION, SCALE, read_manifest, write_manifest
from retrieval.collections.collection import Collection
from retrieval.images import decode
from retrieval.quantization import write_ranges
from retrieval.scale_probe import ScaleProbe, write_probe
from tests.fakes.mixed_folder import PHOTOS, make_older, scene, write_photos, write_troubles
from tests.retrieval.test_one_way_of_reading import ortho
from train.artifacts.publish import artifact_files
from train.folders.embedding import Embedding
from train.folders.walk import list_photos


def files(out):
    return [entry.file for entry in Collection(out, gpu=False).entries]


def state(out):
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_any_tree_of_photos_is_a_collection_that_finds_each_at_0(index, photos, tmp_path):
    status, told, embedded = index("--title", "My photos")
    assert (status, embedded) == (0, len(PHOTOS))
    assert f"{len(PHOTOS)} photos, of which {len(PHOTOS)} are new" in told
    out = tmp_path / "out"
    assert not list(out.rglob("*.jpg"))
    retriever = Retriever.load(out, further=(), device="cpu")
    collection = retriever.collection()
    assert (collection.title, collection.manifest.labels, collection.missing_photos) == (
        "My photos",
        GROUPS,
        0,
    )
    assert (
        [entry.id for entry in collection.entries] == [entry.file for entry in collection.entries] == PHOTOS
    )
    for row, file in enumerate(PHOTOS):
        assert collection.checked_photo(row) == photos / file
        result = retriever.search(photos / file, k=3)
        assert result.neighbours[0].id == file
        assert result.neighbours[0].distance == pytest.approx(0, abs=0.03)
        assert (result.votes, result.neighbours[0].label) == ([], "")
    assert not list(tmp_path.glob("*.unfinished"))


def test_what_says_its_scale_is_cut_as_the_page_cuts_it(index, tmp_path, left_out):
    images = tmp_path / "rasters"
    images.mkdir()
    for name, data in (("fine", ortho(0.5, 230)), ("small", ortho(10.0, 64)), ("coarse", ortho(10.0))):
        (images / f"{name}.tif").write_bytes(data)
        make_older(images / f"{name}.tif")
    status, _, embedded = index(images=images)
    assert (status, embedded) == (0, 2)
    retriever = Retriever.load(tmp_path / "out", further=(), device="cpu")
    for name in ("fine", "small"):
        result = retriever.search(images / f"{name}.tif", k=2)
        assert result.neighbours[0].id == f"{name}.tif"
        assert result.neighbours[0].distance == pytest.approx(0, abs=0.03)
    whole = retriever.embedder.embed([decode(images / "fine.tif").image])[0]
    assert np.linalg.norm(whole - result.collection.vectors[0]) > 0.05  # it was not searched whole
    assert left_out().keys() == {"coarse.tif"}
    assert "too coarse" in left_out()["coarse.tif"]


def test_what_goes_with_the_weights_stays_when_photos_come(index, photos, tmp_path):
    index()
    out = tmp_path / "out"
    manifest = read_manifest(out)
    write_ranges(out, manifest.model.sha256, {"layer1.0.conv2": 2.0})
    probe = ScaleProbe(np.float32([-1, 1]), np.zeros((2, 2048), np.float32), np.zeros(2, np.float32))
    write_probe(out, manifest.model.sha256, probe)
    write_manifest(out, manifest)
    before = state(out)
    write_photos(photos, ["came/later.png"])
    assert index()[0] == 0
    assert len(files(out)) == len(PHOTOS) + 1
    assert {name: state(out)[name] for name in (QUANTIZATION, SCALE)} == {
        name: before[name] for name in (QUANTIZATION, SCALE)
    }
    named = read_manifest(out)
    assert {QUANTIZATION, SCALE} <= named.files.keys()

    (out / SCALE).rename(tmp_path / SCALE)
    write_manifest(out, named)
    (tmp_path / SCALE).rename(out / SCALE)  # a file that the manifest does not name is nobody's
    write_photos(photos, ["came/last.png"])
    assert index()[0] == 0
    assert SCALE not in read_manifest(out).files


def test_what_is_no_photo_is_listed_and_stops_nothing(index, photos, tmp_path, left_out):
    expected = write_troubles(photos)
    status, told, _ = index()
    assert status == 0
    assert files(tmp_path / "out") == PHOTOS
    reasons = left_out()
    assert reasons.keys() == expected.keys()
    assert {file for file, word in expected.items() if word not in reasons[file]} == set()
    assert f"{len(expected)} files were left out: {tmp_path / 'out' / 'left-out.csv'} says why" in told
    assert "1 files of other kinds" in told
    status, told, embedded = index()  # and once more: nothing is new
    assert (status, embedded) == (0, 0)
    assert "up to date" in told


def test_what_may_not_be_read_is_listed(index):
    """Root may read everything, so that a test that runs as root becomes nobody for a while."""
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        write_photos(folder, ["a.png", "closed/b.png", "c.png"])
        (folder / "a.png").chmod(0)
        (folder / "closed").chmod(0)
        nobody = os.getuid() == 0
        if nobody:
            os.seteuid(65534)
        try:
            listing = list_photos(folder)
            reader = train.folders.reading._Reader(folder, None, (), None)
            read = reader.read(listing.found[0])
        finally:
            if nobody:
                os.seteuid(0)
        assert [photo.file for photo in listing.found] == ["a.png", "c.png"]
        assert [(left.file, "cannot be read" in left.reason) for left in listing.left_out] == [
            ("closed", True)
        ]
        assert (read.file, "Permission denied" in read.reason) == ("a.png", True)
    finally:
        (folder / "closed").chmod(0o700)
        shutil.rmtree(folder)


def test_a_file_that_changes_while_it_is_read_is_left_out_until_it_rests(
    index, photos, tmp_path, monkeypatch, left_out
):
    real = train.folders.reading.open_own_file

    def read(path):
        data = real(path)
        if Path(path).name == "upper.JPG":
            scene(40).save(path, "JPEG")
        return data

    monkeypatch.setattr(train.folders.reading, "open_own_file", read)
    assert index()[0] == 0
    assert files(tmp_path / "out") == PHOTOS[:-1]
    assert "changed while it was read" in left_out()["upper.JPG"]
    monkeypatch.undo()
    monkeypatch.setenv("AERIAL_CACHE", str(tmp_path / "cache"))
    assert index()[2] == 1
    assert files(tmp_path / "out") == PHOTOS


def test_run_again_only_what_changed_is_embedded(index, photos, tmp_path):
    index()
    before = Collection(tmp_path / "out", gpu=False)
    write_photos(photos, ["new/one.png"], first=20)
    scene(30).save(photos / "upper.JPG")  # other content
    (photos / "IMG 1.tif").unlink()
    (photos / "2019/IMG 1.jpg").rename(photos / "2019/renamed.jpg")
    (photos / "2019/summer/IMG 1.png").touch()  # another time, the same content
    status, told, embedded = index()
    assert (status, embedded) == (0, 2)
    assert "6 photos, of which 2 are new and 1 changed; 2 that were there before are gone" in told
    after = Collection(tmp_path / "out", gpu=False)
    assert [entry.file for entry in after.entries] == sorted(
        {*PHOTOS, "new/one.png", "2019/renamed.jpg"} - {"IMG 1.tif", "2019/IMG 1.jpg"}
    )
    renamed, was = after.row("2019/renamed.jpg"), before.row("2019/IMG 1.jpg")
    assert np.array_equal(after.index.vector(renamed), before.index.vector(was))
    assert after.missing_photos == 0


def test_a_photo_that_is_rewritten_within_a_tick_of_the_clock_is_seen(index, photos, tmp_path):
    path, soon = photos / "a.bmp", time.time_ns() + 10**12
    for number, embedded in ((20, len(PHOTOS) + 1), (21, 1)):
        scene(number).save(path)  # as long as the one before, and of the same time
        os.utime(path, ns=(soon, soon))
        assert index()[2] == embedded
    collection = Collection(tmp_path / "out", gpu=False)
    assert collection.checked_photo(collection.row("a.bmp")) == path


def test_ctrl_c_keeps_what_was_embedded(index, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(train.folders.embedding, "BATCH", 2)
    real = Embedding.add

    def interrupted(self, photo, square):
        if photo.file == PHOTOS[4]:
            raise KeyboardInterrupt
        return real(self, photo, square)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Embedding, "add", interrupted)
        status, told, _ = index()
    assert (status, "What was finished is kept" in told) == (130, True)
    assert not (tmp_path / "out").exists()
    status, told, embedded = index()
    assert (status, embedded) == (0, 2)
    assert files(tmp_path / "out") == PHOTOS


def test_with_again_all_are_embedded_anew(index, tmp_path):
    index()
    assert index()[2] == 0
    assert index("--again")[2] == len(PHOTOS)


def test_folders_are_labels_where_that_is_said(index, tmp_path):
    assert index("--labels", "folders")[0] == 0
    collection = Collection(tmp_path / "out", gpu=False)
    assert collection.classes == ["2019", "summer", "unlabelled"]
    assert collection.entries[1].label == "summer"
    assert index()[2] == 0  # and without: groups again, of the same vectors
    assert Collection(tmp_path / "out", gpu=False).classes == []


@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_a_table_gives_labels_and_what_it_names_in_vain_is_told(index, tmp_path, comma, left_out):
    rows = [("path", "label"), ("2019\\IMG 1.jpg", "beach"), ("./upper.JPG", "forest"), ("no.jpg", "beach")]
    table = tmp_path / "labels.csv"
    table.write_text("\ufeff" + "".join(f"{file}{comma}{label}\r\n" for file, label in rows), "utf-8")
    status, told, _ = index("--labels", table)
    assert status == 0
    collection = Collection(tmp_path / "out", gpu=False)
    labels = {entry.file: entry.label for entry in collection.entries}
    assert (labels["2019/IMG 1.jpg"], labels["upper.JPG"], labels["IMG 1.tif"]) == (
        "beach", "forest", "unlabelled",
    )  # fmt: skip
    assert left_out() == {"no.jpg": f"{table} names it, and it is not here."}
    assert "1 files were left out" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "needs a header"),
        ("a,b\n1,2\n", "needs a header"),
        ("file,label\nx.jpg\n", "line 2 does not fit"),
        ("file,label\nx.jpg,a\nx.jpg,b\n", "another label"),
        ("file,label\nupper.JPG,a\u202eb\n", "label of upper.JPG"),
        (b"file,label\n\xff,a\n", "not UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_refused_in_a_sentence(index, tmp_path, text, words):
    index()
    before = state(tmp_path / "out")
    table = tmp_path / "labels.csv"
    if text is not None:
        table.write_bytes(text if isinstance(text, bytes) else text.encode())
    status, told, _ = index("--labels", table)
    assert (status, words in told) == (1, True)
    assert state(tmp_path / "out") == before


def test_two_runs_at_once_are_one(index, tmp_path):
    index()
    before = state(tmp_path / "out")
    with FileLock(tmp_path / ".out.lock"):
        status, told, _ = index("--again")
    assert (status, "Another run is writing" in told) == (1, True)
    assert state(tmp_path / "out") == before


@contextmanager
def files_no_longer_than(most):
    """A stand-in for a full disk: no file may grow beyond a limit."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("most", [4 * 2048 + 1000, 4 * 2048 * 3 + 100], ids=["ledger", "index"])
def test_a_full_disk_is_said_and_what_was_there_stays(index, photos, tmp_path, most):
    index()
    before = state(tmp_path / "out")
    write_photos(photos, [f"more/{number}.png" for number in range(2)], first=20)
    with files_no_longer_than(most):
        status, told, _ = index()
    assert (status, "What was there before is as it was." in told) == (1, True)
    assert state(tmp_path / "out") == before
    assert not list(tmp_path.glob("*.partial"))
    assert index()[0] == 0
    assert len(files(tmp_path / "out")) == len(PHOTOS) + 2


def test_a_disk_that_takes_nothing_is_said(index, tmp_path):
    (tmp_path / "file").write_text("in the way")
    status, told, _ = index(out=tmp_path / "file" / "out")
    assert (status, str(tmp_path / "file") in told) == (1, True)


def test_nothing_but_its_own_collection_is_ever_replaced(index, photos, tmp_path, weights):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("do not lose me")
    for out, words in (
        (mine, "is no collection"),
        (photos, "the photos themselves"),
        (tmp_path, "themselves"),
    ):
        status, told, _ = index("--replace", out=out)
        assert (status, words in told) == (1, True)
    assert (mine / "letter.txt").read_text() == "do not lose me"
    assert index(images=tmp_path / "nowhere")[1].startswith("There is no folder")
    assert len(list(photos.rglob("*.*"))) == len(PHOTOS)


def test_a_folder_that_is_empty_for_once_costs_no_collection(index, photos, tmp_path):
    index()
    before = state(tmp_path / "out")
    photos.rename(tmp_path / "elsewhere")
    photos.mkdir()
    status, told, _ = index()
    assert (status, "holds no photo" in told) == (1, True)
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    status, told, _ = index()
    assert (status, "broken.jpg" in told) == (1, True)
    assert state(tmp_path / "out") == before


def test_another_folder_or_other_weights_replace_it_only_on_request(index, photos, tmp_path):
    index()
    moved = tmp_path / "moved"
    photos.rename(moved)
    status, told, _ = index(images=moved)
    assert (status, "--replace" in told, str(photos) in told) == (1, True, True)
    status, told, embedded = index("--replace", images=moved)
    assert (status, embedded) == (0, 0)
    assert Collection(tmp_path / "out", gpu=False).checked_photo(0) == moved / PHOTOS[0]


def test_a_damaged_collection_is_made_anew_only_on_request(index, tmp_path):
    index()
    (tmp_path / "out" / "index.faiss").write_bytes(b"rubbish")
    status, told, _ = index()
    assert (status, "is damaged" in told, "--replace" in told) == (1, True, True)
    assert index("--replace")[:3:2] == (0, len(PHOTOS))


def test_a_collection_inside_its_folder_is_not_indexed(index, photos):
    out = photos / "collection"
    assert index(out=out)[0] == 0
    scene(3).save(out / "stray.png")
    index("--again", out=out)
    assert files(out) == PHOTOS


def test_what_is_published_names_no_folder_of_this_machine(index, photos, tmp_path):
    index()
    uploaded = artifact_files(tmp_path / "out", "someone/mine")
    texts = [data if isinstance(data, bytes) else data.read_bytes() for data in uploaded.values()]
    assert not any(str(photos).encode() in text for text in texts)
    assert "record.csv" not in uploaded


def test_many_photos_are_mapped_and_grouped(monkeypatch):
    from train.artifacts import projection
    from train.folders.groups import group_labels

    monkeypatch.setattr(projection, "MAX_POINTS", 60)
    rng = np.random.default_rng(0)
    middles = rng.normal(size=(3, 64))
    kinds = np.arange(150) % 3
    vectors = (middles[kinds] + 0.2 * rng.normal(size=(150, 64))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    places = projection.project(vectors)
    assert places.shape == (150, 2)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert apart[kinds[:, None] == kinds].mean() < apart[kinds[:, None] != kinds].mean() / 2
    labels = group_labels(vectors)
    assert labels == group_labels(vectors)
    assert len(set(labels)) == 9  # the square root of 75
    for label in set(labels):
        assert len({int(kinds[row]) for row in range(150) if labels[row] == label}) == 1
    assert labels.count("group 1") >= labels.count("group 9")


def test_photos_that_are_all_the_same_are_one_group(index, photos, tmp_path):
    for path in photos.rglob("*.*"):
        path.unlink()
    for number in range(5):
        scene(0).save(photos / f"{number}.png")
        make_older(photos / f"{number}.png")
    assert index()[0] == 0
    assert Collection(tmp_path / "out", gpu=False).labels == ["group 1"]
