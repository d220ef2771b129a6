"""The page with its vectors in Milvus: it finds the same, and lives on while the database is gone."""

import shutil
import time

import httpx
import pytest
from gradio_client import Client

from benchmarks.server import serve
from retrieval.collections.collection import Collection
from retrieval.milvus_database import Address
from retrieval.retriever import SHIPPED, SHIPPED_SCENES

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")


GONE = "The database with the vectors of this collection does not answer."
PLACES = "/export/neighbours.csv?collection=scenes&id=harbor03"


@pytest.fixture(params=["milvus-lite", "milvus"])
def database(request, tmp_path):
    """An address, and what takes the database away and brings it back."""
    if request.param == "milvus":
        server = request.getfixturevalue("own_server")
        return Address.parse(f"milvus:{server.uri}"), server.stop, server.start
    file, away = tmp_path / "vectors.db", tmp_path / "away"
    return (
        Address.parse(f"milvus:{file}"),
        lambda: shutil.move(file, away),
        lambda: shutil.move(away, file),
    )


def test_the_page_lives_on_without_its_database(database, tmp_path):
    from train.artifacts.milvus import import_collection

    address, take_away, bring_back = database
    for folder in (SHIPPED, SHIPPED_SCENES):
        import_collection(Collection(folder, gpu=False), address, replace_target=True)
    own = Collection(SHIPPED_SCENES, gpu=False)
    right = own.index.search(own.index.vectors_of([own.row("harbor03")]), 13)[1][0]
    environment = {"AERIAL_CACHE": str(tmp_path / "cache"), "GRADIO_TEMP_DIR": str(tmp_path / "uploads")}
    options = ("--collection", str(SHIPPED_SCENES), "--store", str(address))
    with serve(*options, environment=environment) as page:
        client = Client(page.address, verbose=False)

        def neighbours():
            found = client.predict("harbor03", 12, "scenes", api_name="/neighbours_of")["neighbours"]
            return [each["id"] for each in found]

        assert neighbours() == [own.entries[row].id for row in right if own.entries[row].id != "harbor03"]
        assert "harbor" in httpx.get(page.address + PLACES).text

        take_away()
        with pytest.raises(Exception, match=GONE):
            neighbours()
        refused = httpx.get(page.address + PLACES, timeout=30)
        assert (refused.status_code, GONE in refused.json()["error"]) == (503, True)
        assert httpx.get(page.address).status_code == 200
        assert httpx.get(f"{page.address}/?collection=scenes&id=harbor03", timeout=30).status_code == 200
        assert httpx.get(f"{page.address}/photos/scenes/harbor03/small").status_code == 200

        bring_back()
        until = time.monotonic() + 60
        while True:
            try:
                assert len(neighbours()) == 12
                break
            except Exception as error:
                assert GONE in str(error) and time.monotonic() < until
                time.sleep(1)
