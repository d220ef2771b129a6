"""What browsers are told to refuse, should a stranger's text ever get into the page as code.

Gradio needs `eval` for the scripts of events and components (Gradio 6.31), and styles in place; it needs no
script in place but those of the page's own HTML, which are allowed one by one, by their hash. So neither a
script that is put into the page runs, nor an `onerror` in it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence

#: Where a Hugging Face Space is shown in a frame.
FRAMED_BY = ("https://huggingface.co", "https://*.hf.space")

#: With a public link, Gradio has the page fetch its scripts and styles from there.
SHARED_FROM = "https://gradio.s3-us-west-2.amazonaws.com"

#: Pictures of streets, which a visitor may turn on under a map of the Earth.
STREETS_FROM = "https://tile.openstreetmap.org"

_BEGINS = re.compile(rb"<script\b(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE)
_ENDS = re.compile(rb"</script>", re.IGNORECASE)


class SecurityHeaders:
    """Makes the headers of answers.

    Args:
        frame_ancestors: Origins beside our own whose pages may show this one in a frame.
        share: Whether Gradio's public link is open.
        space: Whether this is a Hugging Face Space, whose bar Gradio shows above the page.
        streets: Says whether the page has a map of the Earth, under which a visitor may have streets.
    """

    def __init__(
        self,
        frame_ancestors: Sequence[str] = FRAMED_BY,
        *,
        share: bool = False,
        space: bool = False,
        streets: Callable[[], bool] = lambda: False,
    ) -> None:
        self._framed_by = " ".join(["frame-ancestors 'self'", *frame_ancestors])
        self._code = f" {SHARED_FROM}" if share else ""
        self._streets = streets
        self._hub = " https://huggingface.co https://*.huggingface.co" if space else ""

    def of_all(self) -> list[tuple[str, str]]:
        """Of each answer."""
        return [
            ("X-Content-Type-Options", "nosniff"),
            # Our own page needs the address: it says the language where a proxy serves us under a path.
            ("Referrer-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        ]

    def of_file(self) -> str:
        """The policy of what is no page: opened by itself, it may do nothing."""
        return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; {self._framed_by}"

    def of_page(self, html: bytes) -> str:
        """The policy of a page, whose own scripts are allowed."""
        streets = f" {STREETS_FROM}" if self._streets() else ""
        hashes = " ".join(sorted({_hash(script) for script in _scripts(html)}))
        return "; ".join(
            [
                "default-src 'self'",
                f"script-src 'self' 'unsafe-eval'{self._code} {hashes}".rstrip(),
                f"style-src 'self' 'unsafe-inline'{self._code}",
                f"img-src 'self' data: blob:{self._hub}{streets}",
                f"font-src 'self' data:{self._code}",
                f"connect-src 'self' data: blob:{self._code}{self._hub}",
                "media-src 'self' data: blob:",
                "worker-src 'self' blob:",
                "frame-src 'self'",
                "object-src 'none'",
                "base-uri 'self'",
                "form-action 'self'",
                self._framed_by,
            ]
        )


def _scripts(html: bytes) -> Iterator[bytes]:
    """What stands in the page itself. A single pattern for all of a script is far slower."""
    place = 0
    while (begins := _BEGINS.search(html, place)) and (ends := _ENDS.search(html, begins.end())):
        yield html[begins.end() : ends.start()]
        place = ends.end()


def _hash(script: bytes) -> str:
    # Browsers read lines that end in CR LF as ending in LF.
    digest = hashlib.sha256(script.replace(b"\r\n", b"\n")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
