"""Limits on what a map server may answer: how long it takes, how much it sends, and which answers are errors.

OWSLib has a time limit for each piece that arrives, so a trickle would hold it for ever; it reads answers of
any size into memory; and it takes some errors for answers.
"""

from __future__ import annotations

import html
import io
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from typing import TypeVar

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError as BrokenAnswer
from urllib3.exceptions import TimeoutError as SlowAnswer

from retrieval.images import MAX_BYTES
from ui.i18n import say

PIECE = 16 * 1024  # bytes

T = TypeVar("T")


class MapError(RuntimeError):
    """There is no photo of a place. The message says why and what to do; what was there before is kept."""


def ask(endpoint: str, request: Callable[[], T], timeout: float) -> T:
    """Do a request, and give up when its time is over.

    Args:
        endpoint: The service's address, for the sentence.
        request: Asks the service; guarded by `Guard`.
        timeout: Seconds for all of it, from the name's look-up to the last byte.

    Returns:
        What the request returns.

    Raises:
        MapError: If the answer is late or the connection breaks; else whatever the request raises.
    """
    try:
        return _in_a_thread(request).result(timeout)
    except (FutureTimeoutError, requests.Timeout, SlowAnswer) as error:
        raise MapError(say("map.late", service=endpoint, seconds=timeout)) from error
    except (requests.RequestException, BrokenAnswer) as error:
        raise MapError(say("map.unreached", service=endpoint, reason=type(error).__name__)) from error


class Guard(AuthBase):
    """Reads each answer itself, a redirect's too, before OWSLib does.

    The place for who one is, is the only one where OWSLib lets a caller get at the request.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Have the answers to a request checked."""
        request.register_hook("response", self._check)
        return request

    def _check(self, response: requests.Response, *_: object, **__: object) -> None:
        data = bytearray()
        for piece in response.raw.stream(PIECE, decode_content=True):
            data += piece
            if len(data) > MAX_BYTES:
                response.close()
                raise MapError(say("map.too_many_bytes", service=self.endpoint, most=MAX_BYTES // 10**6))
        response.raw = io.BytesIO(data)  # where requests reads on
        refusal = _refusal(bytes(data))
        if refusal:
            raise MapError(say("map.refused", service=self.endpoint, reason=refusal))
        if response.status_code >= 400:
            reason = f"{response.status_code} {response.reason}"
            raise MapError(say("map.error", service=self.endpoint, reason=reason))


def _refusal(data: bytes) -> str:
    """The words of an exception document, shortened; nothing for any other answer."""
    if not re.search(rb"<(\w+:)?(Service)?ExceptionReport\b", data[:2000]):
        return ""
    text = data[:20_000].decode("utf-8", "replace")
    text = re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>|<\?.*?\?>|<!DOCTYPE.*?>", " ", text, flags=re.DOTALL)
    code = re.search(r"(?:c|exceptionC)ode\s*=\s*[\"']([^\"']+)", text)
    words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    words = "".join(filter(str.isprintable, words)) or (code[1] if code else say("map.no_reason"))
    return words if len(words) <= 200 else f"{words[:199]}…"


def _in_a_thread(request: Callable[[], T]) -> Future[T]:
    """The answer of a request, once it is there; one that never comes lets the program end all the same."""
    answer: Future[T] = Future()
    context = copy_context()  # a thread would speak the usual language

    def work() -> None:
        try:
            answer.set_result(context.run(request))
        except BaseException as error:  # whatever it is, it is raised where the answer is asked for
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return answer
