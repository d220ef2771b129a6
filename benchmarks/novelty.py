"""How well photos like those of the collection are told from pictures that show something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score

from examples.map_pages.street_map import draw_blank, draw_street_map
from retrieval import Retriever
from retrieval.images import decode
from train.data.dataset import LabeledImages

SEED = 4


def unrelated_pictures() -> list[tuple[str, str, Image.Image]]:
    """Pictures that are no aerial photos: kind, name, image."""
    import matplotlib
    import skimage
    import sklearn

    folders = (
        Path(skimage.__file__).parent / "data",
        Path(sklearn.__file__).parent / "datasets" / "images",
        Path(matplotlib.get_data_path()) / "sample_data",
    )
    pictures = [
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
        pictures.append(("noise", f"noise of {cells} x {cells}", enlarged))
        pictures.append(("street maps", f"street map {number}", draw_street_map(number, (512, 512))))
        pictures.append(("maps without imagery", f"blank map {number}", draw_blank(number, (512, 512))))
    return pictures


def measure_novelty(retriever: Retriever, photos: LabeledImages) -> None:
    """Print the AUROC of the distance to the nearest neighbour: unrelated pictures against the photos."""
    unrelated = unrelated_pictures()

    def nearest(images: list[Image.Image]) -> NDArray[np.float32]:
        found, _ = retriever.collection().index.search(retriever.embed(images), 1)
        return found[:, 0]

    own = nearest(list(photos.images))
    distances = nearest([image for _, _, image in unrelated])
    calibration = retriever.collection().calibration
    assert calibration is not None  # the shipped collection has one
    threshold = calibration.threshold
    print("\n| novelty, against the photos | n | AUROC | called unlike the collection |\n|---|---|---|---|")
    kinds = np.array([kind for kind, _, _ in unrelated])
    for kind in [*dict.fromkeys(kinds.tolist()), "all of these"]:
        chosen = distances[(kinds == kind) | (kind == "all of these")]
        auroc = roc_auc_score(np.r_[np.zeros(len(own)), np.ones(len(chosen))], np.r_[own, chosen])
        print(f"| {kind} | {len(chosen)} | {auroc:.3f} | {(chosen > threshold).mean():.1%} |")
    print(f"| the photos themselves | {len(own)} | | {(own > threshold).mean():.1%} |")
    closest = sorted(zip(distances.tolist(), (name for _, name, _ in unrelated), strict=True))[:5]
    print("Closest to the collection: " + ", ".join(f"{name} {distance:.2f}" for distance, name in closest))
