"""Limits on the answers of a map server: how long they take, how large they are, and which ones are errors.

OWSLib does not set these limits. Its time-out counts anew for each piece that arrives, so a slow trickle of
bytes would never end. It reads answers of any size into memory, and it takes some errors for answers.
"""

from __future__ import annotations

import html
import io
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError as BrokenAnswer
from urllib3.exceptions import TimeoutError as SlowAnswer

from retrieval.errors import Message, UserError
from retrieval.images import MAX_BYTES

CHUNK_BYTES = 16 * 1024

T = TypeVar("T")


class MapError(UserError, RuntimeError):
    """A place's photo cannot be had. The message says why and what to do; an older photo is kept."""


def ask(endpoint: str, request: Callable[[], T], timeout: float) -> T:
    """Send a request, and give up when its time is over.

    Args:
        endpoint: The service's address, for the message.
        request: Asks the service; guarded by `Guard`.
        timeout: Seconds for the whole request, from the look-up of the name to the last byte.

    Returns:
        What the request returns.

    Raises:
        MapError: If the answer is late or the connection breaks. Other errors of the request pass through.
    """
    try:
        return _run_in_thread(request).result(timeout)
    except (FutureTimeoutError, requests.Timeout, SlowAnswer) as error:
        raise MapError(
            "{service} has not answered in full within {seconds:g} s: try again later, or wait longer with "
            "--timeout.",
            service=endpoint,
            seconds=timeout,
        ) from error
    except (requests.RequestException, BrokenAnswer) as error:
        raise MapError(
            "{service} cannot be reached, or the connection broke ({reason}): check the address and the "
            "network, and try again.",
            service=endpoint,
            reason=type(error).__name__,
        ) from error


class Guard(AuthBase):
    """Checks each answer, also that of a redirect, before OWSLib reads it.

    It is passed as an authentication, the only hook through which OWSLib hands its request to a caller.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Register the check of the answers to a request."""
        request.register_hook("response", self._check)
        return request

    def _check(self, response: requests.Response, *_: object, **__: object) -> None:
        data = bytearray()
        for chunk in response.raw.stream(CHUNK_BYTES, decode_content=True):
            data += chunk
            if len(data) > MAX_BYTES:
                response.close()
                raise MapError(
                    "{service} sent more than {most} MB, which no photo of this size has: check the "
                    "--endpoint.",
                    service=self.endpoint,
                    most=MAX_BYTES // 10**6,
                )
        response.raw = io.BytesIO(data)  # so that requests can read it again
        refusal = _refusal(bytes(data))
        if refusal:
            raise MapError(
                "{service} refuses: '{reason}'. Check the --layer, or try again later.",
                service=self.endpoint,
                reason=refusal,
            )
        if response.status_code >= 400:
            raise MapError(
                "{service} answers with the error {reason}: try again later, or check the --endpoint.",
                service=self.endpoint,
                reason=f"{response.status_code} {response.reason}",
            )


def _refusal(data: bytes) -> str | Message | None:
    """The words of an exception document, at most 200 characters; None for any other answer."""
    if not re.search(rb"<(\w+:)?(Service)?ExceptionReport\b", data[:2000]):
        return None
    text = data[:20_000].decode("utf-8", "replace")
    text = re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>|<\?.*?\?>|<!DOCTYPE.*?>", " ", text, flags=re.DOTALL)
    code = re.search(r"(?:c|exceptionC)ode\s*=\s*[\"']([^\"']+)", text)
    words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    words = "".join(filter(str.isprintable, words)) or (code[1] if code else "")
    if not words:
        return Message("no reason given")
    return words if len(words) <= 200 else f"{words[:199]}…"


def _run_in_thread(request: Callable[[], T]) -> Future[T]:
    """Start a request in a daemon thread, which does not keep the program from ending if no answer comes."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(request())
        except BaseException as error:  # of any kind: `answer.result()` raises it again
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer
