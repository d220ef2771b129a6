"""The title, and the way to the other languages; and parts whose scripts find their texts."""

import json

import gradio as gr
import pytest

from ui.components.html_component import HERE, TELL, html_component
from ui.i18n import LANGUAGES, use_language
from ui.i18n import gettext as _
from ui.panels.header import header


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_language_leads_to_the_others(code):
    with gr.Blocks(), use_language(code):
        made = header()
        title = _("Aerial Image Retrieval")
    assert f"<h1>{title}</h1>" in made.value
    for other, name in LANGUAGES.items():
        link = f'hreflang="{other}" lang="{other}">{name}</a>'
        assert (link in made.value) is (other != code)
    first = made.js_on_load.splitlines()[0]
    assert first == f'const CODE = "{code}";'  # the document's language


def test_links_to_languages_are_relative_so_that_the_page_may_be_served_from_anywhere():
    with gr.Blocks(), use_language("ro"):
        assert 'href="./"' in header().value
    with gr.Blocks():
        assert 'href="./ro"' in header().value


def test_a_part_has_its_template_its_script_and_its_texts():
    with gr.Blocks():
        part = html_component("photo_grid", {"a": 'quote " and \n line'}, {"tiles": []}, elem_id="here")
    first, second, rest = part.js_on_load.split("\n", 2)
    assert json.loads(first.removeprefix("const constants = ").removesuffix(";")) == {
        "a": 'quote " and \n line'
    }
    assert second == 'const partName = "here";'
    assert rest == TELL + "\n" + (HERE / "photo_grid.js").read_text(encoding="utf-8")
    assert part.html_template == (HERE / "photo_grid.html").read_text(encoding="utf-8")
    assert (part.value, part.elem_id) == ({"tiles": []}, "here")


@pytest.mark.parametrize("argument", ["every", "inputs"])
def test_a_script_that_names_an_argument_of_the_component_is_refused(argument):
    with gr.Blocks(), pytest.raises(ValueError, match=f"'photo_grid' has '{argument}' in quotes"):
        html_component("photo_grid", {argument: 3000})
