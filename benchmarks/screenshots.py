"""How well screenshots of a map are searched: `make bench-screenshots`. docs/figures.md quotes its tables.

Photos of UC Merced are turned into screenshots: set among any others, and among those of their class, shown
at the zooms and pixel ratios of real screens, with the overlays of a map page, and compressed as JPEG. Each
is then searched with its scale known, with its scale guessed, and as a photo.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.novelty import measure_novelty
from benchmarks.photo_maps import (
    LATITUDE,
    VIEW,
    draw_block_map,
    draw_photo_grid,
    draw_photo_map,
    jpeg_compressed,
)
from retrieval import Retriever
from retrieval.collections.artifacts import WEIGHTS
from retrieval.maps.crops import GIVEN, Scale, crop, middle_square
from retrieval.maps.land_use import HIDDEN, LandUse, embed_tiles, land_use
from retrieval.maps.locate import ScaleHints, locate
from retrieval.maps.overlays import find_overlays
from retrieval.maps.scale import TILE_METRES, metres_per_pixel
from retrieval.maps.screenshot import Screenshot
from retrieval.network import build_network
from retrieval.retriever import SHIPPED
from train.data import dataset
from train.data.dataset import LabeledImages

SEED = 4

#: Zoom and pixel ratio of the screens.
SCREENS = [(zoom, ratio) for zoom in (18, 19, 20) for ratio in (1, 2)]


def measure_search(retriever: Retriever, photos: LabeledImages, views_per_photo: int) -> None:
    """Print the P@1 of photos shown on maps, beside that of the photos themselves.

    Once among any others, where edges tell how large a photo is, and once among others of its class, as most
    places lie among their like.
    """
    for own_class in (False, True):
        _measure_among(retriever, photos, views_per_photo, own_class=own_class)


def _measure_among(
    retriever: Retriever, photos: LabeledImages, views_per_photo: int, *, own_class: bool
) -> None:
    embedder, collection = retriever.embedder, retriever.collection()
    rng = np.random.default_rng(SEED)
    hits: dict[str, list[bool]] = defaultdict(list)
    screens: list[tuple[int, int]] = []
    scale_errors: list[float] = []
    called_novel: dict[str, list[bool]] = defaultdict(list)
    with tqdm(total=len(photos.labels) * views_per_photo, desc="search", unit="screenshot") as bar:
        for row, label in enumerate(photos.labels):
            plain = retriever.search(photos.images[row], 1).neighbours[0].label == label
            for view in range(views_per_photo):
                zoom, ratio = SCREENS[(row + view * len(SCREENS) // views_per_photo) % len(SCREENS)]
                shown = draw_photo_map(photos, row, zoom, ratio, rng, own_class=own_class)
                picture = Screenshot(shown.image, None, find_overlays(shown.image), None)
                at = shown.square.x, shown.square.y
                known = locate(
                    embedder,
                    collection,
                    picture,
                    ScaleHints(zoom=zoom, latitude=LATITUDE, ratio=ratio),
                    at=at,
                )
                guess = locate(embedder, collection, picture, ScaleHints(), at=at)
                whole = retriever.embedder.embed([crop(shown.image, middle_square(shown.image.size))])[0]
                screens.append((zoom, ratio))
                hits["the photo itself"].append(plain)
                for name, vector in (
                    ("scale known", known.vector),
                    ("scale guessed", guess.vector),
                    ("as a photo", whole),
                ):
                    result = retriever.search_vector(vector, 1)
                    hits[name].append(result.neighbours[0].label == label)
                    called_novel[name].append(result.is_novel)
                scale_errors.append(abs(np.log2(guess.scale.metres_per_pixel / shown.metres_per_pixel)))
                bar.update()
    names = list(hits)
    among = "others of its class" if own_class else "any others"
    print(f"\n{len(screens)} screenshots of {len(photos.labels)} photos, each among {among}: P@1")
    print("| zoom, pixel ratio | n | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    groups = {f"{zoom}, {ratio}": [screen == (zoom, ratio) for screen in screens] for zoom, ratio in SCREENS}
    for title, chosen in {**groups, "**all**": [True] * len(screens)}.items():
        shares = " | ".join(f"{np.array(hits[name])[chosen].mean():.3f}" for name in names)
        print(f"| {title} | {sum(chosen)} | {shares} |")
    print(
        "\nA guessed scale is within a factor of 1.42 of the true one in "
        f"{np.mean(np.array(scale_errors) <= 0.506):.1%} of them; with the scale known, "
        f"{np.mean(called_novel['scale known']):.1%} are called unlike the collection, and with it guessed "
        f"{np.mean(called_novel['scale guessed']):.1%}."
    )


def area_shares(found: LandUse, plan: NDArray[np.str_]) -> tuple[float, float]:
    """The share of the visible area with the class of its photo, and the share called like nothing."""
    side = TILE_METRES / metres_per_pixel(LATITUDE, 18)
    width, height = found.tiles.grid.cell_size
    x, y = np.arange(VIEW[0]) + 0.5, np.arange(VIEW[1]) + 0.5
    left, top, right, bottom = found.tiles.grid.view
    x, y = x[(x > left) & (x < right)], y[(y > top) & (y < bottom)]
    cells = found.cells[np.ix_(((y - top) / height).astype(int), ((x - left) / width).astype(int))]
    truth = plan[np.ix_((y / side).astype(int), (x / side).astype(int))]
    names = np.array([*found.labels, "hidden", "unlike"])  # -2 and -1 count from the end
    visible = cells != HIDDEN
    return float((names[cells] == truth)[visible].mean()), float((names[cells] == "unlike")[visible].mean())


def measure_maps(retriever: Retriever, photos: LabeledImages, count: int) -> None:
    """Print the share of the area of composed screenshots whose class on the land-use map is right."""
    rng = np.random.default_rng(SEED)
    print("\n| land use, zoom 18 | area right | called like nothing |\n|---|---|---|")
    for block in (1, 2, 4):
        shares = []
        for _ in tqdm(range(count), desc=f"map, blocks of {block}", unit="screenshot", leave=False):
            image, plan = draw_block_map(photos, block, rng)
            scale = Scale(metres_per_pixel(LATITUDE, 18), GIVEN)
            tiles = embed_tiles(image, find_overlays(image), scale, retriever.embedder)
            shares.append(area_shares(land_use(tiles, retriever.collection()), plan))
        own, unlike = np.mean(shares, axis=0)
        blocks = f"blocks of {block * TILE_METRES:.0f} m of one class, {count} screenshots"
        print(f"| {blocks} | {own:.1%} | {unlike:.1%} |")


def measure_time(retriever: Retriever, photos: LabeledImages) -> None:
    """Print the seconds for a screenshot of 2560 x 1440 at zoom 19, and their ratio to the bare network's."""
    embedder, collection = retriever.embedder, retriever.collection()
    rng = np.random.default_rng(SEED)
    scale = Scale(metres_per_pixel(LATITUDE, 19), GIVEN)
    image = jpeg_compressed(draw_photo_grid(photos, (2560, 1440), scale.side, rng))
    network = build_network(SHIPPED / WEIGHTS).to(memory_format=torch.channels_last)
    batch = torch.randn(1, 3, 256, 256).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        network(batch)
        bare = np.median([_seconds(lambda: network(batch)) for _ in range(10)])
    overlays = find_overlays(image)
    picture = Screenshot(image, None, overlays, None)
    tiles = embed_tiles(image, overlays, scale, retriever.embedder)
    rows = {
        "find the overlays": lambda: find_overlays(image),
        "search a square, scale known": lambda: locate(
            embedder, collection, picture, ScaleHints(zoom=19, latitude=LATITUDE)
        ),
        "search a square, scale guessed": lambda: locate(embedder, collection, picture, ScaleHints()),
        f"embed {len(tiles.places)} tiles": lambda: embed_tiles(image, overlays, scale, retriever.embedder),
        "look them up": lambda: land_use(tiles, retriever.collection()),
    }
    print(f"\n2560 x 1440 pixels at zoom 19, {torch.get_num_threads()} threads")
    print("| step | seconds | of the bare network, one image |\n|---|---|---|")
    for name, step in rows.items():
        seconds = np.median([_seconds(step) for _ in range(3)])
        print(f"| {name} | {seconds:.2f} | {seconds / bare:.1f} |")


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
    parser.add_argument("--only", choices=["search", "map", "novelty", "time"], help="which part alone")
    options = parser.parse_args()
    retriever = Retriever.load(further=(), device="cpu")
    photos = dataset.read_part(options.part, in_memory=True)
    tables: dict[str, Callable[[], None]] = {
        "search": lambda: measure_search(retriever, photos, options.views),
        "map": lambda: measure_maps(retriever, photos, options.maps),
        "novelty": lambda: measure_novelty(retriever, photos),
        "time": lambda: measure_time(retriever, photos),
    }
    for name, make in tables.items():
        if options.only in (None, name):
            make()


if __name__ == "__main__":
    main()
