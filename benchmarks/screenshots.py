"""How well screenshots of a map are searched: `make bench-screenshots`.

Photos of UC Merced are turned into screenshots: set among others of their part, shown at the zooms and pixel
ratios of real screens, with map furniture drawn over, and compressed as JPEG. Then each is searched with its
scale known, with its scale guessed, and as a photo. docs/screenshots.md is what this prints.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from examples.map_pages.map_window import draw_furniture
from examples.map_pages.street_map import draw_blank, draw_street_map
from retrieval import Retriever
from retrieval.collections.artifacts import WEIGHTS
from retrieval.images import decode
from retrieval.maps.crops import GIVEN, PIXELS, Scale, Square, cut, middle
from retrieval.maps.land_use import HIDDEN, LandUse, embed_tiles, land_use
from retrieval.maps.locate import Said, read
from retrieval.maps.overlays import find
from retrieval.maps.scale import METRES_PER_PIXEL, TILE, metres_per_pixel
from retrieval.maps.screenshot import Picture
from retrieval.network import build_network
from retrieval.retriever import SHIPPED
from train.data import dataset
from train.data.dataset import LabeledImages

LATITUDE = 44.43
SEED = 4

#: (zoom, pixel ratio) of a view of 1440 x 900 pixels of the map.
VIEWS = [(zoom, ratio) for zoom in (18, 19, 20) for ratio in (1, 2)]
VIEW = (1440, 900)


@dataclass(frozen=True)
class Shot:
    """A photo as a screenshot.

    Attributes:
        image: The screenshot.
        square: Where the photo is in it.
        metres_per_pixel: Of the screenshot.
        zoom: Of the map.
        ratio: Of the screen.
    """

    image: Image.Image
    square: Square
    metres_per_pixel: float
    zoom: int
    ratio: int


def screenshot(photos: LabeledImages, row: int, zoom: int, ratio: int, rng: np.random.Generator) -> Shot:
    """A photo among others of its part, as a map would show them.

    The photo lies somewhere in the middle half of the view. Panels and labels may hide its outer tenths: who
    searches a place has it on the screen.
    """
    scale = metres_per_pixel(LATITUDE, zoom, ratio)
    width, height = (side * ratio for side in VIEW)
    side = PIXELS * METRES_PER_PIXEL / scale
    x, y = (rng.uniform(0.5, 1.5) * room / 2 for room in (width, height))
    square = Square(x, y, side).within((0, 0, width, height))
    left, top = square.box[:2]
    picture = Image.new("RGB", (width, height))
    first_column, first_row = -int(np.ceil(left / side)), -int(np.ceil(top / side))
    for down in range(first_row, int(np.ceil((height - top) / side))):
        for across in range(first_column, int(np.ceil((width - left) / side))):
            here = down == 0 and across == 0
            photo = photos.images[row if here else int(rng.integers(len(photos.labels)))]
            edges = [round(left + n * side) for n in (across, across + 1)]
            edges += [round(top + n * side) for n in (down, down + 1)]
            shown = photo.resize((edges[1] - edges[0], edges[3] - edges[2]), Image.Resampling.BICUBIC)
            picture.paste(shown, (edges[0], edges[2]))
    inner = replace(square, side=0.8 * side)
    left, top, right, bottom = (round(edge) for edge in inner.box)
    picture, _ = draw_furniture(picture, rng, scale, ratio, keep_clear=(left, top, right, bottom))
    return Shot(_compressed(picture), square, scale, zoom, ratio)


def _compressed(picture: Image.Image) -> Image.Image:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=80)
    return Image.open(data).convert("RGB")


def search_shots(retriever: Retriever, photos: LabeledImages, views_each: int) -> None:
    """P@1 of photos as screenshots, beside the photos themselves."""
    rng = np.random.default_rng(SEED)
    right: dict[str, list[bool]] = defaultdict(list)
    shown: list[tuple[int, int]] = []
    off, novel = [], []
    with tqdm(total=len(photos.labels) * views_each, desc="search", unit="screenshot") as bar:
        for row, label in enumerate(photos.labels):
            plain = retriever.search(photos.images[row], 1).neighbours[0].label == label
            for view in range(views_each):
                zoom, ratio = VIEWS[(row + view * len(VIEWS) // views_each) % len(VIEWS)]
                shot = screenshot(photos, row, zoom, ratio, rng)
                picture = Picture(shot.image, "", find(shot.image), None)
                at = shot.square.x, shot.square.y
                known = read(retriever, picture, Said(zoom=zoom, latitude=LATITUDE, ratio=ratio), at=at)
                guess = read(retriever, picture, Said(), at=at)
                whole = retriever.embedder.embed([cut(shot.image, middle(shot.image.size))])[0]
                shown.append((zoom, ratio))
                right["the photo itself"].append(plain)
                for name, vector in (
                    ("scale known", known.vector),
                    ("scale guessed", guess.vector),
                    ("as a photo", whole),
                ):
                    result = retriever.search_vector(vector, 1)
                    right[name].append(result.neighbours[0].label == label)
                    if name == "scale known":
                        novel.append(result.is_novel)
                off.append(abs(np.log2(guess.scale.metres_per_pixel / shot.metres_per_pixel)))
                bar.update()
    names = list(right)
    print(f"\n{len(shown)} screenshots of {len(photos.labels)} photos, P@1")
    print("| zoom, pixel ratio | n | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    groups = {f"{zoom}, {ratio}": [each == (zoom, ratio) for each in shown] for zoom, ratio in VIEWS}
    for title, chosen in {**groups, "**all**": [True] * len(shown)}.items():
        shares = " | ".join(f"{np.array(right[name])[chosen].mean():.3f}" for name in names)
        print(f"| {title} | {sum(chosen)} | {shares} |")
    print(
        "\nA guessed scale is within a factor of 1.42 of the true one in "
        f"{np.mean(np.array(off) <= 0.506):.1%} of them; with the scale known, {np.mean(novel):.1%} are "
        "called unlike the collection."
    )


def composed(
    photos: LabeledImages, block: int, rng: np.random.Generator
) -> tuple[Image.Image, NDArray[np.str_]]:
    """A screenshot at zoom 18 of blocks of photos of one class, and the class of each of its pixels' photos.

    Returns:
        The picture, and the class of each photo: (rows, columns), the first at the upper left corner.
    """
    side = TILE / metres_per_pixel(LATITUDE, 18)
    columns, rows = (int(np.ceil(room / side)) for room in VIEW)
    labels, classes = np.array(photos.labels), sorted(set(photos.labels))
    picture = Image.new("RGB", VIEW)
    blocks = rng.choice(classes, (rows // block + 1, columns // block + 1))
    plan = blocks.repeat(block, 0).repeat(block, 1)
    for row in range(rows):
        for column in range(columns):
            photo = photos.images[int(rng.choice(np.flatnonzero(labels == plan[row, column])))]
            left, top = round(column * side), round(row * side)
            size = (round((column + 1) * side) - left, round((row + 1) * side) - top)
            picture.paste(photo.resize(size, Image.Resampling.BICUBIC), (left, top))
    picture, _ = draw_furniture(picture, rng, metres_per_pixel(LATITUDE, 18))
    return _compressed(picture), plan


def area_right(found: LandUse, plan: NDArray[np.str_]) -> tuple[float, float]:
    """The share of the seen area that has its own class, and the share called like nothing."""
    side = TILE / metres_per_pixel(LATITUDE, 18)
    width, height = found.tiles.grid.cell_size
    x, y = np.arange(VIEW[0]) + 0.5, np.arange(VIEW[1]) + 0.5
    left, top, right, bottom = found.tiles.grid.view
    x, y = x[(x > left) & (x < right)], y[(y > top) & (y < bottom)]
    cells = found.cells[np.ix_(((y - top) / height).astype(int), ((x - left) / width).astype(int))]
    truth = plan[np.ix_((y / side).astype(int), (x / side).astype(int))]
    names = np.array([*found.labels, "hidden", "unlike"])  # -2 and -1 count from the end
    seen = cells != HIDDEN
    return float((names[cells] == truth)[seen].mean()), float((names[cells] == "unlike")[seen].mean())


def map_shots(retriever: Retriever, photos: LabeledImages, count: int) -> None:
    """The share of the area of composed screenshots that the land-use map gives its own class."""
    rng = np.random.default_rng(SEED)
    print("\n| land use, zoom 18 | area right | called like nothing |\n|---|---|---|")
    for block in (1, 2, 4):
        figures = []
        for _ in tqdm(range(count), desc=f"map, blocks of {block}", unit="screenshot", leave=False):
            image, plan = composed(photos, block, rng)
            scale = Scale(metres_per_pixel(LATITUDE, 18), GIVEN)
            tiles = embed_tiles(image, find(image), scale, retriever.embedder)
            figures.append(area_right(land_use(tiles, retriever.collection()), plan))
        own, unlike = np.mean(figures, axis=0)
        print(
            f"| blocks of {block * TILE:.0f} m of one class, {count} screenshots | {own:.1%} | {unlike:.1%} |"
        )


def strangers() -> list[tuple[str, str, Image.Image]]:
    """Pictures that are not of the ground: kind, name, image."""
    import matplotlib
    import skimage
    import sklearn

    folders = (
        Path(skimage.__file__).parent / "data",
        Path(sklearn.__file__).parent / "datasets" / "images",
        Path(matplotlib.get_data_path()) / "sample_data",
    )
    found = [
        ("pictures of packages", path.name, decode(path).image)
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.suffix in (".png", ".jpg", ".gif")
    ]
    rng = np.random.default_rng(SEED)
    for number in range(20):
        cells = int(2 ** rng.integers(1, 9))
        noise = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        enlarged = noise.resize((256, 256), Image.Resampling.BICUBIC)
        found.append(("noise", f"noise of {cells} x {cells}", enlarged))
        found.append(("street maps", f"street map {number}", draw_street_map(number, (512, 512))))
        found.append(("maps without imagery", f"blank map {number}", draw_blank(number, (512, 512))))
    return found


def measure_novelty(retriever: Retriever, photos: LabeledImages) -> None:
    """AUROC of the novelty of photos that belong to the collection against pictures that do not."""
    others = strangers()

    def nearest(images: list[Image.Image]) -> NDArray[np.float32]:
        distances, _ = retriever.collection().index.search(retriever.embedder.embed(images), 1)
        return distances[:, 0]

    own = nearest(list(photos.images))
    far = nearest([image for _, _, image in others])
    calibration = retriever.collection().calibration
    assert calibration is not None  # the shipped collection has one
    threshold = calibration.threshold
    print("\n| novelty, against the photos | n | AUROC | called unlike the collection |\n|---|---|---|---|")
    kinds = np.array([kind for kind, _, _ in others])
    for kind in [*dict.fromkeys(kinds.tolist()), "all of these"]:
        chosen = far[(kinds == kind) | (kind == "all of these")]
        auroc = roc_auc_score(np.r_[np.zeros(len(own)), np.ones(len(chosen))], np.r_[own, chosen])
        print(f"| {kind} | {len(chosen)} | {auroc:.3f} | {(chosen > threshold).mean():.1%} |")
    print(f"| the photos themselves | {len(own)} | | {(own > threshold).mean():.1%} |")
    closest = sorted(zip(far.tolist(), (name for _, name, _ in others), strict=True))[:5]
    print("Closest to the collection: " + ", ".join(f"{name} {distance:.2f}" for distance, name in closest))


def time_shot(retriever: Retriever, photos: LabeledImages) -> None:
    """Seconds for a screenshot of 2560 x 1440 at zoom 19, and their ratio to the bare network's."""
    rng = np.random.default_rng(SEED)
    scale = Scale(metres_per_pixel(LATITUDE, 19), GIVEN)
    image = _compressed(_carpet(photos, (2560, 1440), scale.side, rng))
    network = build_network(SHIPPED / WEIGHTS).to(memory_format=torch.channels_last)
    batch = torch.randn(1, 3, 256, 256).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        network(batch)
        bare = np.median([_seconds(lambda: network(batch)) for _ in range(10)])
    furniture = find(image)
    picture = Picture(image, "", furniture, None)
    tiles = embed_tiles(image, furniture, scale, retriever.embedder)
    rows = {
        "find the furniture": lambda: find(image),
        "search a square, scale known": lambda: read(retriever, picture, Said(zoom=19, latitude=LATITUDE)),
        "search a square, scale guessed": lambda: read(retriever, picture, Said()),
        f"embed {len(tiles.places)} tiles": lambda: embed_tiles(image, furniture, scale, retriever.embedder),
        "look them up": lambda: land_use(tiles, retriever.collection()),
    }
    print(f"\n2560 x 1440 pixels at zoom 19, {torch.get_num_threads()} threads")
    print("| step | seconds | of the bare network, one image |\n|---|---|---|")
    for name, step in rows.items():
        seconds = np.median([_seconds(step) for _ in range(3)])
        print(f"| {name} | {seconds:.2f} | {seconds / bare:.1f} |")


