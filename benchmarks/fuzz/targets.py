"""What is fuzzed: for each target, how a case is made of its number, and what is done with it.

Only public functions are called, as the page calls them. A case is bytes, so that it can be kept as a file.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import faiss
import numpy as np

from benchmarks.fuzz import seeds
from benchmarks.fuzz.mutations import spoil, spoil_json, spoil_png, spoil_text, spoil_tiff
from benchmarks.fuzz.worker import Target
from retrieval.collections.artifacts import CATALOGUE, INDEX, MANIFEST, MAP, SCALE, write_manifest
from retrieval.collections.collection import Collection
from retrieval.images import MAX_PIXELS, decode, decode_open, decode_square
from retrieval.index import VectorIndex
from retrieval.maps.links import read_link
from retrieval.query import MAX_NEIGHBOURS, Query
from retrieval.raster_file import OpenFile, Tones
from retrieval.retriever import SHIPPED, SHIPPED_SCENES
from retrieval.scale_probe import ScaleProbe, read_probe, write_probe
from ui.render import sentences
from ui.render.accuracy import accuracy
from ui.render.previews import previews_line

#: Of the artifact folder that is spoilt: small, so that a case costs little and its headers are hit often.
ROWS, DIMENSION = 6, 16
#: The checksum of the weights that the spoilt `scale.safetensors` is for.
SHA256 = "ab" * 32


def targets() -> dict[str, Target]:
    """All of them, by name."""
    formats = {
        "jpeg": 11_000,
        "png": 12_000,
        "webp": 8_000,
        "avif": 5_000,
        "tiff": 11_000,
        "jpeg2000": 1_500,
        "heic": 500,
        "bmp": 5_000,
        "gif": 5_000,
    }
    ways = {"png": spoil_png, "tiff": spoil_tiff}
    found = {
        name: Target(formats[name], _spoilt(files, ways.get(name, spoil)), _decode)
        for name, files in seeds.images().items()
    }
    return found | {
        "bombs": Target(250, seeds.bomb, _decode),
        "geotiff": Target(6_000, _geotiff, _decode),
        "open": Target(2_000, _open, _decode_open),
        "link": Target(10_000, _spoilt_text(LINKS), _read_link),
        "address": Target(10_250, _spoilt_text(ADDRESSES), _parse_address),
        "manifest": Target(4_500, _manifest, _load(MANIFEST)),
        "catalogue": Target(2_500, _spoilt_file(CATALOGUE), _load(CATALOGUE)),
        "map": Target(1_500, _spoilt_file(MAP), _load(MAP)),
        "index": Target(3_000, _index, _load(INDEX)),
        "scale": Target(1_000, _scale, _read_scale),
    }


# Images


def _spoilt(
    files: list[bytes], way: Callable[[bytes, Sequence[bytes], Random], bytes]
) -> Callable[[Random], bytes]:
    return lambda random: way(random.choice(files), files, random)


def _open(random: Random) -> bytes:
    files = _tiffs()
    return _geotiff(random) if random.random() < 0.5 else spoil_tiff(random.choice(files), files, random)


@cache
def _tiffs() -> list[bytes]:
    return seeds.images()["tiff"]


def _geotiff(random: Random) -> bytes:
    made = seeds.geotiff(random)
    return spoil(made, [made], random) if random.random() < 0.5 else made


def _decode(data: bytes) -> None:
    decoded = decode(data)
    image, scale = decoded.image, decoded.metres_per_pixel
    assert image.mode == "RGB"
    assert 0 < image.width * image.height <= MAX_PIXELS
    assert scale is None or 0 < scale < 1e9
    str(decoded.note)


def _decode_open(data: bytes) -> None:
    """As a large raster is read: from an open file, and then a square of it."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        opened = OpenFile(file)
        image = decode_open(opened).image
        assert image.mode == "RGB"
        assert 0 < image.width * image.height <= MAX_PIXELS
        box = (image.width / 3, image.height / 3, image.width / 2, image.height / 2)
        assert decode_square(opened, Tones(None, 0.0), box, 64).size == (64, 64)


# Texts

