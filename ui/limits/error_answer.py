"""How a request is refused before an event is made of it."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse


def error_answer(
    status: int,
    sentence: str,
    again_after: int | None = None,
    detail: Any = None,  # noqa: ANN401 - JSON
) -> JSONResponse:
    """A sentence, in both fields in which clients of Gradio look for one.

    Args:
        status: Of HTTP, 400 or more.
        sentence: What is wrong, and what to do.
        again_after: Seconds after which to ask again.
        detail: In place of the sentence in the second field, for a client that looks for more there.
    """
    headers = {} if again_after is None else {"Retry-After": str(again_after)}
    return JSONResponse({"error": sentence, "detail": detail or sentence}, status, headers)
