"""The tabs with addresses: each is one of the page, and an address says no more than there may be."""

import pytest

from retrieval.query import MAX_ADDRESS
from ui.page import build_page
from ui.uploads import UploadStore
from ui.views import MAX_VALUE, SEARCH_TAB, VIEWS, view_address, view_fields


def test_each_tab_of_the_page_but_the_searchs_is_a_view(retriever):
    page = build_page(retriever, UploadStore())
    tabs = [block.id for block in page.blocks.values() if block.get_block_name() == "tabitem"]
    assert tabs == [SEARCH_TAB, *(view.tab for view in VIEWS)]
    assert len({view.name for view in VIEWS}) == len(VIEWS)


def test_an_address_is_short_and_comes_back():
    address = view_address("browse", {"in": "scenes", "class": "harbor"})
    assert address == "view=browse&in=scenes&class=harbor"
    assert view_fields(f"?{address}") == {"view": "browse", "in": "scenes", "class": "harbor"}
    assert view_address("browse", {"in": "scenes", "class": ""}) == "view=browse&in=scenes"
    assert view_address("accuracy", {}) == "view=accuracy"
    assert (
        view_address("map", {"groups": 6, "example": "pipera-z20"}) == "view=map&example=pipera-z20&groups=6"
    )


def test_names_of_anybodys_collections_and_classes_come_back():
    chosen = {"in": "a-b", "class": 'tree & "bush"/ș=<b>'}
    assert view_fields(view_address("browse", chosen)) == {"view": "browse", **chosen}


@pytest.mark.parametrize(
    "address",
    [
        "", "?", "collection=scenes&id=harbor03", "view=", "view=api", "view=Browse", "view=browse%00",
        "view=" + "browse" * 10, "view=browse&" + "a" * MAX_ADDRESS, "view=browse&" + "a=1&" * 600,
        "view=%ff%fe", "view=\ud800",
    ],
)  # fmt: skip
def test_another_address_is_no_view(address):
    assert view_fields(address) == {}


def test_what_a_field_cannot_be_is_passed_over():
    long = "x" * (MAX_VALUE + 1)
    read = view_fields(f"view=map&layer=<script>&example=../../etc&groups=6&in={long}&id=x&view=browse")
    assert read == {"view": "map", "groups": "6"}
