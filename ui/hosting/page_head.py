"""The head of the page's HTML: what an address is shown as where it is sent, and to search engines.

Gradio (6.31) writes a head of its own, with its own title, picture and creator, twice. This takes those out
of the answer and writes one for each address, near the top: some who make previews read no further than the
first bytes, and none of them runs scripts.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.hosting.link_cards import LinkCard, LinkCards
from ui.hosting.request_path import inner_path, public_root
from ui.i18n import DEFAULT, LANGUAGES, language, with_country
from ui.render.icon import THEME, THEME_DARK
from ui.render.link_words import page_name
from ui.render.preview_picture import SIZE

logger = logging.getLogger(__name__)

#: Cards that are made at a time; each takes some milliseconds.
AT_A_TIME = 4

#: What Gradio writes of its own before the page's configuration, and after it.
_OWN = re.compile(rb'\s*(?:<meta\s[^>]*?(?:property="og:|name="twitter:)[^>]*>|<title>[^<]*</title>)')
_MANIFEST = b'<link rel="manifest"'
_CONFIGURATION = b"<script>window.gradio_config"
_VIEWPORT = re.compile(rb'<meta\s+name="viewport"[^>]*>')
_LANGUAGE = re.compile(rb'(<html\b[^>]*?\blang=")[^"]*(")')


class PageHead:
    """Middleware, see above.

    Args:
        app: Answers, the page in the language in use among others.
        cards: Say what an address is shown as.
    """

    def __init__(self, app: ASGIApp, cards: LinkCards) -> None:
        self.app, self.cards = app, cards
        self._threads: list[CapacityLimiter] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "GET" or inner_path(scope) != "/":
            await self.app(scope, receive, send)
            return
        head: list[Message] = []
        body: list[bytes] = []

        async def written(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                head.append(message)
            elif message["type"] != "http.response.body" or not head:
                await send(message)
            else:
                body.append(message.get("body", b""))
                if not message.get("more_body", False):
                    page = with_head(b"".join(body), await self._head(scope))
                    MutableHeaders(scope=head[0])["Content-Length"] = str(len(page))
                    await send(head[0])
                    await send({**message, "body": page})

        await self.app(scope, receive, written)

    async def _head(self, scope: Scope) -> str:
        """The tags for a request; its own thread, as others are answered meanwhile."""
        address, root = scope.get("query_string", b"").decode("latin-1"), public_root(scope)
        if not address:  # most who open the page wait for no other's link
            return tags(self.cards.of_page(), root)
        self._threads[:] = self._threads or [CapacityLimiter(AT_A_TIME)]
        try:
            return await to_thread.run_sync(_made, self.cards.of, address, root, limiter=self._threads[0])
        except Exception:
            logger.exception("The head of a page could not be made")
            return tags(self.cards.of_page(), root)


def _made(card: Callable[[str], LinkCard], address: str, root: str) -> str:
    return tags(card(address), root)


def tags(card: LinkCard, root: str) -> str:
    """The tags of a card, with all texts escaped.

    Args:
        card: What the address is shown as, in the language in use.
        root: Where the page is served from, without a slash at its end and without a language.
    """
    own, path = page_address(root, language(), card.address), "/" + "/".join(root.split("/")[3:])
    below = path.rstrip("/") + "/"
    in_language = below if language() == DEFAULT else f"{below}{language()}/"
    named = [
        ("name", "description", card.description),
        ("property", "og:type", "website"),
        ("property", "og:site_name", page_name()),
        ("property", "og:title", card.title),
        ("property", "og:description", card.description),
        ("property", "og:url", own),
        ("property", "og:image", f"{root}/{card.picture}"),
        ("property", "og:image:type", "image/jpeg"),
        ("property", "og:image:width", str(SIZE[0])),
        ("property", "og:image:height", str(SIZE[1])),
        ("property", "og:image:alt", card.description),
        ("property", "og:locale", with_country(language())),
        *(
            ("property", "og:locale:alternate", with_country(code))
            for code in LANGUAGES
            if code != language()
        ),
        ("name", "twitter:card", "summary_large_image"),
        ("name", "twitter:title", card.title),
        ("name", "twitter:description", card.description),
        ("name", "twitter:image", f"{root}/{card.picture}"),
        ("name", "application-name", page_name()),
        ("name", "robots", "" if card.lasts else "noindex"),
    ]
    lines = [f"<title>{html.escape(card.title)}</title>"]
    lines += [
        f'<meta {kind}="{name}" content="{html.escape(content)}" />'
        for kind, name, content in named
        if content
    ]
    lines += [
        f'<meta name="theme-color" media="(prefers-color-scheme: {scheme})" content="{colour}" />'
        for scheme, colour in (("light", THEME), ("dark", THEME_DARK))
    ]
    lines.append(f'<link rel="canonical" href="{html.escape(own)}" />')
    lines += [
        f'<link rel="alternate" hreflang="{code}" href="{html.escape(there)}" />'
        for code, known in [*((each, each) for each in LANGUAGES), ("x-default", DEFAULT)]
        for there in (page_address(root, known, card.address),)
    ]
    lines += [
        f'<link rel="icon" href="{below}favicon.ico" sizes="32x32" />',
        f'<link rel="icon" href="{below}icon.svg" type="image/svg+xml" />',
        f'<link rel="apple-touch-icon" href="{below}apple-touch-icon.png" />',
        f'<link rel="manifest" href="{in_language}manifest.json" />',
    ]
    return "\n\t\t".join(lines)


def page_address(root: str, code: str, address: str) -> str:
    """Where the page is in a language, with what an address says."""
    return f"{root}/{'' if code == DEFAULT else code}" + (f"?{address}" if address else "")


def with_head(page: bytes, head: str) -> bytes:
    """The page's HTML with other tags in place of Gradio's, in the language in use."""
    before, configuration, after = page.partition(_CONFIGURATION)
    if not configuration:  # another page than is known here
        return page
    before = _LANGUAGE.sub(rb"\g<1>" + language().encode() + rb"\g<2>", _OWN.sub(b"", before), count=1)
    ours = b"\n\t\t" + head.encode("utf-8", "replace")
    viewport = _VIEWPORT.search(before)
    place = viewport.end() if viewport else before.index(b"<head>") + len(b"<head>")
    manifest = after.rfind(_MANIFEST)  # the last one: the configuration may hold such a text
    if manifest >= 0:
        after = after[:manifest] + after[after.index(b">", manifest) + 1 :]
    return before[:place] + ours + before[place:] + configuration + after


def _is_page(message: Message) -> bool:
    headers = Headers(raw=message.get("headers", []))
    return message["status"] == 200 and headers.get("content-type", "").startswith("text/html")
