"""Every sentence is in every catalogue; numbers; how the page is filled in; what an address says."""

from __future__ import annotations

import ast
import gettext as standard_gettext
import html
import json
import string
from types import SimpleNamespace
from urllib.parse import urljoin

import gradio as gr
import pytest
from babel.messages.plurals import get_plural
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from retrieval.errors import Message
from retrieval.labels import CLASS_NAMES
from ui.i18n import DEFAULT, LANGUAGES, class_name, language, ngettext, number, use_language
from ui.i18n import gettext as _
from ui.i18n.__main__ import CALLS, FOLDERS, PROJECT, collect, path, read
from ui.i18n.compose import composing, filled_in, in_each_language, is_composing
from ui.i18n.routing import LanguageByPath, language_of
from ui.page import build_page
from ui.uploads import UploadStore

TRANSLATED = [code for code in LANGUAGES if code != DEFAULT]
PLACEHOLDER_SIGNS = "\ue000\ue001"


def entries(catalogue):
    """Its messages, without the header."""
    return [message for message in catalogue if message.id]


def forms(text):
    """A sentence, or all plural forms of one."""
    return (text,) if isinstance(text, str) else tuple(text)


def left_in_english(told, code="ro"):
    """The English sentences, or long parts of them, that stand in something said in another language."""
    return {
        sentence
        for message in entries(read(code))
        for sentence in forms(message.id)
        for literal, *_rest in string.Formatter().parse(sentence)
        if len(literal) >= 8 and literal in told and literal not in " ".join(forms(message.string))
    }


def shown(components):
    """All that components hold, as the browser gets it, without their scripts and templates."""
    cleaned = []
    for component in components:
        properties = dict(component["props"])
        properties.pop("html_template", None)
        if script := properties.get("js_on_load"):
            first, *_rest = script.splitlines()
            properties["js_on_load"] = first if first.startswith("const ") else ""  # what it says is there
        if choices := properties.get("choices"):
            properties["choices"] = [name for name, _value in choices]  # what programs choose by is English
        if isinstance(properties.get("value"), dict):
            value = dict(properties["value"])
            if tiles := value.get("tiles"):
                value["tiles"] = [
                    {name: each for name, each in tile.items() if name not in ("id", "small")}
                    for tile in tiles
                ]
            properties["value"] = value
        cleaned.append(properties)
    return html.unescape(json.dumps(cleaned, ensure_ascii=False, default=str))


# The catalogues.


def sources():
    """The parsed files whose sentences are translated, with their names."""
    for folder in FOLDERS:
        for file in sorted((PROJECT / folder).rglob("*.py")):
            yield file.relative_to(PROJECT), ast.parse(file.read_text(encoding="utf-8"))


