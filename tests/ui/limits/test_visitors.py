"""Visitors are told apart by addresses that they cannot invent."""

import pytest

from ui.limits.visitors import current_visitor, visitor_of


@pytest.mark.parametrize(
    ("host", "visitor"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_visitor_is_an_address_or_a_network(host, visitor):
    assert visitor_of({"client": (host, 1234)}) == visitor


def test_without_an_address_all_are_one():
    assert visitor_of({}) == visitor_of({"client": None}) == current_visitor() == ""


def test_what_a_header_says_is_not_looked_at():
    headers = [(b"x-forwarded-for", b"198.51.100.1"), (b"forwarded", b"for=198.51.100.2")]
    assert visitor_of({"client": ("203.0.113.7", 1), "headers": headers}) == "203.0.113.7"
