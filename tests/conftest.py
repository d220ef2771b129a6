"""What every test stands on: a cache of its own, no photos of the person's, and one retriever for all."""

import shutil

import pytest

from retrieval import Retriever
from retrieval.collections.collection import Collection
from retrieval.retriever import SHIPPED_SCENES
from tests.fakes.clock import Clock
from train.data import ucmerced
from ui.example_uploads import ExampleUploads
from ui.uploads import UploadStore

#: One server for all modules: a fixture that several import is made anew for each.
pytest_plugins = ("tests.fakes.milvus_server",)
#: Where UC Merced may be on this machine, before the tests hide those places.
UCMERCED_PLACES = ucmerced.SOURCE.folders(ucmerced.NAME, ucmerced.SPLITS)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep the tests out of the person's cache and photos; only test_ucmerced.py asks for those."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AERIAL_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        patch.delenv("UCMERCED_DIR", raising=False)
        yield


@pytest.fixture(scope="session")
def retriever(tmp_path_factory):
    """The shipped collections, without the UC Merced photos."""
    return Retriever.load(photos=tmp_path_factory.mktemp("none") / "no-photos", device="cpu")


@pytest.fixture(scope="session")
def ucmerced_places():
    """The folders that may hold the real UC Merced photos."""
    return UCMERCED_PLACES


@pytest.fixture
def clock():
    """The clock of `brought`."""
    return Clock()


@pytest.fixture(scope="session")
def examples(retriever):
    """What can be clicked: drawn scenes, as there are no photos."""
    return ExampleUploads(retriever)


@pytest.fixture
def brought(clock, examples):
    """Visitors' photos: none as yet; beside them the examples."""
    store = UploadStore(clock=clock)
    store.examples = examples
    return store


@pytest.fixture(scope="module")
def scenes():
    """The shipped scenes, whose photos are all here."""
    return Collection(SHIPPED_SCENES)


@pytest.fixture
def own_photos(tmp_path, scenes):
    """Copies of the first two photos of the shipped scenes."""
    folder = tmp_path / "own"
    for entry in scenes.entries[:2]:
        target = folder / entry.file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED_SCENES / "photos" / entry.file, target)
    return folder
