"""What visitors bring is kept for two hours under a name that cannot be guessed, and in memory only."""

import threading

import numpy as np
from PIL import Image

from examples.scenes import draw
from ui.uploads import KEPT_SECONDS, OVERHEAD, PREVIEW_PIXELS, Upload, UploadStore, preview_of


def photo(number=0):
    return Upload(np.full(8, number, np.float32), b"picture %03d" % number)


#: Bytes that one of them takes.
SIZE = 8 * 4 + len(b"picture 000") + OVERHEAD


def test_a_photo_is_there_for_two_hours_and_then_gone(brought, clock):
    kept = photo()
    name = brought.keep(kept)
    assert brought.get(name) is kept
    assert brought.until([name]) == clock.now + 7200
    clock.now += 7199
    assert brought.get(name) is kept
    assert set(brought.vectors([name])) == {name}
    clock.now += 1
    assert brought.get(name) is None
    assert brought.vectors([name]) == {}
    assert brought.until([name]) is None


def test_what_is_gone_is_not_held_in_memory_either(brought, clock):
    brought.keep(photo())
    clock.now += KEPT_SECONDS
    brought.get("any")
    assert brought._kept.total == 0
    assert len(brought._kept) == 0


def test_looking_at_a_photo_does_not_keep_it_longer(brought, clock):
    name = brought.keep(photo())
    until = brought.until([name])
    for _ in range(10):
        clock.now += 600
        assert brought.get(name)
        assert brought.until([name]) == until


def test_one_that_takes_the_place_of_another_lives_as_long_as_that(brought, clock):
    first = brought.keep(photo(1))
    until = brought.until([first])
    clock.now += 3600
    second = brought.keep(photo(2), instead_of=first)
    assert brought.until([second]) == until
    assert brought.get(first)  # something may be at work with it
    third = brought.keep(photo(3), instead_of="of no photo")
    assert brought.until([third]) == clock.now + KEPT_SECONDS
    clock.now = until
    assert [brought.get(name) is None for name in (first, second, third)] == [True, True, False]


def test_one_that_takes_the_place_of_a_photo_that_went_is_new(brought, clock):
    first = brought.keep(photo(1))
    clock.now += KEPT_SECONDS + 1
    second = brought.keep(photo(2), instead_of=first)
    assert brought.until([second]) == clock.now + KEPT_SECONDS


def test_of_several_photos_the_first_to_go_says_how_long_they_are_there(brought, clock):
    first = brought.keep(photo(1))
    clock.now += 100
    second = brought.keep(photo(2))
    assert brought.until([second, first]) == clock.now - 100 + KEPT_SECONDS
    assert brought.until([second]) == clock.now + KEPT_SECONDS
    assert brought.until([second, "of no photo"]) is None
    assert brought.until([]) is None


def test_of_too_many_the_oldest_go_first(clock):
    brought = UploadStore(max_bytes=3 * SIZE, clock=clock)
    names = [brought.keep(photo(number)) for number in range(5)]
    assert [brought.get(name) is not None for name in names] == [False, False, True, True, True]


def test_a_visitor_with_many_photos_pushes_out_his_own_and_nobody_elses(clock):
    brought = UploadStore(max_bytes=10 * SIZE, clock=clock)
    others = [brought.keep(photo(number), visitor=f"other {number}") for number in range(3)]
    greedy = [brought.keep(photo(number), visitor="greedy") for number in range(200)]
    assert all(brought.get(name) for name in others)
    assert [name for name in greedy if brought.get(name)] == greedy[-7:]


def test_a_square_that_is_moved_about_takes_two_places_at_most(brought):
    names = [brought.keep(photo(), visitor="mine")]
    for number in range(30):
        names.append(brought.keep(photo(number), names[-1], "mine"))
    assert [name for name in names if brought.get(name)] == names[-2:]


def test_a_square_that_somebody_else_moves_stays_where_it_was(brought):
    shared = brought.keep(photo(), visitor="mine")
    moved = shared
    for number in range(5):
        moved = brought.keep(photo(number), moved, "who has the link")
    assert brought.get(shared)


def test_names_cannot_be_guessed_and_fit_into_addresses(brought):
    names = {brought.keep(photo()) for _ in range(500)}
    assert len(names) == 500
    assert all(len(name) == 16 and set(name) <= set("-_") | set(map(chr, range(48, 123))) for name in names)
    for position in range(16):
        assert len({name[position] for name in names}) > 30  # nothing is counted up in them


def test_vectors_come_by_name_and_what_is_unknown_is_left_out(brought):
    one, other = photo(1), photo(2)
    names = [brought.keep(one), brought.keep(other)]
    assert brought.vectors([names[1], "x", names[0]]) == {names[0]: one.vector, names[1]: other.vector}


def test_several_threads_may_bring_photos_at_once(clock):
    brought = UploadStore(max_bytes=50 * SIZE, clock=clock)
    names = []

    def bring():
        for number in range(200):
            name = brought.keep(photo(number))
            brought.until([name])
            names.append(name)

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 800
    assert sum(brought.get(name) is not None for name in names) == 50


def test_what_is_kept_of_a_photo_is_the_small_square_that_the_network_saw():
    image = Image.new("RGB", (1200, 600), "red")
    image.paste("blue", (300, 0, 900, 600))
    kept = Upload(np.zeros(8, np.float32), preview_of(image))
    assert kept.image.mode == "RGB"
    assert kept.image.size == (PREVIEW_PIXELS, PREVIEW_PIXELS)
    assert np.abs(np.asarray(kept.image).astype(int) - (0, 0, 255)).mean() < 5
    assert len(preview_of(draw("harbor", 1))) < 40_000


def test_neither_the_picture_nor_the_vector_is_written_where_it_is_printed():
    printed = repr(Upload(np.full(8, 0.25, np.float32), b"secret"))
    assert "secret" not in printed
    assert "0.25" not in printed
