"""A collection of one orthophoto's tiles, without the network: scenes side by side, and their vectors."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from retrieval.collections.artifacts import (
    CATALOGUE,
    GROUPS,
    INDEX,
    MAP,
    PLACES,
    read_manifest,
    write_manifest,
)
from retrieval.collections.catalogue import read_catalogue, write_catalogue
from retrieval.collections.embedding_map import read_coordinates, write_coordinates
from retrieval.collections.photos import PhotoSource
from retrieval.collections.places import Place, write_places
from retrieval.images import decode, pixel_sha256
from retrieval.index import VectorIndex
from retrieval.raster_windows import open_raster
from retrieval.retriever import SHIPPED_SCENES

ACROSS, SIDE = 6, 256  # tiles along each side of the raster, and pixels along each side of a tile
PART = 7  # every seventh scene, so that classes differ


def write_tiled(folder: Path, photos: Path) -> Path:
    """36 scenes as one GeoTIFF, 'ortho.tif'. $AERIAL_CACHE has to be the page's own."""
    folder.mkdir(parents=True)
    photos.mkdir(parents=True)
    scenes = read_catalogue(SHIPPED_SCENES / CATALOGUE)[::PART][: ACROSS**2]
    pixels = np.zeros((3, ACROSS * SIDE, ACROSS * SIDE), np.uint8)
    windows = []
    for number, scene in enumerate(scenes):
        left, top = number % ACROSS * SIDE, number // ACROSS * SIDE
        picture = np.asarray(decode(SHIPPED_SCENES / "photos" / scene.file).image)
        pixels[:, top : top + SIDE, left : left + SIDE] = picture.transpose(2, 0, 1)
        windows.append((left, top, left + SIDE, top + SIDE))
    raster = photos / "ortho.tif"
    with rasterio.open(
        raster, "w", driver="GTiff", count=3, height=pixels.shape[1], width=pixels.shape[2], dtype="uint8",
        photometric="rgb", tiled=True, crs="EPSG:32635", transform=from_origin(427_000, 4_920_000, 0.3, 0.3),
    ) as target:  # fmt: skip
        target.write(pixels)
    with open_raster(raster) as opened:
        look = opened.look()
        sums = [pixel_sha256(opened.read(window, look)[0]) for window in windows]
        footprints = opened.footprints(windows)
    names = [f"ortho.tif/{number // ACROSS:04d}-{number % ACROSS:04d}" for number in range(ACROSS**2)]
    write_catalogue(
        folder / CATALOGUE,
        [
            replace(scene, id=name, file="ortho.tif", sha256=total, label=f"group {1 + number % 2}")
            for number, (scene, name, total) in enumerate(zip(scenes, names, sums, strict=True))
        ],
    )
    write_places(
        folder / PLACES,
        [Place(window, footprint) for window, footprint in zip(windows, footprints, strict=True)],
    )
    vectors = VectorIndex.load(SHIPPED_SCENES / INDEX, gpu=False).vectors()
    count = len(vectors)
    VectorIndex.build(vectors[::PART][: ACROSS**2]).save(folder / INDEX)
    write_coordinates(folder / MAP, read_coordinates(SHIPPED_SCENES / MAP, count)[::PART][: ACROSS**2])
    source = {key: value for key, value in asdict(PhotoSource.of_folder(photos)).items() if value}
    manifest = replace(
        read_manifest(SHIPPED_SCENES),
        name="mine", title="My orthophoto", count=ACROSS**2, photos=source, labels=GROUPS,
    )  # fmt: skip
    write_manifest(folder, manifest)
    return folder