def _carpet(
    photos: LabeledImages, size: tuple[int, int], side: float, rng: np.random.Generator
) -> Image.Image:
    """Photos side by side, each of `side` pixels."""
    picture = Image.new("RGB", size)
    step = round(side)
    for top in range(0, size[1], step):
        for left in range(0, size[0], step):
            photo = photos.images[int(rng.integers(len(photos.labels)))]
            picture.paste(photo.resize((step, step), Image.Resampling.BICUBIC), (left, top))
    return picture


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screenshots", description=__doc__)
    parser.add_argument("--part", choices=["validation", "test"], default="test", help="(%(default)s)")
    parser.add_argument("--views", type=int, default=1, help="screenshots of each photo (%(default)s)")
    parser.add_argument("--maps", type=int, default=3, help="composed screenshots of a kind (%(default)s)")
    parser.add_argument("--only", choices=["search", "map", "novelty", "time"], help="one of the four tables")
    options = parser.parse_args()
    retriever = Retriever.load(further=(), device="cpu")
    photos = dataset.read_part(options.part, in_memory=True)
    tables: dict[str, Callable[[], None]] = {
        "search": lambda: search_shots(retriever, photos, options.views),
        "map": lambda: map_shots(retriever, photos, options.maps),
        "novelty": lambda: measure_novelty(retriever, photos),
        "time": lambda: time_shot(retriever, photos),
    }
    for name, make in tables.items():
        if options.only in (None, name):
            make()


if __name__ == "__main__":
    main()