def calls_of_sentences(tree):
    """The calls in a tree whose first argument is a sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in {*CALLS, "gettext"}:
                yield name, node


def literal(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_of_the_code_has_a_translation_and_no_other_is_kept(code):
    in_code = {message.id for message in entries(collect())}
    assert len(in_code) > 300
    assert {message.id for message in entries(read(code))} == in_code
    missing = [
        message.id for message in entries(read(code)) if not all(map(str.strip, forms(message.string)))
    ]
    assert missing == []
    assert not read(code).obsolete


def test_all_literal_sentences_in_the_code_are_collected():
    collected = {forms(message.id) for message in entries(collect())}
    literals = {
        tuple(each.value for each in node.args[: 2 if name == "ngettext" else 1])
        for _file, tree in sources()
        for name, node in calls_of_sentences(tree)
        if literal(node.args[0])
    }
    assert literals == collected


def test_no_sentence_is_put_together_where_it_would_be_collected():
    built = (ast.JoinedStr, ast.BinOp, ast.IfExp)
    wrong = [
        f"{file}:{node.lineno}"
        for file, tree in sources()
        for name, node in calls_of_sentences(tree)
        if any(isinstance(each, built) for each in node.args[: 2 if name == "ngettext" else 1])
    ]
    assert wrong == []


def test_no_sentence_stands_inside_the_braces_of_an_f_string():  # before Python 3.12, Babel does not see it
    wrong = [
        f"{file}:{node.lineno}"
        for file, tree in sources()
        for braces in ast.walk(tree)
        if isinstance(braces, ast.FormattedValue)
        for _name, node in calls_of_sentences(braces)
        if literal(node.args[0])
    ]
    assert wrong == []


def test_every_error_with_a_sentence_for_people_is_collected():
    bases = {
        node.name: {getattr(base, "id", "") for base in node.bases}
        for _file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"UserError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    assert len(found) > 5
    assert found <= set(CALLS)


def placeholders(text):
    """The names and formats that a sentence is filled in with, in the order of the alphabet."""
    return sorted(
        (name, conversion or "", specification or "")
        for _literal, name, specification, conversion in string.Formatter().parse(text)
        if name is not None
    )


@pytest.mark.parametrize("code", TRANSLATED)
def test_each_translation_has_the_placeholders_and_formats_of_the_english(code):
    catalogue = read(code)
    for message in entries(catalogue):
        english, translated = forms(message.id), forms(message.string)
        assert len(translated) == (catalogue.num_plurals if len(english) == 2 else 1), message.id
        for position, text in enumerate(translated):
            original = english[0] if position == 0 else english[-1]
            assert placeholders(text) == placeholders(original), text
    assert any(len(forms(message.id)) == 2 for message in entries(catalogue))


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_is_a_guess_of_a_program(code):
    assert not read(code).fuzzy
    assert [message.id for message in read(code) if message.id and message.fuzzy] == []


def test_the_plural_rule_is_that_of_romanian():
    catalogue = read("ro")
    count, rule = get_plural("ro")
    assert (catalogue.num_plurals, catalogue.plural_expr) == (count, rule) and count == 3
    form = standard_gettext.c2py(catalogue.plural_expr)
    for expected, counts in ((0, (1,)), (1, (0, 2, 19, 101, 119, 1001)), (2, (20, 21, 100, 120, 1000))):
        assert {form(each) for each in counts} == {expected}


def test_romanian_is_written_with_its_own_letters_and_leaves_no_sentence_in_english():
    texts = {english: text for message in entries(read("ro"))
             for english, text in zip(forms(message.id), forms(message.string), strict=False)}  # fmt: skip
    assert not set("şţŞŢ") & set(path("ro").read_text(encoding="utf-8"))  # with a cedilla, as old keyboards
    assert [text for english, text in texts.items() if text == english and len(text.split()) > 2] == []


# Sentences, numbers and classes.


def test_a_sentence_is_in_the_language_in_use():
    assert _("Your photo") == "Your photo"
    assert _("Example: {label}", label="x") == "Example: x"
    with use_language("ro"):
        assert _("Your photo") == "Fotografia ta"
        assert _("Example: {label}", label="x") == "Exemplu: x"


def test_a_sentence_without_a_translation_stays_as_it_is():
    with use_language("ro"):
        assert _("Nothing of the kind: {braces}") == "Nothing of the kind: {braces}"
        assert _("Nothing of the kind: {x:.1f}", x=0.5) == "Nothing of the kind: 0,5"


@pytest.mark.parametrize(
    ("value", "specification", "english", "romanian"),
    [
        (0.123, ".3f", "0.123", "0,123"),
        (1470, ",", "1,470", "1.470"),
        (1234567.891, ",.2f", "1,234,567.89", "1.234.567,89"),
        (-0.5, ".1f", "-0.5", "-0,5"),
        (0.255, ".1%", "25.5%", "25,5%"),
        (0.25, ".0%", "25%", "25%"),
        (0.3048, ".2g", "0.3", "0,3"),
        (85.05, "", "85.05", "85,05"),
        (12, "", "12", "12"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, specification, english, romanian):
    sentence = f"{{value:{specification}}} of it"
    assert number(value, specification) == english
    assert _(sentence, value=value) == f"{english} of it"
    with use_language("ro"):
        assert number(value, specification) == romanian
        assert _(sentence, value=value) == f"{romanian} of it"
    assert number(value, specification) == english


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([".3f", ",.2f", "g", ".1%", ""]))
def test_a_romanian_number_is_the_english_one_with_its_signs_exchanged(value, specification):
    english = number(value, specification)
    with use_language("ro"):
        assert number(value, specification).translate(str.maketrans(".,", ",.")) == english


def test_a_text_that_looks_like_a_number_is_left_alone():
    with use_language("ro"):
        assert _("{file}: {trouble}", file="v1.5,a.png", trouble="0.5") == "v1.5,a.png: 0.5"


def test_a_message_of_the_engine_is_translated_with_all_that_is_nested_in_it():
    inner = Message("The file {name}", name="a.b.jpg")
    outer = Message(
        "{file} has {size:.1f} MB, and at most {most} MB are read: save it smaller, or as JPEG.",
        file=inner, size=30.25, most=25,
    )  # fmt: skip
    assert (
        _(outer)
        == str(outer)
        == ("The file a.b.jpg has 30.2 MB, and at most 25 MB are read: save it smaller, or as JPEG.")
    )
    with use_language("ro"):
        assert _(outer) == (
            "Fișierul a.b.jpg are 30,2 MB, iar limita este de 25 MB: salvează-l mai mic sau ca JPEG."
        )
        assert str(outer).startswith("The file")  # programs read English
        wrapped = Message("{file}: {trouble}", file="x", trouble=outer)
        assert _(wrapped) == f"x: {_(outer)}"


def test_one_and_several_are_told_apart():
    def hidden(count):
        return ngettext("One near-duplicate is hidden.", "{count} near-duplicates are hidden.", count)

    assert [hidden(1), hidden(2)] == ["One near-duplicate is hidden.", "2 near-duplicates are hidden."]
    with use_language("ro"):
        assert hidden(1) == "O fotografie aproape identică este ascunsă."
        assert hidden(2) == "Fotografii aproape identice ascunse: 2."
        assert hidden(20) == "Fotografii aproape identice ascunse: 20."


def test_every_class_has_a_name_that_people_read(retriever):
    for collection in retriever.collections.values():
        for label in collection.labels:
            assert class_name(label).replace(" ", "") == label
            with use_language("ro"):
                assert class_name(label) == _(CLASS_NAMES[label]) != _(label.title())
    assert class_name("volcano") == "volcano"
    with use_language("ro"):
        assert (class_name("beach"), class_name("volcano")) == ("plajă", "volcano")


def test_a_language_is_used_inside_its_block_and_the_one_before_it_again_after():
    assert language() == DEFAULT == "en"
    with use_language("ro"):
        assert language() == "ro"
        with use_language("en"):
            assert (language(), class_name("beach")) == ("en", "beach")
        assert (language(), class_name("beach")) == ("ro", "plajă")
    with pytest.raises(ZeroDivisionError), use_language("ro"):
        raise ZeroDivisionError
    assert language() == "en"


def test_the_engine_knows_nothing_of_the_page():
    imported = set()
    for file in (PROJECT / "retrieval").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(node.module)
    assert "numpy" in imported
    assert {name for name in imported if name.split(".")[0] in ("ui", "gradio", "babel")} == set()


# The page: composed once, filled in for each language.


def test_placeholders_are_filled_in_in_each_language():
    assert not is_composing()
    with composing():
        assert is_composing()
        made = {
            "label": _("Class"),
            "joined": [f"<b>{_('Class')}</b>", (_("Zoom in"), "Zoom in")],
            "filled": _("Example: {label}", label="x"),
            "nested": _("Example: {label}", label=_("beach")),
            "class": class_name("beach"),
            "number": number(0.5, ".2f"),
            "count": ngettext("one marked right", "{count} marked right", 2),
            "made": in_each_language(lambda: f"{language()}: {_('Class')}"),
        }
    assert not is_composing()
    assert filled_in(made) == {
        "label": "Class",
        "joined": ["<b>Class</b>", ("Zoom in", "Zoom in")],
        "filled": "Example: x",
        "nested": "Example: beach",
        "class": "beach",
        "number": "0.50",
        "count": "2 marked right",
        "made": "en: Class",
    }
    with use_language("ro"):
        assert filled_in(made) == {
            "label": "Clasă",
            "joined": ["<b>Clasă</b>", ("Mărește", "Zoom in")],
            "filled": "Exemplu: x",
            "nested": "Exemplu: plajă",
            "class": "plajă",
            "number": "0,50",
            "count": "2 potrivite",
            "made": "ro: Clasă",
        }


def test_while_nothing_is_composed_sentences_are_themselves():
    assert in_each_language(lambda: _("Class")) == "Class"
    assert not set(PLACEHOLDER_SIGNS) & set(_("Class") + number(0.5, ".1f"))


def test_in_a_script_what_is_filled_in_is_written_as_json_has_it():
    strange = 'She said "no"\nand \\ left'
    with composing():
        texts = [
            _(
                "# Drop a photo here, or click to choose one\n"
                "It is used for the search alone, and deleted within two hours."
            ),
            in_each_language(lambda: strange),
            _("Example: {label}", label=in_each_language(lambda: strange)),
        ]
        script = f"const texts = {json.dumps(texts, ensure_ascii=False)};\nnext();"
    for code, first, asked in (
        ("en", "# Drop a photo here, or click to choose one\nIt is used", "Example"),
        ("ro", "# Trage o fotografie aici sau apasă ca să alegi una\nEste folosită", "Exemplu"),
    ):
        with use_language(code):
            filled = filled_in({"props": {"js_on_load": script, "value": texts[1]}})["props"]
        line, rest = filled["js_on_load"].split("\n", 1)
        assert rest == "next();"
        told = json.loads(line.removeprefix("const texts = ").removesuffix(";"))
        assert told[0].startswith(first)
        assert told[1:] == [strange, f"{asked}: {strange}"]
        assert filled["value"] == strange


def test_what_is_no_text_or_has_no_placeholder_stays():
    value = {"number": 3, "on": True, "nothing": None, "text": "a \\ {b} \n", "list": [0.5, "x", ()]}
    assert filled_in(value) == value
    thing = object()
    assert filled_in([thing])[0] is thing


@pytest.fixture(scope="module")
def configs(retriever):
    """What the browser is told of the page, in each language."""
    page = build_page(retriever, UploadStore())
    made = {}
    for code in LANGUAGES:
        with use_language(code):
            made[code] = page.config
    return made


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_has_no_placeholder_left_in_any_language(configs, code):
    told = json.dumps(configs[code], ensure_ascii=False, default=repr)
    assert not set(PLACEHOLDER_SIGNS) & set(told)
    assert "\\ue00" not in told


def test_the_page_is_the_same_in_each_language_but_for_its_texts(configs):
    def structure(config):
        return [(each["id"], each["type"], sorted(each["props"])) for each in config["components"]]

    assert structure(configs["ro"]) == structure(configs["en"])
    assert [each["targets"] for each in configs["ro"]["dependencies"]] == [
        each["targets"] for each in configs["en"]["dependencies"]
    ]


def test_the_page_in_romanian_has_no_english_sentence(configs):
    of_programs = {
        identifier
        for each in configs["en"]["dependencies"]
        if each["api_visibility"] == "public"
        for identifier in (*each["inputs"], *each["outputs"])
    }  # the parts of the endpoints, which are not shown

    def of_people(code):
        return shown(each for each in configs[code]["components"] if each["id"] not in of_programs)

    english, romanian = of_people("en"), of_people("ro")
    assert len(left_in_english(english)) >= 150  # so it would be seen
    assert left_in_english(romanian) == set()
    labels = {each["props"].get("label") for each in configs["ro"]["components"]}
    assert {"Caută", "Fotografia căutată", "Vecini", "Clasă"} <= labels


# The language by the address.


def answered(request):
    """What an application sees of a request."""
    scope = request.scope
    return JSONResponse(
        {
            "language": language(),
            "event": language_of(SimpleNamespace(request=request)),
            "root_path": scope.get("root_path", ""),
            "path": scope["path"],
            "query": request.url.query,
        }
    )


@pytest.fixture(params=["", "/sub"])
def root(request):
    """The path that the page is served under."""
    return request.param


@pytest.fixture
def client(root):
    app = Starlette(routes=[Route("/{path:path}", answered)], middleware=[Middleware(LanguageByPath)])
    return TestClient(app, root_path=root, follow_redirects=False)


def test_a_path_under_the_language_is_answered_in_it(client, root):
    for address, seen in (("/ro", "/ro/"), ("/ro/config", "/ro/config"), ("/ro/a/b/ro", "/ro/a/b/ro")):
        told = client.get(f"{root}{address}?k=3").json()
        assert (told["language"], told["event"]) == ("ro", "ro")
        assert told["root_path"] == f"{root}/ro"
        assert told["path"] == f"{root}{seen}"
        assert told["query"] == "k=3"
    assert client.get(f"{root}/").json()["language"] == "en"  # the next request is in its own


@pytest.mark.parametrize("address", ["/", "/romania", "/romania/", "/en", "/en/", "/config", "/RO", "/x/ro"])
def test_other_paths_are_answered_as_they_are(client, root, address):
    told = client.get(f"{root}{address}?k=3").json()
    assert told == {
        "language": "en", "event": "en", "root_path": root, "path": f"{root}{address}", "query": "k=3",
    }  # fmt: skip


@pytest.mark.parametrize("query", ["", "?collection=scenes&id=beach00&class=a%20b"])
def test_the_language_with_a_slash_leads_to_the_one_without_and_keeps_the_query(client, root, query):
    answer = client.get(f"{root}/ro/{query}")
    assert answer.status_code == 301
    place = urljoin(f"http://testserver{root}/ro/{query}", answer.headers["location"])
    assert place == f"http://testserver{root}/ro{query}"


def test_what_is_no_request_passes_through():
    async def app(scope, receive, send):
        seen.append((scope, language()))

    seen = []
    for scope in ({"type": "lifespan"}, {"type": "websocket", "path": "/ro/x"}):
        call = LanguageByPath(app)(scope, None, None)
        with pytest.raises(StopIteration):
            call.send(None)
        assert seen.pop() == (scope, "en")


def event(root_path="", referer=None, code=None):
    """An event of the page, as Gradio gives it."""
    scope = {
        "type": "http",
        "root_path": root_path,
        "headers": [(b"referer", referer.encode())] if referer else [],
        "state": {"language": code} if code else {},
    }
    return gr.Request(request=Request(scope))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (event(code="ro"), "ro"),
        (event(), "en"),
        (event(referer="http://host/ro"), "en"),  # the path alone says it where there is no root path
        (event("/sub", code="ro"), "ro"),
        (event("/sub", "https://host/sub/ro"), "ro"),
        (event("/sub", "https://host/sub/ro?id=beach00"), "ro"),
        (event("/sub", "https://host/sub/"), "en"),
        (event("/sub", "https://host/sub/?x=/ro"), "en"),
        (event("/sub", "https://host/sub/klingon"), "en"),
        (event("/sub"), "en"),
        (None, "en"),
        (SimpleNamespace(), "en"),
    ],
)
def test_an_event_is_in_the_language_of_its_page(asked, code):
    assert language_of(asked) == code
