"""Calls of tools for language models (MCP): their arguments checked, each asked for by whom it comes from.

Gradio (6.31) asks its own page for what a tool wants, over the network of this machine: as one session for
all callers, with a caller's own headers, from an address that may say on whose behalf it asks. It finishes
what nobody waits for, and reads any number of bodies. Here a call is put to the page inside the process, as
if its caller had sent it to the endpoint: with the caller's address, places in the queue and share, and
ended when he leaves.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

import gradio as gr
import httpx
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from retrieval.plain_text import encodable
from ui.arguments import Check, refusal
from ui.limits.fair import FairGate, FullError
from ui.limits.queueing import full
from ui.limits.visitors import asking, visitor_of
from ui.render import sentences

#: Characters of a sentence for a caller.
MAX_SENTENCE = 1000

#: Calls at a time, which may bring 36 MB each; of one visitor; how many wait, and seconds until a refused one
#: may ask again.
CALLS, EACH, WAITING, AGAIN_AFTER = 16, 4, 64, 5

#: What the page is told of a caller besides the address: a Space with a shared GPU counts time by it.
PASSED_ON = ("x-ip-token",)


class ToolError(Exception):
    """Why a tool gives no answer. The message is a sentence for the caller."""


def bound_tools(page: Any, server: Any, tools: dict[str, dict[str, Check]]) -> None:  # noqa: ANN401 - Gradio's
    """Have a page's server of tools check arguments, and ask the page for each caller.

    Args:
        page: Answers.
        server: Gradio's.
        tools: Of each endpoint what checks its arguments, by their names.
    """
    _refuse_in_sentences(server, tools)
    asks = _Asks(page, server)
    server._get_or_create_client = lambda: asks
    server._execute_tool_without_progress = server._execute_tool_with_progress = _answered
    server.handle_streamable_http = _Bounded(server.handle_streamable_http)


async def _answered(call: Awaitable[list[Any]], *_progress: Any) -> list[Any]:  # noqa: ANN401 - as Gradio's
    return await call


class _Asks:
    """Stands in for Gradio's client of its own page."""

    def __init__(self, page: Any, server: Any) -> None:  # noqa: ANN401 - Gradio's
        self._page, self._server = page, server

    async def submit(self, *given: Any, api_name: str, headers: dict[str, str]) -> list[Any]:  # noqa: ANN401
        """What an endpoint answers to the caller of the tool that is called at the moment.

        Raises:
            ToolError: If it refuses, or fails.
        """
        scope = self._server.mcp_server.request_context.request.scope
        passed_on = {name: headers[name] for name in PASSED_ON if name in headers}
        within = httpx.ASGITransport(
            self._page.app, raise_app_exceptions=False, client=scope.get("client") or ("", 0)
        )
        async with httpx.AsyncClient(
            transport=within, base_url="http://127.0.0.1", headers=passed_on, timeout=None
        ) as caller:
            path = f"/gradio_api/call{api_name}"
            begun = await caller.post(path, json={"data": given})
            if begun.status_code != 200:
                raise ToolError(_sentence(begun.text))
            answer = await caller.get(f"{path}/{begun.json()['event_id']}")
        event, data = _last_event(answer.text)
        if event != "complete":
            raise ToolError(_sentence(data))
        outputs: list[Any] = json.loads(data)
        return outputs


def _last_event(stream: str) -> tuple[str, str]:
    """The name and the data of the last event of a stream, as JSON; empty texts where there is none."""
    lines = stream.strip().splitlines()[-2:]
    if len(lines) < 2:
        return "", ""
    return lines[0].removeprefix("event: "), lines[1].removeprefix("data: ")


def _sentence(answer: str) -> str:
    """What an answer in JSON says that is wrong."""
    try:
        told: Any = json.loads(answer)
    except ValueError:
        told = None
    sentence = told.get("error") or told.get("detail") if isinstance(told, dict) else None
    return sentence if isinstance(sentence, str) else sentences.our_fault()


class _Bounded:
    """Lets a few calls in at a time, the visitors in turn.

    Args:
        answers: Gradio's, of ASGI.
    """

    def __init__(self, answers: Any) -> None:  # noqa: ANN401
        self._answers = answers
        self._gate = FairGate(CALLS, WAITING, each=EACH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope.get("method") != "POST":
            await self._answers(scope, receive, send)
            return
        try:
            async with self._gate.enter(visitor_of(scope)):
                await self._answers(scope, receive, send)
        except FullError:
            again = {"Retry-After": str(AGAIN_AFTER)}
            await JSONResponse({"error": full(AGAIN_AFTER)}, 429, again)(scope, receive, send)


def _refuse_in_sentences(server: Any, tools: dict[str, dict[str, Check]]) -> None:  # noqa: ANN401
    """Have a server of tools check arguments by `tools`; by itself it repeats what does not fit."""
    from mcp import types

    answer = server.mcp_server.request_handlers[types.CallToolRequest]

    async def answer_or_refuse(request: types.CallToolRequest) -> types.ServerResult:
        asked = server.mcp_server.request_context.request
        asking.set(visitor_of(asked.scope) if asked is not None else "")  # whose the images are
        endpoint = server.tool_to_endpoint.get(request.params.name, "").lstrip("/")
        try:
            if endpoint not in tools:
                names = ", ".join(server.tool_to_endpoint)
                raise refusal(f"There is no tool of this name: there are {names}.")
            needed = server.get_input_schema(request.params.name)[0].get("required", ())
            given = _by_name(tools[endpoint], dict.fromkeys(needed) | (request.params.arguments or {}))
        except gr.Error as error:
            told = types.TextContent(type="text", text=encodable(error.message, MAX_SENTENCE))
            return types.ServerResult(types.CallToolResult(content=[told], isError=True))
        params = request.params.model_copy(update={"arguments": given})
        result: types.ServerResult = await answer(request.model_copy(update={"params": params}))
        if isinstance(result.root, types.CallToolResult) and result.root.isError:
            for part in result.root.content:
                if isinstance(part, types.TextContent):
                    part.text = encodable(part.text, MAX_SENTENCE)
        return result

    server.mcp_server.request_handlers[types.CallToolRequest] = answer_or_refuse


def _by_name(checks: dict[str, Check], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a tool, each checked. Raises gr.Error, for one that it does not take as well."""
    if not arguments.keys() <= checks.keys():
        raise refusal(f"This endpoint takes the arguments {', '.join(checks) or 'none'}, and no others.")
    return {name: checks[name](name, value) for name, value in arguments.items()}
