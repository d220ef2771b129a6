"""Who may manage folders: a request has to come from this user's browser, on the page itself."""

import ipaddress
import os
import socket
import subprocess
import sys

import pytest

from ui.manage.caller import CallerError, check_caller, owner

#: Connects to a port of this machine as another user, and stays until it is told to end.
AS_ANOTHER = """
import encodings.idna, os, socket, sys
os.setuid(65534)
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as made:
    print(made.getsockname()[1], flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def scope(listening):
    """Of a request by a real connection, as the page's own script makes it."""
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    with socket.create_connection(listening.getsockname()) as made:
        headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
        yield request(made.getsockname(), listening.getsockname(), headers)


def request(client, server, headers):
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": client, "server": server, "headers": raw}


def changed(scope, **headers):
    given = {name.decode(): value.decode() for name, value in scope["headers"]}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in given.items() if value is not None}
    return request(scope["client"], scope["server"], kept)


def test_the_page_itself_may(scope):
    check_caller(scope)
    check_caller(changed(scope, sec_fetch_site=None))  # of a browser that does not say


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": None}, {"origin": "null"}, {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:1"}, {"origin": "http://localhost"}, {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"}, {"sec_fetch_site": "none"}, {"host": None},
        {"x_forwarded_for": "127.0.0.1"}, {"x_forwarded_host": "127.0.0.1"}, {"x_real_ip": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"}, {"via": "1.1 proxy"},
        {"host": "evil.example:7860", "origin": "http://evil.example:7860"},
        {"host": "127.0.0.1.evil.example", "origin": "http://127.0.0.1.evil.example"},
        {"host": "localhost.", "origin": "http://localhost."}, {"host": "[", "origin": "http://["},
        {"host": "192.168.1.5:7860", "origin": "http://192.168.1.5:7860"},
        {"host": "evil.example@127.0.0.1", "origin": "https://evil.example@127.0.0.1"},
    ],
)  # fmt: skip
def test_another_site_a_proxy_and_a_program_may_not(scope, headers):
    with pytest.raises(CallerError, match="on the page itself"):
        check_caller(changed(scope, **headers))


@pytest.mark.parametrize("client", [("192.168.1.5", 40000), ("10.0.0.1", 1), ("testclient", 1), None])
def test_another_machine_may_not(scope, client):
    with pytest.raises(CallerError):
        check_caller(scope | {"client": client})


def test_who_has_no_open_connection_may_not(scope):
    address, port = scope["client"]
    with pytest.raises(CallerError):
        check_caller(scope | {"client": (address, 0)})
    with pytest.raises(CallerError):
        check_caller(scope | {"server": (address, port)})


def test_the_owner_of_a_connection_is_known(scope):
    client, server = scope["client"], scope["server"]
    assert owner(ipaddress.ip_address(client[0]), client[1], server[1]) == os.getuid()


def test_the_owner_is_known_by_ipv6_too():
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server, socket.create_connection(server.getsockname()[:2]) as made:
        port = made.getsockname()[1]
        assert owner(ipaddress.ip_address("::1"), port, server.getsockname()[1]) == os.getuid()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_another_user_of_this_machine_may_not(listening, scope):
    own = listening.getsockname()
    with subprocess.Popen(
        [sys.executable, "-c", AS_ANOTHER, str(own[1])], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        port = int(other.stdout.readline())
        assert owner(ipaddress.ip_address("127.0.0.1"), port, own[1]) == 65534
        with pytest.raises(CallerError):
            check_caller(scope | {"client": ("127.0.0.1", port)})
        other.stdin.close()
