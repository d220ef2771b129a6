"""What a link is shown as where it is sent: read from the served HTML, as those who make previews do."""

from __future__ import annotations

import asyncio
import io
import re
import threading
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from tests.fakes.event_loop import run
from tests.hosting.conftest import Page
from ui.hosting.link_cards import LinkCard
from ui.hosting.page_head import AT_A_TIME, PageHead, with_head
from ui.i18n import LANGUAGES, with_country
from ui.render.link_words import page_words
from ui.render.preview_picture import SIZE

NAME = "Aerial Image Retrieval"
SEARCH = "collection=scenes&id=harbor03&k=5"


class Head(HTMLParser):
    """The title, the tags with a name or a property, the links and the language of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.title, self.language = "", ""
        self.tags: dict[str, list[str]] = {}
        self.links: dict[str, list[dict[str, str]]] = {}
        self.scripts = 0
        self._within = ""
        self.feed(page.split("<body")[0])

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        self._within = tag
        if tag == "html":
            self.language = given["lang"]
        elif tag == "meta" and (name := given.get("property") or given.get("name")):
            self.tags.setdefault(name, []).append(given["content"])
        elif tag == "link":
            self.links.setdefault(given["rel"], []).append(given)
        elif tag == "script":
            self.scripts += 1

    def handle_endtag(self, tag):
        self._within = ""

    def handle_data(self, data):
        if self._within == "title":
            self.title += data

    def __getitem__(self, name):
        (value,) = self.tags[name]  # once, and not as Gradio has it a second time
        return value

    def href(self, rel):
        (link,) = self.links[rel]
        return link["href"]


def head(client, address, **headers) -> Head:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return Head(answer.text)


def is_of_page(found: Head) -> bool:
    """Whether it is what the page itself is shown as."""
    return (found.title, found["description"]) == (NAME, page_words()) and found["og:image"].endswith(
        "/preview.jpg"
    )


def picture(client, found: Head) -> bytes:
    """The picture that a head names, fetched without cookies, and opened."""
    url = urlsplit(found["og:image"])
    assert url.netloc == urlsplit(str(client.base_url)).netloc
    answer = httpx.get(found["og:image"], trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, found["og:image:type"])
    assert "set-cookie" not in answer.headers
    image = Image.open(io.BytesIO(answer.content))
    image.load()
    assert image.size == SIZE == (int(found["og:image:width"]), int(found["og:image:height"]))
    return answer.content


def test_the_start_page_says_what_it_is_for_and_shows_its_picture(client, public):
    found = head(client, "/")
    assert is_of_page(found)
    assert found["og:url"] == found.href("canonical") == f"{public.address}/"
    assert found["og:title"] == found["twitter:title"] == NAME
    assert found["twitter:card"] == "summary_large_image"
    assert found["og:image"] == found["twitter:image"]
    assert "robots" not in found.tags
    picture(client, found)


def test_nothing_of_gradios_own_is_left(client):
    page = client.get("/").text
    before = page.split("window.gradio_config")[0]
    for word in ("gradio.app", "@Gradio", "teamGradio", "raw.githubusercontent", "Click to try out"):
        assert word not in before
    assert page.count("<title>") == page.count('rel="manifest"') == 1
    assert before.index("og:title") < 2000  # some read the first bytes alone
    assert "twitter:creator" not in before


def test_a_search_is_shown_by_what_it_finds(client, public):
    found = head(client, f"/?{SEARCH}")
    assert found.title == found["og:title"] == f"Photos like harbor03 · harbor \u2013 {NAME}"
    assert found["og:description"] == "The 5 nearest of 252 photos of Generated scenes: 5 harbor."
    assert found.href("canonical") == f"{public.address}/?{SEARCH}"
    assert found["og:image"] == f"{public.address}/preview.jpg?{SEARCH}"
    assert picture(client, found) != picture(client, head(client, "/"))


def test_an_address_is_named_in_its_shortest_form(client, public):
    found = head(client, f"/?utm_source=x&k=12&__theme=dark&{SEARCH.removesuffix('&k=5')}&__sign=secret")
    assert found.href("canonical") == f"{public.address}/?collection=scenes&id=harbor03"


def test_where_photos_are_missing_the_page_shows_its_own_picture(client):
    found = head(client, "/?collection=ucmerced&id=harbor12")
    assert "harbor12" in found.title
    assert found["og:image"].endswith("/preview.jpg")


def test_a_link_to_a_photo_that_is_gone_or_a_visitors_is_not_kept_by_search_engines(client):
    found = head(client, "/?collection=scenes&photo=nobody-guesses-it")
    assert found.title == f"Photos like a visitor's photo \u2013 {NAME}"
    assert found["og:image"].endswith("/preview.jpg")
    assert found["robots"] == "noindex"


@pytest.mark.parametrize(
    ("address", "title", "words"),
    [
        (
            "view=browse&in=scenes&class=harbor",
            "harbor in Generated scenes",
            "The 12 photos of the class harbor",
        ),
        ("view=browse&in=scenes", "Browse Generated scenes", "The 252 photos"),
        ("view=browse&in=scenes&class=volcano", "Browse Generated scenes", "The 252 photos"),
        ("view=browse&in=nowhere", "Browse", "photos of"),
        ("view=map&example=pipera-z20", "Pipera, drawn, at zoom 20", "mapped as a whole"),
    ],
)
def test_a_view_is_shown_by_what_is_chosen_in_it(client, address, title, words):
    found = head(client, f"/?{address}")
    assert found.title.startswith(title)
    assert words in found["og:description"]
    assert "view=" in found.href("canonical")


def test_the_other_language_is_another_page_with_the_same_search(client, public):
    found = head(client, f"/ro?{SEARCH}")
    assert found.language == "ro"
    assert found["og:locale"] == "ro_RO"
    assert found["og:locale:alternate"] == "en_US"
    assert found.href("canonical") == f"{public.address}/ro?{SEARCH}"
    there = {each["hreflang"]: each["href"] for each in found.links["alternate"]}
    assert there == {
        "en": f"{public.address}/?{SEARCH}", "ro": f"{public.address}/ro?{SEARCH}",
        "x-default": f"{public.address}/?{SEARCH}",
    }  # fmt: skip
    assert found["og:site_name"] == "Căutare de imagini aeriene"
    assert "language=ro" in found["og:image"]
    picture(client, found)
    assert head(client, f"/?{SEARCH}").language == "en"


def test_each_language_has_its_country():
    assert [with_country(code) for code in LANGUAGES] == ["en_US", "ro_RO"]


SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "address",
    [
        f"collection={SCRIPT}", f"collection=scenes&id={SCRIPT}",
        f"collection=scenes&id=harbor03&class={SCRIPT}",
        f"k={SCRIPT}", f"view={SCRIPT}", f"{SCRIPT}={SCRIPT}", "id=" + "a" * 15_000, "a=" + "b" * 40_000,
        "&".join(["id=harbor03"] * 600), "id=%00%ff%fe&collection=scenes", "%", "=&=&;;", "id[]=1", "k=1e999",
        "collection=scenes&id=harbor03&id=..%2F..%2Fetc", "view=browse&view=map&" + "in=x&" * 700,
    ],
)  # fmt: skip
def test_a_wrong_or_hostile_address_is_shown_as_the_page(client, address):
    found = head(client, httpx.URL("/", query=address.encode()))
    assert is_of_page(found)
    assert found.scripts == head(client, "/").scripts
    assert "alert(1)" not in found.href("canonical")


@pytest.mark.parametrize("field", ["class", "in"])
def test_a_hostile_choice_in_a_view_is_none(client, field):
    answer = client.get("/", params={"view": "browse", field: SCRIPT})
    assert answer.status_code == 200
    assert "alert(1)" not in answer.text.split("window.gradio_config")[0]


@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"Host": "page.example"}, "http://page.example"),
        ({"Host": "page.example", "X-Forwarded-Proto": "https"}, "https://page.example"),
        ({"Host": "127.0.0.1", "X-Forwarded-Host": "page.example", "X-Forwarded-Proto": "https"},
         "https://page.example"),
        ({"Host": "127.0.0.1", "X-Forwarded-Host": "page.example:8443, other.example"},
         "http://page.example:8443"),
        ({"Host": "page.example", "X-Gradio-Server": "https://evil.example/x"}, "http://page.example"),
        ({"Host": "page.example", "X-Forwarded-Proto": "javascript"}, "http://page.example"),
    ],
)  # fmt: skip
def test_addresses_are_those_by_which_a_proxy_serves_the_page(client, headers, root):
    found = head(client, f"/?{SEARCH}", **headers)
    assert found["og:url"] == f"{root}/?{SEARCH}"
    assert found["og:image"] == f"{root}/preview.jpg?{SEARCH}"


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "page.example", "X-Forwarded-Host": "evil.example"}],
)
def test_no_other_site_is_named_in_it(client, headers):
    answer = client.get(f"/?{SEARCH}", headers=headers)
    assert answer.status_code == 421
    assert "og:" not in answer.text


def test_what_is_no_name_in_a_host_is_not_written_into_the_page(start):
    page: Page = start("--host", "127.0.0.1", "--allowed-host", "*", "--root-path", "/aerial")
    with httpx.Client(base_url=page.ready(), trust_env=False, timeout=60) as asks:
        evil = 'evil.example"><script>alert(1)</script>'
        found = head(asks, "/", **{"Host": "page.example", "X-Forwarded-Host": evil})
        assert found["og:url"] == "http://page.example/aerial/"
        found = head(asks, "/", Host="page.example")
        assert found["og:image"] == "http://page.example/aerial/preview.jpg"
        for rel in ("icon", "apple-touch-icon", "manifest"):
            for link in found.links[rel]:
                assert link["href"].startswith("/aerial/")
                assert asks.get(link["href"].removeprefix("/aerial")).status_code == 200
        romanian = head(asks, f"/ro?{SEARCH}", Host="page.example")
        assert romanian.href("canonical") == f"http://page.example/aerial/ro?{SEARCH}"
        assert romanian.href("manifest") == "/aerial/ro/manifest.json"
        assert asks.get("/ro/manifest.json").json()["start_url"] == "../ro"


def test_the_policy_knows_the_pages_scripts_as_before(client):
    page = client.get(f"/?{SEARCH}")
    scripts = re.search(r"script-src ([^;]*)", page.headers["content-security-policy"])[1].split()
    assert "'unsafe-inline'" not in scripts
    assert client.get("/").headers["content-security-policy"] == page.headers["content-security-policy"]


def test_the_length_is_that_of_what_is_sent(client):
    answer = client.get(f"/?{SEARCH}", headers={"Accept-Encoding": "identity"})
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert client.head(f"/?{SEARCH}").status_code == 200


def test_a_page_that_is_not_known_stays_as_it_is():
    page = b"<!doctype html><html lang='en'><head></head><body>Sign in</body></html>"
    assert with_head(page, "<title>x</title>") == page


@pytest.mark.parametrize("path", ["/favicon.ico", "/manifest.json", "/apple-touch-icon.png", "/robots.txt"])
def test_what_browsers_ask_for_by_themselves_is_there(client, path):
    assert client.get(path).status_code == 200
    assert client.get(f"/ro{path}").status_code == 200


def test_who_opens_the_page_waits_for_nobodys_link():
    """Links are shown by a few threads, and the page itself by none."""
    own, waiting = LinkCard(NAME, "words", "", "preview.jpg"), threading.Event()

    def slow_card(_address):
        waiting.wait(10)
        return own

    async def page(_scope, _receive, send):
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b"<html><head></head><script>window.gradio_config = 1</script></html>"
        await send({"type": "http.response.body", "body": body})

    head_of = PageHead(page, SimpleNamespace(of=slow_card, of_page=lambda: own))

    async def ask(query):
        sent = []

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "GET", "path": "/", "root_path": "", "query_string": query,
            "headers": [(b"host", b"page.example")], "scheme": "http", "server": ("page.example", 80),
        }  # fmt: skip
        await head_of(scope, None, send)
        return sent[-1]["body"]

    async def asked():
        links = [asyncio.create_task(ask(b"id=harbor%d" % number)) for number in range(2 * AT_A_TIME)]
        await asyncio.sleep(0.1)
        assert NAME.encode() in await asyncio.wait_for(ask(b""), 2)
        assert not any(link.done() for link in links)
        waiting.set()
        await asyncio.gather(*links)

    run(asked())
