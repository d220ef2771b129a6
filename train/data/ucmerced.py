"""UC Merced Land Use: where it is, whether it is whole, and its split into 70/15/15 per cent.

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


class DataError(ValueError):
    """A data set cannot be used. The message says which file or folder, what is wrong and what to do."""


def find(root: Path | None = None, *, fetch: bool = True) -> PhotoFolder:
    """The data set's folder: the one named, else the usual places, else a download.

    Args:
        root: A folder of 21 class folders; a named folder is the only one tried.
        fetch: Whether to download where it is nowhere.

    Raises:
        DataError: If the folder is not whole, or none is found and `fetch` is false.
        retrieval.collections.photos.DownloadError: If the download fails.
    """
    for place in [root] if root else SOURCE.folders(NAME, Path()):
        if root or place.is_dir():
            return _whole(place)
    if not fetch or SOURCE.archive is None:
        raise DataError(
            "UC Merced is in none of its usual places: name its folder with --root, or download it."
        )
    return _whole(download(NAME, SOURCE.archive))


def _whole(root: Path) -> PhotoFolder:
    if not root.is_dir():
        raise DataError(f"There is no folder {root}: name the folder that holds the 21 class folders.")
    missing = [name for name in CLASSES if not (root / name).is_dir()]
    if missing:
        raise DataError(
            f"{root} lacks the class folder '{missing[0]}' ({len(missing)} of {len(CLASSES)} are missing)."
        )
    found = PhotoFolder(root)
    absent = [file for file in files() if not found.find(file)]
    if absent:
        raise DataError(
            f"{root} lacks {len(absent)} of {len(files())} images, first {absent[0]}: get the data again."
        )
    return found


def files() -> list[str]:
    """The names of all 2,100 images as the data set has them, such as 'airplane/airplane00.tif'."""
    return [f"{name}/{name}{number:02d}.tif" for name in CLASSES for number in range(IMAGES_PER_CLASS)]


def make_split(names: list[str], seed: int = SPLIT_SEED) -> dict[str, list[str]]:
    """Divide images by chance, each class in the proportions of `PARTS`.

    Args:
        names: 'class/name.suffix'.
        seed: The same seed and names give the same split.

    Returns:
        For 'train', 'validation' and 'test' the sorted names. The remainder of a division goes to train.
    """
    chance = random.Random(seed)
    split: dict[str, list[str]] = {part: [] for part in PARTS}
    for label in sorted({name.split("/")[0] for name in names}):
        members = sorted(name for name in names if name.split("/")[0] == label)
        chance.shuffle(members)
        held_out = {part: len(members) * PARTS[part] // 100 for part in ("validation", "test")}
        for part, count in held_out.items():
            split[part] += members[:count]
            members = members[count:]
        split["train"] += members
    return {part: sorted(members) for part, members in split.items()}


def read_split(part: str) -> list[str]:
    """The committed names of 'train', 'validation' or 'test'."""
    path = SPLITS / f"{part}.txt"
    if not path.is_file():
        raise DataError(f"There is no split '{part}' ({path} is missing): choose one of {', '.join(PARTS)}.")
    return path.read_text(encoding="utf-8").split()


def write_split() -> None:
    """Write the text files that are committed: made once, from `SPLIT_SEED`."""
    SPLITS.mkdir(exist_ok=True)
    for part, members in make_split(files()).items():
        (SPLITS / f"{part}.txt").write_text("\n".join(members) + "\n", encoding="utf-8")
