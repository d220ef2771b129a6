"""UC Merced Land Use: find its folder, check that it is complete, and split it into 70/15/15 per cent.

Yi Yang and Shawn Newsam, 'Bag-Of-Visual-Words and Spatial Extensions for Land-Use Classification', ACM
SIGSPATIAL GIS 2010. 21 classes of 100 images, 0.3048 m per pixel; source imagery USGS National Map.
"""

from __future__ import annotations

import random
from pathlib import Path

from retrieval.collections.photos import HubArchive, PhotoFolder, PhotoSource, download

NAME = "ucmerced"
TITLE = "UC Merced Land Use"
CLASSES = (
    "agricultural", "airplane", "baseballdiamond", "beach", "buildings", "chaparral", "denseresidential",
    "forest", "freeway", "golfcourse", "harbor", "intersection", "mediumresidential", "mobilehomepark",
    "overpass", "parkinglot", "river", "runway", "sparseresidential", "storagetanks", "tenniscourt",
)  # fmt: skip
IMAGES_PER_CLASS = 100

SOURCE = PhotoSource(
    environment="UCMERCED_DIR",
    beside="../shared/data/ucmerced",
    archive=HubArchive(
        repository="torchgeo/ucmerced",
        revision="7c5ef3454d9b1cccfa7ccde0c01fc8f00a45909a",
        file="UCMerced_LandUse.zip",
        sha256="06c539ef28703a58fb07bd2837991ac7c48b813b00bb12ac197efd813a18daeb",
        bytes=332_468_434,
        folder="UCMerced_LandUse/Images",
    ),
)

SPLITS = Path(__file__).resolve().parent / "splits"
PARTS = {"train": 70, "validation": 15, "test": 15}  # per cent of each class
SPLIT_SEED = 2026
#: The division whose parts are committed, and others, see `divide`.
COMMITTED = "committed"
FOLDS = 5
HALVES = "50-50"
DIVISIONS = (*(f"fold-{number}" for number in range(1, FOLDS + 1)), HALVES)


class DataError(ValueError):
    """A data set cannot be used. The message says which file or folder, what is wrong and what to do."""


def find_folder(root: Path | None = None, *, fetch: bool = True) -> PhotoFolder:
    """Find the folder of the data set: the given one, else one of the usual places, else a download.

    Args:
        root: A folder of 21 class folders; if given, no other place is tried.
        fetch: Whether to download the data set if it is in none of the usual places.

    Raises:
        DataError: If the folder is incomplete, or none is found and `fetch` is false.
        retrieval.collections.photos.DownloadError: If the download fails.
    """
    for folder in [root] if root else SOURCE.folders(NAME, Path()):
        if root or folder.is_dir():
            return _check_complete(folder)
    if not fetch or SOURCE.archive is None:
        raise DataError(
            "UC Merced is in none of its usual places: name its folder with --root, or download it."
        )
    return _check_complete(download(NAME, SOURCE.archive))


def _check_complete(root: Path) -> PhotoFolder:
    """The folder, in which all 2,100 images are. Raises DataError where one is missing."""
    if not root.is_dir():
        raise DataError(f"There is no folder {root}: name the folder that holds the 21 class folders.")
    missing = [name for name in CLASSES if not (root / name).is_dir()]
    if missing:
        raise DataError(
            f"{root} lacks the class folder '{missing[0]}' ({len(missing)} of {len(CLASSES)} are missing)."
        )
    folder = PhotoFolder(root)
    names = file_names()
    absent = [name for name in names if not folder.find(name)]
    if absent:
        raise DataError(
            f"{root} lacks {len(absent)} of {len(names)} images, first {absent[0]}: get the data again."
        )
    return folder


def file_names() -> list[str]:
    """The names of all 2,100 images, such as 'airplane/airplane00.tif'."""
    return [f"{name}/{name}{number:02d}.tif" for name in CLASSES for number in range(IMAGES_PER_CLASS)]


def make_split(names: list[str], seed: int = SPLIT_SEED) -> dict[str, list[str]]:
    """Divide images at random, each class in the proportions of `PARTS`.

    Args:
        names: 'class/name.suffix'.
        seed: Of the random order; the same seed and names give the same split.

    Returns:
        'train', 'validation' and 'test' -> sorted names. What is left over by rounding goes to 'train'.
    """
    rng = random.Random(seed)
    split: dict[str, list[str]] = {part: [] for part in PARTS}
    for label in sorted({name.split("/")[0] for name in names}):
        members = sorted(name for name in names if name.split("/")[0] == label)
        rng.shuffle(members)
        held_out = {part: len(members) * PARTS[part] // 100 for part in ("validation", "test")}
        for part, count in held_out.items():
            split[part] += members[:count]
            members = members[count:]
        split["train"] += members
    return {part: sorted(members) for part, members in split.items()}


def divide(names: list[str], division: str) -> dict[str, list[str]]:
    """Divide images as others do in print: five folds, or halves.

    Args:
        names: 'class/name.suffix'.
        division: 'fold-1' to 'fold-5': a fifth is the test, each image in one of the folds (so that each fold
            is a division into 80 and 20 per cent); '50-50': a half is the test.

    Returns:
        'train', 'validation' and 'test' -> sorted names. A twentieth of each class is taken from what is left
        for training to choose the best epoch.

    Raises:
        DataError: If there is no such division.
    """
    if division not in DIVISIONS:
        raise DataError(f"There is no division '{division}': choose one of {', '.join(DIVISIONS)}.")
    split: dict[str, list[str]] = {part: [] for part in PARTS}
    rng = random.Random(SPLIT_SEED)
    for label in sorted({name.split("/")[0] for name in names}):
        members = sorted(name for name in names if name.split("/")[0] == label)
        rng.shuffle(members)
        if division == HALVES:
            first, last = 0, len(members) // 2
        else:
            fold = int(division.removeprefix("fold-"))
            first, last = ((number * len(members)) // FOLDS for number in (fold - 1, fold))
        rest = members[last:] + members[:first]  # what follows the test, so that validation differs by fold
        held_out = max(1, len(members) // 20)
        split["test"] += members[first:last]
        split["validation"] += rest[:held_out]
        split["train"] += rest[held_out:]
    return {part: sorted(members) for part, members in split.items()}


def read_split(part: str, division: str = COMMITTED) -> list[str]:
    """The names of 'train', 'validation' or 'test' in the committed split, or another division of UC Merced.

    Raises:
        DataError: If there is no such part or division.
    """
    if division != COMMITTED and part in PARTS:
        return divide(file_names(), division)[part]
    path = SPLITS / f"{part}.txt"
    if not path.is_file():
        raise DataError(f"There is no split '{part}' ({path} is missing): choose one of {', '.join(PARTS)}.")
    return path.read_text(encoding="utf-8").split()


def write_split() -> None:
    """Write the split of `SPLIT_SEED` as the text files that are committed."""
    SPLITS.mkdir(exist_ok=True)
    for part, members in make_split(file_names()).items():
        (SPLITS / f"{part}.txt").write_text("\n".join(members) + "\n", encoding="utf-8")