LINKS = [
    "https://www.google.com/maps/@44.4268,26.1025,19z",
    "https://www.google.com/maps/place/Bucharest/@44.43,26.1,1500m/data=!3m1!1e3!4m6!3m5",
    "https://www.google.com/maps/@44.43,26.1,3a,75y,90h,90t/data=!3m6!1e1",
    "https://maps.google.com/?ll=44.43,26.1&z=17&t=k",
    "https://www.openstreetmap.org/#map=17/44.4268/26.1025",
    "https://www.bing.com/maps?cp=44.43~26.1&lvl=18.5&style=h",
    "https://yandex.com/maps/?ll=26.1%2C44.43&z=17&l=sat",
    "https://maps.apple.com/?ll=44.43,26.1&z=17&t=h",
    "https://wego.here.com/?map=44.43,26.1,17,satellite",
    "https://livingatlas.arcgis.com/wayback/#mapCenter=26.1%2C44.43%2C17&mode=explore",
    "geo:44.43,26.1;u=35?z=17", "44.43, 26.1, 18",
    "https%3A%2F%2Fwww.google.com%2Fmaps%2F%4044.4%2C26.1%2C19z",
    "https://www.google.ro/maps?q=loc:44.43,26.1&z=17", "https://www.google.com/maps/search/?api=1&query=44.4,26",
    "https://www.google.com/maps/embed?pb=!1m3!1d712.2!2d26.1!3d44.43!3m2!1i1024!2i768!4f13.1!5e1",
    "https://www.google.com/url?q=https://www.openstreetmap.org/edit%23map%3D17/44.4268/26.1025&sa=D",
    "https://www.openstreetmap.org/?mlat=44.43&mlon=26.1&zoom=17", "https://www.bing.com/maps?sp=point.44.43_26.1",
    "https://yandex.com.tr/harita/?whatshere[point]=26.1%2C44.43&whatshere[zoom]=17",
    "https://maps.apple.com/frame?center=44.43,26.1&span=0.0025,0.004", "https://zoom.earth/#view=44.43,26.1,17z",
    "https://goo.gl/maps/abcdef", "look: https://earth.google.com/web/@44.43,26.1,80a,500d,35y,0h,0t,0r",
    "https://example.org/?z=3&lat=44.43&lon=26.1", "https://example.org/?x=26.1&y=44.43&level=17#17/44.43/26.1/0/0",
]  # fmt: skip
ADDRESSES = [
    "collection=scenes&id=harbor03&k=12", "?id=ucmerced/harbor03&right=beach00&wrong=forest01&max=1.2",
    "photo=a1b2c3&k=3&distinct=1&class=river&class=runway", "id=a%2Fb&id=%C8%9B&k=1e1&max=nan",
    "&".join(f"id=photo{number}" for number in range(20)), "", "?", "theme=dark&view=api",
]  # fmt: skip


def _spoilt_text(texts: list[str]) -> Callable[[Random], bytes]:
    return lambda random: spoil_text(random.choice(texts), texts, random).encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _read_link(data: bytes) -> None:
    view = read_link(_text(data))
    assert abs(view.latitude) < 86
    assert abs(view.longitude) <= 180
    assert not view.has_scale or 0 < view.metres_per_pixel(800) < 1e8


def _parse_address(data: bytes) -> None:
    query = Query.parse(_text(data), "scenes")
    assert 1 <= query.k <= MAX_NEIGHBOURS
    written = query.address()
    written.encode()
    assert Query.parse(written, "scenes").address() == written


# Artifact folders


