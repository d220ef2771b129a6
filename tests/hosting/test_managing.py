"""`--manage` is refused where anybody but the operator could reach the page."""

import pytest

import app
from ui.hosting.managing import why_not_managed


def why_not(*arguments, **environment):
    return why_not_managed(vars(app.parser().parse_args(["--manage", *arguments])), environment)


@pytest.mark.parametrize("host", [(), ("--host", "127.0.0.1"), ("--host", "localhost"), ("--host", "::1")])
def test_folders_are_managed_on_a_page_for_this_computer_alone(host):
    assert why_not(*host) is None
    assert why_not(*host, "--mcp", "--frame-ancestor", "none", "--port", "8000") is None


@pytest.mark.parametrize(
    ("arguments", "environment", "word"),
    [
        (("--host", "0.0.0.0"), {}, "--host 0.0.0.0"),
        (("--host", "192.168.1.5"), {}, "--host"),
        (("--host", "::"), {}, "--host"),
        ((), {"GRADIO_SERVER_NAME": "0.0.0.0"}, "GRADIO_SERVER_NAME"),
        (("--share",), {}, "--share"),
        ((), {"SPACE_ID": "owner/name"}, "Space"),
        (("--root-path", "/aerial"), {}, "--root-path"),
        ((), {"GRADIO_ROOT_PATH": "/aerial"}, "GRADIO_ROOT_PATH"),
        (("--allowed-host", "aerial.example.org"), {}, "--allowed-host"),
        (("--frame-ancestor", "https://example.org"), {}, "--frame-ancestor"),
    ],
)
def test_elsewhere_the_reason_is_said(arguments, environment, word):
    reason = why_not(*arguments, **environment)
    assert word in reason
    assert reason.endswith(".")


def test_the_page_does_not_start_then(capsys):
    assert app.main(["--manage", "--host", "0.0.0.0"]) == 1
    told = capsys.readouterr()
    assert "leave out --host 0.0.0.0" in told.err
    assert "Running on" not in told.out
