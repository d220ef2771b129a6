"""Names by which the page may be asked for."""

import pytest

from ui.hosting.hosts import ANY, LOOPBACK, allowed_hosts, host_name


@pytest.mark.parametrize("listens_on", [None, "127.0.0.1", "localhost", "[::1]"])
def test_a_page_for_this_machine_answers_to_its_own_names(listens_on):
    allowed = allowed_hosts([], listens_on, share=False, space=False)
    assert set(allowed) == set(LOOPBACK)


@pytest.mark.parametrize("listens_on", ["0.0.0.0", "::", "192.168.1.5", "page.example"])
def test_a_page_for_others_answers_to_any_name_until_some_are_named(listens_on):
    assert allowed_hosts([], listens_on, share=False, space=False) == [ANY]
    named = allowed_hosts(["Page.example"], listens_on, share=False, space=False)
    assert ANY not in named
    assert {"page.example", *LOOPBACK, listens_on} <= set(named)


def test_a_space_answers_to_any_name_and_a_public_link_to_its_own():
    assert allowed_hosts([], None, share=False, space=True) == [ANY]
    assert "*.gradio.live" in allowed_hosts([], None, share=True, space=False)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Example.org", "example.org"), ("example.org:7860", "example.org"), ("[::1]:7860", "::1"),
        ("[::1]", "::1"), ("::1", "::1"), (" a ", "a"), ("", ""),
    ],
)  # fmt: skip
def test_the_name_is_taken_out_of_the_header(header, name):
    assert host_name(header) == name