@cache
def _folder() -> Path:
    """A folder that holds together, without weights and photos; made once in each process."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    scenes, shipped = Collection(SHIPPED_SCENES, gpu=False), json.loads((SHIPPED / MANIFEST).read_text())
    VectorIndex.build(_vectors()).save(folder / INDEX)
    for name in (CATALOGUE, MAP):
        lines = (SHIPPED_SCENES / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join([lines[0], *lines[1 : 2 * ROWS : 2]]), encoding="utf-8")
    manifest = replace(
        scenes.manifest, count=ROWS, model=replace(scenes.manifest.model, dimension=DIMENSION),
        results=shipped["results"], calibration=shipped["calibration"], training=shipped["training"],
        photos=shipped["photos"] | scenes.manifest.photos,
    )  # fmt: skip
    write_manifest(folder, manifest)
    return folder


def _vectors() -> Any:  # noqa: ANN401 - (ROWS, DIMENSION) float32, unit length
    drawn = np.random.default_rng(0).random((ROWS, DIMENSION), np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@cache
def _original(name: str) -> bytes:
    return (_folder() / name).read_bytes()


def _spoilt_file(name: str) -> Callable[[Random], bytes]:
    def make(random: Random) -> bytes:
        data = _original(name)
        if random.random() < 0.5:
            return spoil(data, [data], random)
        text = data.decode()
        return spoil_text(text, [text], random).encode("utf-8", "surrogatepass")

    return make


def _manifest(random: Random) -> bytes:
    spoilt = spoil_json(json.loads(_original(MANIFEST)), random)
    data = json.dumps(spoilt, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    return spoil(data, [data], random) if random.random() < 0.1 else data


@cache
def _indexes() -> list[bytes]:
    """What `VectorIndex` writes, more often than all else, and other kinds of FAISS's."""
    vectors = _vectors()
    kinds = (
        "Flat", "IDMap,Flat", "HNSW4", "SQ8", "SQfp16", "PCA8,Flat", "L2norm,Flat", "IVF2,Flat", "LSH",
        "PQ4x2",
    )  # fmt: skip
    files = [_original(INDEX), _half_index()] * 6
    many = np.random.default_rng(2).random((200, DIMENSION), np.float32)
    for kind in kinds:
        metrics = (faiss.METRIC_L2, faiss.METRIC_INNER_PRODUCT)[: 1 if kind in ("LSH", "PCA8,Flat") else 2]
        for metric in metrics:
            index = faiss.index_factory(DIMENSION, kind, metric)
            index.train(many)
            index.add_with_ids(vectors, np.arange(ROWS)) if kind.startswith("IDMap") else index.add(vectors)
            files.append(faiss.serialize_index(index).tobytes())
    return files


def _half_index() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / INDEX
        VectorIndex.build(_vectors()).save(path, half=True)
        return path.read_bytes()


def _index(random: Random) -> bytes:
    files = _indexes()
    return spoil(random.choice(files), files, random)


@cache
def _probe() -> bytes:
    """What `write_probe` writes, of few features."""
    drawn = np.random.default_rng(3).normal(size=(5, DIMENSION + 1)).astype(np.float32)
    octaves = np.arange(5, dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        write_probe(Path(folder), SHA256, ScaleProbe(octaves, drawn[:, 1:], drawn[:, 0]))
        return (Path(folder) / SCALE).read_bytes()


def _scale(random: Random) -> bytes:
    return spoil(_probe(), [_probe()], random)


def _read_scale(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SCALE
        path.write_bytes(data)
        probe = read_probe(path, SHA256, DIMENSION)
    if probe:
        likely = probe.of_squares(_vectors(), np.geomspace(64, 1000, ROWS))
        assert np.isfinite(likely).all()


def _load(name: str) -> Callable[[bytes], object]:
    """Load the folder with one file replaced, and its checksum made to fit; use it as the page does."""

    def use(data: bytes) -> None:
        folder, original = _folder(), _original(name)
        manifest = _original(MANIFEST)
        try:
            (folder / name).write_bytes(data)
            if name != MANIFEST:
                fields = json.loads(manifest)
                fields["files"][name] = hashlib.sha256(data).hexdigest()
                (folder / MANIFEST).write_text(json.dumps(fields), encoding="utf-8")
            collection = Collection(folder, gpu=False)
            _use(collection)
        finally:
            (folder / name).write_bytes(original)
            (folder / MANIFEST).write_bytes(manifest)

    return use


def _use(collection: Collection) -> None:
    count = len(collection.entries)
    query = collection.vector(count - 1)
    distances, rows = collection.index.search(query[None], count + 3)
    assert rows.shape == distances.shape == (1, count)
    assert sorted(rows[0].tolist()) == list(range(count))
    assert np.isfinite(distances).all()
    assert np.isfinite(collection.vectors).all()
    assert collection.coordinates is None or np.isfinite(collection.coordinates).all()
    previews = previews_line(collection, range(count))
    for text in (accuracy(collection), previews,
                 sentences.choice(collection), json.dumps(collection.manifest.licences)):  # fmt: skip
        text.encode()
    assert all(entry.id and collection.row(entry.id) >= 0 for entry in collection.entries)
