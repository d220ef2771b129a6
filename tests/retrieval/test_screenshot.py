"""An upload is a photo, to be searched whole, or a picture with overlays and perhaps a scale of its own."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image

from examples.map_pages.overlays import draw_overlays
from examples.scenes import draw
from retrieval.camera import SCREEN
from retrieval.decode_limits import BUSY, PLACES, BusyError
from retrieval.errors import Message
from retrieval.images import TOO_DEMANDING, DecodedImage, ImageError
from retrieval.maps import screenshot
from retrieval.maps.crops import COVERED, CoverageSums, Square, crop
from retrieval.maps.overlays import Overlays, find_overlays
from retrieval.maps.scale import METRES_PER_PIXEL, ScaleError
from retrieval.maps.screenshot import (
    KEPT_BYTES,
    LARGEST_PHOTO,
    Screenshot,
    forget_decoded,
    load_image,
    searched_part,
)


def of_size(width, height, view=None):
    overlays = Overlays(np.zeros((1, 1), bool), view or (0, 0, width, height), "imagery")
    return Screenshot(Image.new("RGB", (width, height)), None, overlays, None)


def saved(folder, image, name="upload.png"):
    image.save(folder / name)
    return str(folder / name)


def geotiff(folder, metres, size=(64, 64)):
    """An image in UTM zone 35N with pixels of so many metres."""
    keys = [1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32635, 3076, 0, 1, 9001]
    tags = [
        (33550, 12, 3, (metres, metres, 0.0), True),
        (33922, 12, 6, (0.0, 0.0, 0.0, 4e5, 4.9e6, 0.0), True),
        (34735, 3, len(keys), keys, True),
    ]
    pixels = np.asarray(draw("forest", 1).resize(size))
    path = folder / "ortho.tif"
    tifffile.imwrite(path, pixels, photometric="rgb", metadata=None, extratags=tags)
    return str(path)


@pytest.mark.parametrize(
    "size", [(256, 256), (LARGEST_PHOTO, LARGEST_PHOTO), (2000, LARGEST_PHOTO), (30, 900)]
)
def test_a_photo_is_searched_whole(tmp_path, size):
    drawn = draw("river", 1).resize(size)
    photo = load_image(saved(tmp_path, drawn))
    assert isinstance(photo, DecodedImage)
    assert photo.image.tobytes() == drawn.tobytes()
    assert (photo.note, photo.metres_per_pixel) == (None, None)


def test_a_screenshot_is_a_picture_with_its_overlays(tmp_path):
    view = draw("mediumresidential", 3).resize((700, 700))
    drawn, covered = draw_overlays(view, np.random.default_rng(4), 0.2, browser_window=True)
    picture = load_image(saved(tmp_path, drawn))
    assert isinstance(picture, Screenshot)
    assert picture.image.mode == "RGB"
    assert picture.image.tobytes() == drawn.tobytes()
    assert picture.overlays.content == "imagery"
    assert picture.overlays.mask.shape == (700, 700)
    assert picture.overlays.mask[covered].mean() > 0.6
    assert picture.overlays.map_area[1] >= 80  # the browser's window is no map
    assert picture.room == 700 - picture.overlays.map_area[1]
    assert (picture.note, picture.file_scale) == (None, None)


def test_a_geotiff_is_a_picture_of_any_size_with_its_own_scale(tmp_path):
    picture = load_image(geotiff(tmp_path, 0.5))
    assert isinstance(picture, Screenshot)
    assert picture.file_scale == pytest.approx(0.5, rel=1e-3)  # on the ground
    assert picture.image.size == (64, 64)
    assert picture.overlays.content == "imagery"


def test_a_scale_from_beside_the_file_makes_a_picture_of_a_photo(tmp_path):
    path = saved(tmp_path, draw("river", 1))
    assert isinstance(load_image(path), DecodedImage)
    assert load_image(path, 0.25).file_scale == 0.25


def test_a_scale_from_beside_the_file_goes_before_that_of_the_file(tmp_path):
    assert load_image(geotiff(tmp_path, 0.5), 0.25).file_scale == 0.25


def test_how_an_upload_was_read_is_kept(tmp_path):
    frames = [draw("river", seed).resize((450, 450)) for seed in (1, 2)]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    film = load_image(str(tmp_path / "film.gif"))
    assert isinstance(film, Screenshot)
    assert film.note == Message("This is an animation: only the first picture was searched.")
    frames[0].resize((64, 64)).save(tmp_path / "small.gif", save_all=True, append_images=frames[1:])
    photo = load_image(str(tmp_path / "small.gif"))
    assert isinstance(photo, DecodedImage)
    assert photo.note == film.note


def test_what_is_no_image_is_refused(tmp_path):
    (tmp_path / "words.png").write_text("no image")
    with pytest.raises(ImageError, match=r"\.$"):
        load_image(str(tmp_path / "words.png"))


def test_a_picture_stays_decoded_until_it_is_forgotten(tmp_path):
    path = saved(tmp_path, Image.new("RGB", (420, 420), "red"))
    first = load_image(path)
    assert load_image(path) is first
    assert load_image(path, 0.3) is not first
    forget_decoded()
    assert load_image(path) is not first


def test_what_stays_decoded_is_counted_with_its_mask(tmp_path):
    drawn = draw("mediumresidential", 3).resize((700, 700))
    picture = load_image(saved(tmp_path, drawn), 0.3)
    held = picture.overlays.mask.nbytes + 4 * 700 * 700
    assert held <= screenshot._bytes(picture) <= 2 * held
    assert screenshot._recent.bytes <= KEPT_BYTES


class Slow:
    """Decodes when it is told to, and counts who is at it."""

    def __init__(self, monkeypatch, errors=()):
        self.calls, self.at_work, self.most = [], 0, 0
        self.errors = list(errors)
        self.go, self.lock = threading.Event(), threading.Lock()
        monkeypatch.setattr(screenshot, "decode_untrusted", self)
        monkeypatch.setattr(screenshot, "find_overlays", self.overlays)
        self.waiting = 0
        one_budget = screenshot.one_budget

        def counted():
            with self.lock:
                self.waiting += 1
            return one_budget()

        monkeypatch.setattr(screenshot, "one_budget", counted)

    def __call__(self, path):
        with self.lock:
            self.calls.append(path)
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            error = self.errors.pop(0) if self.errors else None
        assert self.go.wait(60)
        if error:
            with self.lock:
                self.at_work -= 1
            raise error
        return DecodedImage(Image.new("RGB", (500, 500)), made_by=SCREEN)

    def overlays(self, image):
        with self.lock:
            self.at_work -= 1
        return Overlays(np.zeros((1, 1), bool), (0, 0, *image.size), "imagery")

    def outcomes(self, paths):
        """What each of those gets who ask for these at the same time, in threads of their own."""
        at_work = min(PLACES, len(set(paths)))
        with ThreadPoolExecutor(len(paths)) as threads:
            asked = [threads.submit(load_image, path) for path in paths]
            for _ in range(6000):
                if len(self.calls) >= at_work and self.waiting >= len(paths) - len(set(paths)):
                    break
                time.sleep(0.01)
            self.go.set()
            return [each.exception(60) or each.result() for each in asked]


def test_who_asks_for_a_file_that_is_being_read_waits_for_that(monkeypatch):
    forget_decoded()
    slow = Slow(monkeypatch)
    outcomes = slow.outcomes(["same.png"] * 6)
    assert slow.calls == ["same.png"]
    assert len(set(map(id, outcomes))) == 1
    assert isinstance(outcomes[0], Screenshot)


def test_who_waited_for_a_file_that_cannot_be_used_is_told_so_without_another_try(monkeypatch):
    forget_decoded()
    slow = Slow(monkeypatch, [ImageError(TOO_DEMANDING)])
    outcomes = slow.outcomes(["same.png"] * 6)
    assert slow.calls == ["same.png"]
    assert {outcome.message for outcome in outcomes} == {TOO_DEMANDING}
    assert isinstance(load_image("same.png"), Screenshot)  # nobody is kept from trying again later


def test_who_waited_for_another_that_found_no_place_tries_in_turn(monkeypatch):
    forget_decoded()
    slow = Slow(monkeypatch, [BusyError(BUSY)])
    outcomes = slow.outcomes(["same.png"] * 6)
    assert slow.calls == ["same.png"] * 2
    assert sum(isinstance(outcome, Screenshot) for outcome in outcomes) == 5
    forget_decoded()


def test_few_pictures_are_worked_on_at_a_time(monkeypatch):
    forget_decoded()
    slow = Slow(monkeypatch)
    outcomes = slow.outcomes([f"{number}.png" for number in range(8)])
    assert len(slow.calls) == 8
    assert slow.most == PLACES
    assert all(isinstance(outcome, Screenshot) for outcome in outcomes)
    forget_decoded()


@pytest.mark.parametrize(
    ("size", "ratio"),
    [
        ((390, 844), 1),
        ((750, 1334), 2),
        ((828, 1792), 2),
        ((1080, 2340), 3),
        ((1179, 2556), 3),
        ((1440, 3200), 4),
        ((300, 700), 1),
        ((1440, 900), 1),
        ((1920, 1080), 1),
        ((2560, 1440), 1),
        ((2880, 1800), 2),
        ((3840, 2160), 2),
        ((1000, 1000), 1),
    ],
)
def test_the_pixel_ratio_is_that_of_screens_of_this_size(size, ratio):
    assert of_size(*size).probable_pixel_ratio == ratio


def test_the_room_is_the_shorter_side_of_the_map():
    assert of_size(1440, 900).room == 900
    assert of_size(1440, 900, (400, 80, 1440, 860)).room == 780
    assert of_size(1440, 900, (1000, 80, 1440, 860)).room == 440


def test_of_a_screenshot_of_a_known_scale_78_metres_near_the_middle_are_cropped():
    noise = np.random.default_rng(3).integers(90, 160, (700, 900, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    found, square = searched_part(DecodedImage(picture), METRES_PER_PIXEL / 2)
    assert square == Square(450, 350, 512)
    assert found.tobytes() == crop(picture, square).tobytes()
    picture.paste((255, 255, 255), (350, 250, 550, 450))  # a box in the middle
    _, beside = searched_part(DecodedImage(picture), METRES_PER_PIXEL)
    assert beside.side == pytest.approx(256)
    assert beside != Square(450, 350, beside.side)
    assert CoverageSums(find_overlays(picture).mask).of(beside) <= COVERED
    with pytest.raises(ScaleError, match="too coarse"):
        searched_part(DecodedImage(picture), 10)
