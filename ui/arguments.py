"""What the endpoints take, checked before Gradio sees it; a bad argument is named in a sentence.

Gradio's own components check too, but answer `null` for what they did not expect, or repeat what was sent.
The sentences here say what an argument may be, and never what it was: that may be a whole photo. They are for
programs, which are answered in English.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gradio as gr

from retrieval.images import MAX_BYTES
from ui.components.uploaded_path import uploaded_path

#: Takes the name of an argument and what was given for it; gives what the endpoint gets. Raises gr.Error.
Check = Callable[[str, Any], Any]

MAX_TEXT = 200  # characters of a name or an id; a number has fewer


def checked(checks: dict[str, Check], values: Sequence[Any]) -> list[Any]:
    """The arguments of a call in their order, each checked. Raises gr.Error, where one is missing too."""
    if len(values) != len(checks):
        raise refusal(
            f"This endpoint takes {len(checks)} arguments, and got {len(values)}. "
            f"In their order they are: {', '.join(checks) or 'none'}."
        )
    return [check(name, value) for (name, check), value in zip(checks.items(), values, strict=True)]


def refusal(sentence: str) -> gr.Error:
    """An error for the caller, which is not worth a line in the log."""
    return gr.Error(sentence, print_exception=False)


def number(name: str, value: Any) -> float:  # noqa: ANN401 - whatever JSON holds
    """A finite number, or text that is one."""
    read = _number(value)
    if read is None:
        raise refusal(f"'{name}' has to be a number, such as 0.3.")
    return read


def whole_number(least: int, most: int) -> Check:
    """A whole number in a range, or text that is one; '3.0' is one, and '3.5' is none."""

    def check(name: str, value: Any) -> int:  # noqa: ANN401
        read = _number(value)
        if read is None or read != round(read) or not least <= read <= most:
            raise refusal(f"'{name}' has to be a whole number from {least} to {most}.")
        return round(read)

    return check


def _number(value: Any) -> float | None:  # noqa: ANN401
    """None for what is no finite number; True is none, though Python counts it as 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not (len(value) <= MAX_TEXT and re.fullmatch(_NUMBER, value)):
        return None
    try:
        read = float(value)
    except (OverflowError, ValueError):
        return None
    return read if math.isfinite(read) else None


def text(name: str, value: Any) -> str:  # noqa: ANN401
    """Text that may be a name or an id."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise refusal(f"'{name}' has to be a text of 1 to {MAX_TEXT} characters.")
    return value


def one_of(choices: Callable[[], Iterable[str]], default: str) -> Check:
    """One of the names that there are by then; the default where there is none."""

    def check(name: str, value: Any) -> str:  # noqa: ANN401
        if value is None or value == "":
            return default
        names = list(choices())
        if not isinstance(value, str) or value not in names:
            raise refusal(f"'{name}' has to be one of these names: {', '.join(names)}.")
        return value

    return check


def image(name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    """An upload, or a file behind a public URL, as `gradio_client.handle_file` writes either."""
    if value is None:
        raise refusal(f"There is no image: give one as the field '{name}'.")
    path = value.get("path") if isinstance(value, dict) else None
    if not isinstance(path, str):
        raise refusal(
            f"'{name}' has to be an upload: send the file to /gradio_api/upload, and give the path that it "
            'answers as {"path": "..."}; handle_file of gradio_client does both. A path or base64 by itself '
            "is not read."
        )
    is_file = value.get("meta") == FILE_META
    if is_file and is_url(path):
        return {"path": path, "meta": FILE_META}
    return {"path": uploaded_path(path)} | ({"meta": FILE_META} if is_file else {})


#: A number as text, of ASCII digits; `float` reads 'infinity' and '1_000' as well.
_NUMBER = re.compile(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?\s*", re.IGNORECASE)

MAX_URL = 4000  # characters

#: By this Gradio tells a file from other JSON; only then it fetches a URL.
FILE_META = {"_type": "gradio.FileData"}


def image_of_tool(name: str, value: Any) -> str:  # noqa: ANN401
    """An image as tools for language models get it: a `data:` URL, or a public URL."""
    if value is None:
        raise refusal(f"There is no image: give one as the field '{name}'.")
    if isinstance(value, str) and (is_url(value) or _is_data_url(value)):
        return value
    raise refusal(
        f"'{name}' has to be a URL: a public http(s) URL of an image, or data:image/png;base64,... with the "
        f"bytes of one in base64, at most {MAX_BYTES // 10**6} MB. A path is not read."
    )


def is_url(path: str) -> bool:
    """Whether it is the address of something on the web."""
    return path.startswith(("http://", "https://")) and len(path) <= MAX_URL


def _is_data_url(value: str) -> bool:
    head, comma, data = value.partition(",")
    if not comma or not re.fullmatch(r"data:[\w.+-]{0,60}/?[\w.+-]{0,60};base64", head):
        return False
    if len(data) > 4 * (MAX_BYTES + 3) / 3:
        return False
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
