"""The endpoint `/search`, called as another program would call it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from examples.drawn import FOLDER
from examples.scenes import draw


@pytest.fixture(scope="module")
def client(page_url: str) -> Client:
    return Client(page_url, verbose=False)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    draw("airplane", 4711).save(path)
    return path


def test_it_answers_with_the_neighbours_in_growing_distance(client, photo):
    answer = client.predict(image=handle_file(photo), k=20, collection="ucmerced", api_name="/search")
    distances = [each["distance"] for each in answer["neighbours"]]
    assert len(distances) == 20
    assert distances == sorted(distances)
    assert 0 <= distances[0] <= distances[-1] <= 2
    assert set(answer["neighbours"][0]) == {"id", "label", "distance", "photo"}
    assert sum(vote["count"] for vote in answer["votes"]) == 20
    assert answer["collection"] == "ucmerced"


def test_k_and_collection_may_be_left_out(client, photo):
    answer = client.predict(image=handle_file(photo), api_name="/search")
    assert (len(answer["neighbours"]), answer["collection"]) == (12, "scenes")


def test_it_answers_as_the_retriever_does(client, photo, retriever):
    answer = client.predict(image=handle_file(photo), k=5, collection="scenes", api_name="/search")
    expected = retriever.search(photo, 5, "scenes").to_dict()
    assert [each["id"] for each in answer["neighbours"]] == [each["id"] for each in expected["neighbours"]]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"k": 0}, "less than minimum value 1"),
        ({"k": 101}, "greater than maximum value 100"),
        ({"collection": "nowhere"}, "not in the list of choices"),
        ({"image": None}, "There is no image"),
    ],
)
def test_a_bad_argument_is_explained(client, photo, arguments, sentence):
    with pytest.raises(AppError, match=sentence):
        client.predict(**({"image": handle_file(photo)} | arguments), api_name="/search")


def test_a_file_that_is_no_image_is_explained(client, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_text("not really")
    with pytest.raises(AppError, match="This is not an image that can be read"):
        client.predict(image=handle_file(path), api_name="/search")


def test_files_of_the_server_cannot_be_searched_with(page_url):
    stolen = {"path": str(Path("constraints.txt").resolve()), "meta": {"_type": "gradio.FileData"}}
    request = urllib.request.Request(
        f"{page_url}/gradio_api/call/search",
        json.dumps({"data": [stolen, 3, "scenes"]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as accepted:
        event = json.load(accepted)["event_id"]
    with urllib.request.urlopen(f"{page_url}/gradio_api/call/search/{event}") as answer:
        told = answer.read().decode()
    assert "event: error" in told
    assert "can be read" not in told  # it did not get as far as opening it


@pytest.mark.parametrize("file", ["/etc/passwd", "app.py", "assets/ucmerced/model.safetensors"])
def test_files_of_the_server_cannot_be_fetched(page_url, file):
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{page_url}/gradio_api/file={quote(str(Path(file).resolve()))}")
    assert answer.value.code in (403, 404)


def test_search_is_the_only_public_endpoint_and_has_its_documentation(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert list(endpoints) == ["/search"]
    names = [parameter["parameter_name"] for parameter in endpoints["/search"]["parameters"]]
    assert names == ["image", "k", "collection", "metres_per_pixel"]
    assert "look most like an aerial image" in endpoints["/search"]["description"]


def test_the_mcp_schema_describes_the_search(page_url):
    with urllib.request.urlopen(f"{page_url}/gradio_api/mcp/schema") as answer:
        (tool,) = json.load(answer)
    assert tool["name"].endswith("search")
    assert "25 MB" in tool["inputSchema"]["properties"]["image"]["description"]


def test_a_screenshot_is_searched_at_the_scale_that_is_given(client):
    path = handle_file(FOLDER / "drumul-taberei-z18.webp")
    answer = client.predict(image=path, k=3, metres_per_pixel=0.4264, api_name="/search")
    assert "the square from" in answer["note"]
    with pytest.raises(AppError, match="too coarse"):
        client.predict(image=path, k=3, metres_per_pixel=34, api_name="/search")
