"""Weights of another network than the recipe's, or of none: each command that takes some refuses them."""

import json
import shutil
from dataclasses import replace

import pytest
import torch
import torchvision
from safetensors.torch import load_file, save_file

from retrieval import ArtifactError, Retriever
from retrieval.collections.artifacts import WEIGHTS, file_sha256
from retrieval.network import GeM, new_network, save_weights
from retrieval.retriever import SHIPPED
from tests.fakes.mixed_folder import write_photos
from tests.fakes.scene_folder import write_scenes
from train.__main__ import main
from train.fit.pretrained import initial_network
from train.fit.recipe import Recipe
from train.provenance import preprocessing

ABOUT = {"architecture": "resnet14", "pooling": "average", "licence": "own", "training": {"test_size": 32}}
QUICK = ["--size=32", "--test-size=32", "--device=cpu", "--epochs=1", "--init-licence=own"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return write_scenes(tmp_path_factory.mktemp("data") / "scenes")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small network's weights, with average pooling and with GeM."""
    folder = tmp_path_factory.mktemp("weights")
    for pooling in ("average", "gem"):
        save_weights(new_network("resnet14", pooling), folder / pooling, ABOUT | {"pooling": pooling})
    return folder


def refused(capsys, *arguments):
    """The sentence with which a command stops."""
    assert main([*map(str, arguments)]) == 1
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert told.endswith(".")
    assert "Traceback" not in told
    return told


def of_torchvision(path, name):
    """Weights of one of torchvision's networks, without its last layer, in which every number is 0."""
    with torch.device("meta"):
        state = getattr(torchvision.models, name)().state_dict()
    zeros = {key: torch.zeros(value.shape, dtype=torch.float16) for key, value in state.items()}
    save_file({key: value for key, value in zeros.items() if not key.startswith("fc.")}, path)
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet18", "Missing key: layer1.0.bn3.bias"),
        ("resnet101", "Unexpected key: layer3.10.bn1.bias"),
        ("wide_resnet50_2", "size mismatch: layer1.0.conv1.weight"),
        ("resnext50_32x4d", "size mismatch: layer1.0.conv1.weight"),
        ("densenet121", "Missing key: bn1.bias"),
    ],
)
def test_training_does_not_start_from_another_network_of_torchvision(tmp_path, scenes, capsys, name, words):
    path = of_torchvision(tmp_path / "other.safetensors", name)
    told = refused(capsys, "fit", "run", "--folder", scenes, "--init", path, *QUICK)
    assert told.startswith(f"The weights other.safetensors are not those of a ResNet-50 ({words}")
    assert not (tmp_path / "runs").exists()


def test_training_does_not_start_from_another_architecture_than_the_recipes(tmp_path, scenes, files, capsys):
    path = files / "average"
    told = refused(capsys, "fit", "run", "--folder", scenes, "--init", path, *QUICK)
    assert "are made for --architecture resnet14, and the recipe says resnet50" in told
    more = ["--init", SHIPPED / WEIGHTS, "--architecture=resnet14"]
    assert "are made for --architecture resnet50" in refused(
        capsys, "fit", "run", "--folder", scenes, *QUICK, *more
    )
    assert not (tmp_path / "runs").exists()
    more = ["--init", path, "--architecture=resnet14", "--classes=3", "--images=2"]
    assert main(["fit", "run", "--folder", str(scenes), *QUICK, *map(str, more)]) == 0


def test_a_pooling_that_has_learnt_is_not_dropped_but_the_average_may_give_way(files):
    small = Recipe(architecture="resnet14")
    with pytest.raises(ArtifactError, match="made for --pooling gem, and the recipe says average"):
        initial_network(replace(small, init=str(files / "gem")))
    network, _ = initial_network(replace(small, init=str(files / "average"), pooling="gem"))
    assert isinstance(network.avgpool, GeM)
    network, _ = initial_network(replace(small, init=str(files / "gem"), pooling="gem"))
    assert isinstance(network.avgpool, GeM)


@pytest.mark.parametrize("kind", ["picture", "pickle", "text", "empty", "cut", "longer"])
def test_a_file_of_something_else_is_no_start(tmp_path, scenes, files, capsys, kind):
    path = tmp_path / "found.safetensors"
    match kind:
        case "picture":
            shutil.copyfile(scenes / "beach" / "beach00.png", path)
        case "pickle":
            torch.save({"conv1.weight": torch.zeros(3)}, path)
        case "text":
            path.write_text("weights\n")
        case "empty":
            path.touch()
        case "cut":
            path.write_bytes((files / "average").read_bytes()[:-1])
        case "longer":
            path.write_bytes((files / "average").read_bytes() + b"0")
    told = refused(capsys, "fit", "run", "--folder", scenes, "--init", path, *QUICK)
    assert told.startswith("The weights found.safetensors cannot be read (")
    told = refused(capsys, "evaluate", "--folder", scenes, "--weights", path, "--device=cpu")
    assert told.startswith("The weights found.safetensors cannot be read (")


def lying(path, files, **about):
    """The small network's tensors, which say something else of themselves."""
    save_file(load_file(files / "average"), path, {"about": json.dumps(ABOUT | about)})
    return path


LIES = [
    {"architecture": "resnet50"},
    {"pooling": "gem"},
    {"architecture": ["resnet14"]},
    {"licence": {"is": "free"}},
    {"training": {"test_size": 10**9}},
    {"training": {"test_size": "32"}},
    {"training": 7},
]


@pytest.mark.parametrize("about", LIES, ids=str)
def test_every_command_that_takes_weights_refuses_those_that_lie(tmp_path, scenes, files, capsys, about):
    path = lying(tmp_path / "lying.safetensors", files, **about)
    out, photos = tmp_path / "out", write_photos(tmp_path / "few")
    commands = [
        ["evaluate", "--folder", scenes, "--weights", path, "--device=cpu"],
        ["index", "--folder", scenes, "--weights", path, "--out", out, "--device=cpu"],
        ["index", "--images", photos, "--weights", path, "--out", out, "--device=cpu"],
    ]
    if "test_size" not in str(about):  # which a training run sets anew
        commands.append(["fit", "run", "--folder", scenes, "--init", path, "--architecture=resnet14", *QUICK])
    for command in commands:
        assert refused(capsys, *command).startswith("The weights lying.safetensors ")
    assert not out.exists()
    assert not (tmp_path / "runs").exists()


def test_a_folder_whose_manifest_says_another_network_than_its_weights_is_refused(
    tmp_path, scenes, files, capsys
):
    folder = tmp_path / "folder"
    made = ["--weights", files / "average", "--data-licence=own", "--device=cpu", "--out", folder]
    assert main([*map(str, ["index", "--folder", scenes, *made])]) == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["model"]["architecture"] == "resnet14"
    assert manifest["model"]["sha256"] == file_sha256(folder / WEIGHTS)
    manifest["model"]["architecture"] = "resnet50"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    told = refused(capsys, "quantize", "--artifacts", folder, "--folder", scenes)
    words = "are of a resnet14 with average pooling, and the manifest beside them says resnet50"
    assert words in told
    with pytest.raises(ArtifactError, match=words):
        Retriever.load(folder, further=(), device="cpu")


def test_the_size_that_weights_were_tested_at_is_theirs(files):
    assert preprocessing(files / "average").size == 32
