"""Proxies of the environment: never asked for this machine itself, and none ends the start in a traceback."""

import httpx
import pytest

from ui.hosting.proxies import ProxyError, use_proxies

#: Nobody listens there.
NOWHERE = "127.0.0.1:9"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h", "socks", "SOCKS5"])
def test_this_machine_is_asked_without_any_proxy(name, scheme, monkeypatch):
    for known in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(known, raising=False)
        monkeypatch.delenv(known.lower(), raising=False)
    monkeypatch.setenv(name, f"{scheme}://user:secret@{NOWHERE}")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    use_proxies()
    with httpx.Client() as client:  # which reads all of these variables
        for host in ("127.0.0.1", "localhost", "[::1]", "intranet.example"):
            transport = client._transport_for_url(httpx.URL(f"http://{host}:7860/"))
            assert "Proxy" not in type(transport._pool).__name__, host


def test_the_variables_say_what_was_meant():
    environment = {"ALL_PROXY": "socks://127.0.0.1:1080/", "http_proxy": "proxy.example:3128"}
    use_proxies(environment)
    assert environment["ALL_PROXY"] == "socks5://127.0.0.1:1080/"
    assert environment["http_proxy"] == "http://proxy.example:3128"
    assert environment["NO_PROXY"] == environment["no_proxy"] == "127.0.0.1,localhost,::1"
    everything = {"NO_PROXY": "a.example", "no_proxy": "*"}
    use_proxies(everything)
    assert everything["NO_PROXY"] == everything["no_proxy"] == "*"


@pytest.mark.parametrize(
    "proxy", ["socks4://secret@host:1", "gopher://secret", "http://", "http://host:secret"]
)
def test_a_proxy_that_cannot_be_used_is_named_but_not_told(proxy):
    with pytest.raises(ProxyError, match="HTTPS_PROXY names a proxy that cannot be used") as caught:
        use_proxies({"HTTPS_PROXY": proxy})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "environment",
    [
        {"HTTP_PROXY": f"http://{NOWHERE}", "http_proxy": f"http://{NOWHERE}"},
        {"ALL_PROXY": f"socks5://{NOWHERE}", "all_proxy": f"socks://{NOWHERE}"},
    ],
    ids=["http", "socks"],
)
def test_the_page_starts_behind_a_proxy(start, environment):
    page = start("--mcp", **{"NO_PROXY": "", "no_proxy": ""} | environment)
    address = page.ready()
    assert httpx.get(f"{address}/config", trust_env=False).status_code == 200
    assert "Traceback" not in page.log


def test_a_proxy_of_another_kind_ends_the_start_with_a_sentence(start):
    page = start(ALL_PROXY="socks4://127.0.0.1:9")
    assert page.ended(120) == 1
    assert "ALL_PROXY names a proxy that cannot be used" in page.log
    assert "Traceback" not in page.log
