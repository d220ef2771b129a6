"""A folder of photos as people have it: nested, of many formats, names twice, and what is no photo."""

import os
from pathlib import Path

from PIL import Image

from examples.scenes import CLASSES, draw

#: Paths of photos that can be read, in the order of the catalogue.
PHOTOS = [
    "2019/IMG 1.jpg",
    "2019/summer/IMG 1.jpg",
    "2019/summer/IMG 1.png",
    "2019/summer/été à la mer\u202f.webp",
    "IMG 1.tif",
    "upper.JPG",
]


def scene(number: int, size: int = 64) -> Image.Image:
    return draw(CLASSES[number % len(CLASSES)], number, size)


def write_photos(folder: Path, files=PHOTOS, size: int = 64, first: int = 0, age: float = 100) -> Path:
    """Drawn scenes, each another; as old as most photos are, so that their times say whether they changed."""
    for number, file in enumerate(files, first):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        scene(number, size).save(path)
        make_older(path, age)
    return folder


def enlarge(folder: Path, side: int = 1600) -> Path:
    """Make all photos so large that reading them takes a while, so that a run can be stopped among them."""
    for path in sorted(folder.rglob("*.jpg")):
        with Image.open(path) as photo:
            larger = photo.resize((side, side))
        larger.save(path)
        make_older(path)
    return folder


def make_older(path: Path, seconds: float = 100):
    status = path.stat()
    moved = status.st_mtime_ns - round(seconds * 1e9)
    os.utime(path, ns=(moved, moved))


def write_troubles(folder: Path) -> dict[str, str]:
    """What cannot be in a collection -> a word of why; beside it, what is passed over without a word."""
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no photo")
    (folder / "empty.png").touch()
    (folder / "page.png").write_bytes(b"<!DOCTYPE html><html></html>")
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "self.jpg").symlink_to("self.jpg")
    (folder / "gone.jpg").symlink_to("nowhere.jpg")
    (folder / "link.jpg").symlink_to(folder / "upper.JPG")
    (folder / "outside.jpg").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "back\\slash.jpg").write_bytes(b"")
    (folder / "turned\u202egpj.png").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.jpg")).write_bytes(b"")
    for hidden in (".git/objects/a.png", ".hidden.jpg", "@eaDir/small.jpg"):
        (folder / hidden).parent.mkdir(parents=True, exist_ok=True)
        scene(1).save(folder / hidden)
    (folder / "notes.txt").write_text("no photo")
    return {
        "back\\slash.jpg": "without '/'",
        "broken.jpg": "damaged",
        "caf\\xe9.jpg": "not UTF-8",
        "empty.png": "empty",
        "gone.jpg": "nowhere",
        "link.jpg": "not followed",
        "outside.jpg": "not followed",
        "page.png": "web page",
        "pipe.jpg": "no file",
        "self.jpg": "cannot be followed",
        "sub/loop": "not followed",
        "turned\\u202egpj.png": "control characters",
    }
