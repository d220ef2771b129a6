"""The endpoints, called as another program would call them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import gradio.mcp
import gradio.processing_utils
import numpy as np
import pytest
from gradio.route_utils import delete_files_created_by_app
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from examples.catalog import SCREENSHOTS
from examples.scenes import draw
from retrieval.query import PhotoRef, Query
from tests.fakes import event_loop
from ui.page import build_page
from ui.uploads import UploadStore

ENDPOINTS = {
    "search": ["image", "k", "collection", "metres_per_pixel"],
    "embed": ["image", "metres_per_pixel"],
    "neighbours_of": ["id", "k", "collection"],
    "collections": [],
}
DOCUMENTED = {
    "search": "Find the photos of a collection that look most like an aerial image.",
    "embed": "Turn an aerial image into the vector that it is searched with.",
    "neighbours_of": "Find the photos of a collection that look most like one of its own photos.",
    "collections": "List the collections that can be searched.",
}


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


def test_a_vector_has_unit_length_and_its_distances_are_those_of_search(client, photo, retriever):
    seen = client.predict(image=handle_file(photo), api_name="/embed")
    vector = np.array(seen["vector"])
    assert vector.shape == (2048,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    for collection in retriever.collections:
        answer = client.predict(image=handle_file(photo), k=30, collection=collection, api_name="/search")
        told = [each["distance"] for each in answer["neighbours"]]
        stored = [retriever.stored_vector(PhotoRef(collection, each["id"])) for each in answer["neighbours"]]
        assert np.linalg.norm(np.array(stored) - vector, axis=1) == pytest.approx(told, abs=1e-4)


def test_a_vector_says_of_which_weights_it_is_and_how_the_image_was_read(client, retriever):
    path = handle_file(SCREENSHOTS / "drumul-taberei-z18.webp")
    seen = client.predict(image=path, metres_per_pixel=0.4264, api_name="/embed")
    assert seen["weights"] == retriever.collection().manifest.model.sha256
    assert "the square from" in seen["note"]
    assert set(seen["seconds"]) == {"decode", "embed"}


@pytest.mark.parametrize(("collection", "name"), [("scenes", "harbor03"), ("ucmerced", "beach07")])
def test_the_neighbours_of_a_stored_photo_are_those_of_the_retriever_without_itself(
    client, retriever, collection, name
):
    answer = client.predict(id=name, k=100, collection=collection, api_name="/neighbours_of")
    expected = retriever.answer(Query(collection, (PhotoRef(collection, name),), k=100)).to_dict()
    assert len(answer["neighbours"]) == 100
    assert name not in [each["id"] for each in answer["neighbours"]]
    assert {**answer, "seconds": None} == {**expected, "seconds": None}
    assert answer["novelty"] is None


def test_no_photo_is_its_own_neighbour(client, retriever):
    for entry in retriever.collection("scenes").entries[::12]:  # one of each class
        answer = client.predict(id=entry.id, k=1, collection="scenes", api_name="/neighbours_of")
        assert [each["id"] for each in answer["neighbours"]] != [entry.id]


def test_the_collections_are_told_with_their_classes_and_counts(client, retriever):
    told = client.predict(api_name="/collections")
    assert [each["name"] for each in told] == list(retriever.collections) == ["ucmerced", "scenes"]
    for each, collection in zip(told, retriever.collections.values(), strict=True):
        assert each["title"] == collection.title
        assert each["count"] == len(collection.entries)
        assert each["classes"] == sorted({entry.label for entry in collection.entries})
        assert each["novel_from"] == collection.calibration.threshold
        assert each["licences"] == collection.manifest.licences


@pytest.mark.parametrize(
    ("endpoint", "arguments", "sentence"),
    [
        ("search", {"k": 0}, "'k' has to be a whole number from 1 to 100"),
        ("search", {"k": 101}, "'k' has to be a whole number from 1 to 100"),
        ("search", {"collection": "nowhere"}, "'collection' has to be one of these names: ucmerced, scenes"),
        ("search", {"image": None}, "There is no image"),
        ("search", {"metres_per_pixel": -1}, "has to be a number of metres per pixel above 0"),
        ("embed", {"image": None}, "There is no image: give one as the field 'image'."),
        ("embed", {"metres_per_pixel": -1}, "has to be a number of metres per pixel above 0"),
        ("neighbours_of", {"id": "harbor99"}, "There is no photo 'harbor99' in Generated scenes."),
        ("neighbours_of", {"id": ""}, "'id' has to be a text of 1 to 200 characters"),
        ("neighbours_of", {"id": "harbor03", "k": 101}, "'k' has to be a whole number from 1 to 100"),
        ("neighbours_of", {"id": "harbor03", "collection": "nowhere"}, "'collection' has to be one of these"),
    ],
)
def test_a_bad_argument_is_explained(client, photo, endpoint, arguments, sentence):
    given = arguments if endpoint == "neighbours_of" else {"image": handle_file(photo)} | arguments
    with pytest.raises(AppError, match=sentence):
        client.predict(**given, api_name=f"/{endpoint}")


def test_programs_are_answered_in_english(page_url):
    romanian = Client(page_url, verbose=False, headers={"Accept-Language": "ro", "Referer": f"{page_url}/ro"})
    with pytest.raises(AppError, match="There is no photo 'harbor99' in Generated scenes"):
        romanian.predict(id="harbor99", collection="scenes", api_name="/neighbours_of")
    told = romanian.predict(api_name="/collections")
    assert "harbor" in told[1]["classes"]


@pytest.mark.parametrize("endpoint", ["search", "embed"])
def test_a_file_that_is_no_image_is_explained(client, tmp_path, endpoint):
    path = tmp_path / "photo.jpg"
    path.write_text("not really")
    with pytest.raises(AppError, match="This is not an image that can be read"):
        client.predict(image=handle_file(path), api_name=f"/{endpoint}")


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}, {"meta": {"_type": "other"}}])
@pytest.mark.parametrize("file", ["constraints.txt", "examples/queries/harbor.webp", "examples", "/dev/zero"])
def test_files_of_the_server_cannot_be_searched_with(page_url, file, meta):
    stolen = {"path": str(Path(file).resolve())} | meta
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


def test_files_of_the_server_cannot_be_searched_with_by_the_pages_own_events(page_url):
    with urllib.request.urlopen(f"{page_url}/config") as answer:
        config = json.load(answer)
    components = {each["id"]: each for each in config["components"]}
    stolen = {"path": str(Path("examples/queries/harbor.webp").resolve())}

    def forged(component: int) -> object:
        kind, several = components[component]["type"], components[component]["props"].get("file_count")
        if not kind.startswith(("image", "queryimage", "upload")):
            return None
        return [stolen] if several == "multiple" else stolen

    payloads = {each["id"]: [*map(forged, each["inputs"])] for each in config["dependencies"]}
    taking_files = {number: data for number, data in payloads.items() if any(data)}
    assert len(taking_files) >= 5  # two of the API, three of the page
    for number, data in taking_files.items():
        told = told_to(page_url, number, data)
        assert '"success":false' in told
        assert "brought/" not in told


def told_to(page_url: str, number: int, data: list) -> str:
    """What the queue answers a caller who names an event by its number."""
    session = f"stranger{number}"
    request = urllib.request.Request(
        f"{page_url}/gradio_api/queue/join",
        json.dumps({"data": data, "fn_index": number, "session_hash": session}).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()
    lines = []
    with urllib.request.urlopen(f"{page_url}/gradio_api/queue/data?session_hash={session}") as answer:
        for line in answer:
            lines.append(line.decode())
            if "process_completed" in lines[-1] or "close_stream" in lines[-1]:
                break
    return "".join(lines)


@pytest.mark.parametrize("file", ["/etc/passwd", "app.py", "assets/ucmerced/model.safetensors"])
def test_files_of_the_server_cannot_be_fetched(page_url, file):
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{page_url}/gradio_api/file={quote(str(Path(file).resolve()))}")
    assert answer.value.code in (403, 404)


def test_the_endpoints_have_their_documentation(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    for name, parameters in ENDPOINTS.items():
        told = endpoints[f"/{name}"]
        assert told["description"].startswith(DOCUMENTED[name])
        assert [each["parameter_name"] for each in told["parameters"]] == parameters
        assert all(" " in each["label"] for each in told["parameters"])  # words, not the name once more
        assert [each["label"] for each in told["returns"]] == ["answer"]


def test_the_schema_of_the_tools_describes_each_and_every_parameter(page_url):
    tools = mcp_schema(page_url)
    assert {name: list(tool["inputSchema"]["properties"]) for name, tool in tools.items()} == ENDPOINTS
    for name, tool in tools.items():
        assert tool["description"].startswith(DOCUMENTED[name])
        assert " Returns: " in tool["description"]
        for described in tool["inputSchema"]["properties"].values():
            assert described["description"].endswith(".")  # Gradio cuts off what is wrapped
        assert set(tool["inputSchema"].get("required", ())) <= {"image", "id"}
    assert "25 MB" in tools["search"]["inputSchema"]["properties"]["image"]["description"]
    assert ",," not in "".join(tool["description"] for tool in tools.values())


def test_nothing_of_the_page_itself_is_an_endpoint_or_a_tool(page_url, client):
    private = [each for each in client.config["dependencies"] if each["api_visibility"] == "private"]
    names = {each["api_name"] for each in private if each["backend_fn"]}
    assert {"upload", "settle", "walk"} <= names  # the page's own
    assert not names & set(ENDPOINTS)

    listed = client.view_api(return_format="dict")
    assert set(listed["named_endpoints"]) == {f"/{name}" for name in ENDPOINTS}
    assert listed["unnamed_endpoints"] == {}
    assert set(mcp_schema(page_url)) == set(ENDPOINTS)
    assert tools_of_a_session(page_url) == list(ENDPOINTS)
    with pytest.raises(ValueError, match="Cannot find a function"):
        client.predict(None, api_name="/upload")


def test_the_page_in_romanian_is_the_same_page_and_adds_no_endpoint(page_url):
    configs = {}
    for path in ("", "/ro"):
        with urllib.request.urlopen(f"{page_url}{path}/config") as answer:
            configs[path] = json.load(answer)
        with urllib.request.urlopen(f"{page_url}{path}/gradio_api/info") as answer:
            assert set(json.load(answer)["named_endpoints"]) == {f"/{name}" for name in ENDPOINTS}
    english, romanian = configs.values()
    assert [each["id"] for each in romanian["components"]] == [each["id"] for each in english["components"]]
    assert romanian["dependencies"] == english["dependencies"]
    assert romanian["components"] != english["components"]
    assert romanian["root"] == english["root"] + "/ro"
    assert len(english["components"]) <= 130
    assert len(english["dependencies"]) <= 110


@pytest.mark.parametrize("address", ["/ro?collection=scenes&id=harbor03&k=5", "/ro"])
def test_a_link_to_the_page_in_romanian_works_with_and_without_a_slash_at_its_end(page_url, address):
    path, _, query = address.partition("?")
    for form in (address, f"{path}/?{query}"):
        with urllib.request.urlopen(f"{page_url}{form}") as page:
            assert page.status == 200
            assert "Fotografia căutată" in page.read().decode()


def test_an_endpoint_under_the_page_in_romanian_answers_there_too(page_url):
    romanian = Client(f"{page_url}/ro", verbose=False)
    assert {each["name"] for each in romanian.predict(api_name="/collections")} == {"ucmerced", "scenes"}


def test_the_images_of_tools_are_deleted_as_uploads_are(retriever, tmp_path, monkeypatch):
    monkeypatch.setattr(gradio.mcp, "DEFAULT_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(
        gradio.processing_utils, "save_base64_to_cache", gradio.processing_utils.save_base64_to_cache
    )  # the page changes it
    page = build_page(retriever, UploadStore())
    server, arguments = gradio.mcp.GradioMCPServer(page), {"image": "data:image/webp;base64,aGVsbG8="}
    path = Path(server.convert_strings_to_filedata(arguments, [["image"]])["image"]["path"])
    assert path.read_bytes() == b"hello"
    delete_files_created_by_app(page, age=3600)
    assert path.exists()
    delete_files_created_by_app(page, age=None)
    assert not path.exists()


def mcp_schema(page_url: str) -> dict:
    """The tools by their names, as the server writes them down for those who do not connect."""
    with urllib.request.urlopen(f"{page_url}/gradio_api/mcp/schema") as answer:
        return {tool["name"]: tool for tool in json.load(answer)}


def tools_of_a_session(page_url: str) -> list[str]:
    """Their names, as a client of the protocol is told them."""

    async def listed() -> list[str]:
        async with (
            streamable_http_client(f"{page_url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return [tool.name for tool in (await session.list_tools()).tools]

    return event_loop.run(listed())


def test_a_screenshot_is_searched_at_the_scale_that_is_given(client):
    path = handle_file(SCREENSHOTS / "drumul-taberei-z18.webp")
    answer = client.predict(image=path, k=3, metres_per_pixel=0.4264, api_name="/search")
    assert "the square from" in answer["note"]
    with pytest.raises(AppError, match="too coarse"):
        client.predict(image=path, k=3, metres_per_pixel=34, api_name="/search")
