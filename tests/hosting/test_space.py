"""In a Space, visitors are told apart by what the Hub's proxies say of them."""

import asyncio

import pytest
from uvicorn.config import Config

import app
from ui.hosting.space import PRIVATE, trust_proxies
from ui.limits.visitors import visitor_of


def visitor(forwarded, connected="10.16.4.7"):
    """Who a request counts as, by uvicorn's own middleware, with the settings of the environment."""
    seen = []

    async def answers(scope, receive, send):
        del receive, send
        seen.append(visitor_of(scope))

    config = Config(answers, lifespan="off")
    config.load()
    scope = {
        "type": "http", "scheme": "http", "client": (connected, 5), "asgi": {"version": "3.0"},
        "headers": [(b"x-forwarded-for", forwarded.encode())],
    }  # fmt: skip
    asyncio.run(config.loaded_app(scope, None, None))
    return seen[0]


@pytest.fixture
def in_a_space(monkeypatch, tmp_path):
    """As the command sets it, which then ends as there is nothing to serve."""
    monkeypatch.setenv("SPACE_ID", "owner/page")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "to be put back")
    monkeypatch.delenv("FORWARDED_ALLOW_IPS")
    assert app.main(["--artifacts", str(tmp_path)]) == 1


@pytest.mark.usefixtures("in_a_space")
def test_visitors_are_told_apart():
    assert visitor("203.0.113.9") == "203.0.113.9"
    assert visitor("203.0.113.10, 10.16.2.2", "172.17.0.3") == "203.0.113.10"
    assert visitor("2001:db8:1:2:3::4, 100.64.0.9", "fd00::3") == "2001:db8:1:2::/64"


@pytest.mark.usefixtures("in_a_space")
def test_nobody_says_of_himself_who_he_is():
    assert visitor("192.0.2.1, 203.0.113.9") == "203.0.113.9"
    assert visitor("192.0.2.1", connected="203.0.113.9") == "203.0.113.9"


def test_what_was_set_is_left_and_elsewhere_nothing_is_set():
    for environment, expected in (
        ({"SPACE_ID": "owner/page"}, PRIVATE),
        ({"SPACE_ID": "owner/page", "FORWARDED_ALLOW_IPS": "10.1.2.3"}, "10.1.2.3"),
        ({}, None),
    ):
        trust_proxies(environment)
        assert environment.get("FORWARDED_ALLOW_IPS") == expected
