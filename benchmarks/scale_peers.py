"""The tools that people would take, in an environment of their own: they want other packages than ours.

`benchmarks.scale_embedding` starts it with that environment's Python (--peers), as a file. It reads a job a
line, as JSON, and answers each with its seconds. The networks have random weights, which take the same time.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torchvision
from PIL import Image

SIZE = 256


def img2vec(files: list[str]) -> None:
    """Each photo in turn, as its documentation shows; it makes them 224 pixels wide."""
    for file in files:
        TOOLS["img2vec"].get_vec(Image.open(file).convert("RGB"))


def imagededup(files: list[str]) -> None:
    """A folder in one call, in batches of 64, with the same network at the same size as ours."""
    TOOLS["imagededup"].encode_images(image_dir=Path(files[0]).parent)


def _img2vec() -> Any:  # noqa: ANN401 - of another environment
    import img2vec_pytorch
    from img2vec_pytorch import img_to_vec

    real = img_to_vec.resnet50
    img_to_vec.resnet50 = lambda **_weights: real(weights=None)
    return img2vec_pytorch.Img2Vec(cuda=False, model="resnet50", layer_output_size=2048)


def _imagededup() -> Any:  # noqa: ANN401 - of another environment
    from imagededup.methods import CNN
    from imagededup.utils.models import CustomModel
    from torchvision import transforms

    network = torchvision.models.resnet50(weights=None)
    network.fc = torch.nn.Identity()
    steps = [
        transforms.Resize((SIZE, SIZE)),
        transforms.ToTensor(),
        transforms.Normalize([0.5] * 3, [0.2] * 3),
    ]
    config = CustomModel("resnet50", network.eval(), transforms.Compose(steps))
    return CNN(verbose=False, model_config=config)


TOOLS: dict[str, Any] = {}
JOBS = {"img2vec": img2vec, "imagededup": imagededup}


def main(threads: int) -> None:
    """Answer jobs until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # tools print
    torch.set_num_threads(threads)
    TOOLS.update(img2vec=_img2vec(), imagededup=_imagededup())
    for line in sys.stdin:
        job = json.loads(line)
        started = time.perf_counter()
        JOBS[job["tool"]](job["files"])
        print(time.perf_counter() - started, file=answers, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
