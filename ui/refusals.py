"""Whatever goes wrong in a call ends in a sentence: the one place through which Gradio's errors go.

Gradio (6.31) tells callers the message of a `gr.Error` alone. Any other error, from reading the arguments to
writing the answer, becomes `{"error": null}`, a bare 500, or a text that holds all that was sent.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.exceptions import InvalidPathError
from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.responses import Response

from retrieval.errors import UserError
from retrieval.plain_text import encodable
from retrieval.vector_store import StoreError
from ui.arguments import Check, checked, is_url, refusal
from ui.components.uploaded_path import refuse_foreign_files, uploaded_path
from ui.i18n import DEFAULT, use_language
from ui.i18n import gettext as _
from ui.i18n.routing import language_of
from ui.limits.error_answer import error_answer
from ui.limits.visitors import asking, visitor_of
from ui.render import sentences
from ui.render.escaping import escape
from ui.tools import MAX_SENTENCE, bound_tools

logger = logging.getLogger(__name__)


class Refusal(gr.Error):
    """A sentence for the caller, as it is: Gradio's own class writes it in quotes for tools."""

    def __str__(self) -> str:
        return str(self.message)


class BlocksWithSentences(gr.Blocks):
    """Blocks whose every error is a sentence; on the page in the visitor's language, to programs in English.

    Attributes:
        endpoints: Of each public endpoint, by its name: what checks each argument, in their order.
        tools: The same for tools of language models, whose images are given in another way.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - of gr.Blocks
        self.endpoints: dict[str, dict[str, Check]] = {}
        self.tools: dict[str, dict[str, Check]] = {}
        super().__init__(**options)

    async def process_api(
        self,
        block_fn: Any,  # noqa: ANN401 - here and below, Gradio's own
        inputs: Any,  # noqa: ANN401
        state: Any = None,  # noqa: ANN401
        request: Any = None,  # noqa: ANN401
        *rest: Any,  # noqa: ANN401
        **named: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        """As Gradio's, in the language of the page that asks; files that were not uploaded are refused."""
        of_program = self._is_endpoint(block_fn)
        one = request[0] if isinstance(request, list) and request else request
        scope = getattr(getattr(one, "request", None), "scope", None)
        if scope is not None:
            asking.set(visitor_of(scope))  # an event of the queue is answered in a task of its own
        with use_language(DEFAULT if of_program else language_of(one)):
            try:
                refuse_foreign_files(inputs, addresses=of_program)
                answer: dict[str, Any] = await super().process_api(
                    block_fn, inputs, state, request, *rest, **named
                )
                return answer
            except gr.Error as error:
                sentence = encodable(error.message, MAX_SENTENCE)
            except InvalidPathError:
                sentence = _not_uploaded()
            except UserError as error:
                sentence = encodable(_(error.message), MAX_SENTENCE)
            except Exception:
                logger.exception("A call failed")
                sentence = sentences.our_fault()
        shown = sentence if of_program else escape(sentence)  # the page shows it as HTML
        raise Refusal(shown, print_exception=False)

    async def preprocess_data(self, block_fn: Any, inputs: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        """As Gradio's, with the arguments of endpoints checked before anything is made of them."""
        if not self._is_endpoint(block_fn):
            return await super().preprocess_data(block_fn, inputs, *rest, **named)
        given = checked(self.endpoints[block_fn.api_name], inputs)
        try:
            return await super().preprocess_data(block_fn, given, *rest, **named)
        except gr.Error:
            raise
        except Exception as error:
            if not any(isinstance(each, dict) and is_url(each["path"]) for each in given):
                raise
            raise refusal(
                "'image' could not be fetched: give the http(s) URL of a picture that everybody can open."
            ) from error

    def _is_endpoint(self, block_fn: Any) -> bool:  # noqa: ANN401
        if isinstance(block_fn, int):
            block_fn = self.fns[block_fn]
        return block_fn.api_visibility == "public" and block_fn.api_name in self.endpoints

    @property
    def mcp_server_obj(self) -> Any:  # noqa: ANN401
        """Gradio's server of tools; None without."""
        return self._tools_server

    @mcp_server_obj.setter
    def mcp_server_obj(self, server: Any) -> None:  # noqa: ANN401
        self._tools_server = server
        if server is not None:
            bound_tools(self, server, self.tools)


async def _refuse_body(request: Request, error: Exception) -> Response:
    """Say what the body of a request lacks. FastAPI would send all of it back."""
    assert isinstance(error, RequestValidationError)
    fault: dict[str, Any] = next(iter(error.errors()), {})
    where = encodable(".".join(str(part) for part in fault.get("loc", ())), 100)
    sentence = f"This request cannot be read: {encodable(str(fault.get('msg')), 200)}, at '{where}'."
    if "/call/v2/" in request.url.path:
        sentence += ' The body has to be JSON of the arguments by their names: {"NAME": VALUE, ...}.'
    elif re.search(r"/(call|run|api)/", request.url.path):
        sentence += ' The body has to be JSON of the arguments in their order: {"data": [VALUE, ...]}.'
    # gradio_client looks into a list of objects in 'detail'.
    return error_answer(422, sentence, detail=[{"type": fault.get("type"), "loc": [where], "msg": sentence}])


async def _refuse_name(request: Request, error: Exception) -> Response:
    """Say that there is no such endpoint or argument, where Gradio would fail; what else fails is raised."""
    path = request.url.path
    if not re.search(r"/gradio_api/(call|run|api|queue)/", path):
        raise error
    if isinstance(error, TypeError):  # of `construct_args`; both texts end in, or hold, a name
        if missing := re.search(r"required argument: (\w+)$", str(error)):
            return error_answer(422, f"The argument '{missing[1]}' is missing.")
        if "is not a valid key-word argument" not in str(error):
            raise error
        names = "/gradio_api/info names those that there are"
        return error_answer(422, f"This endpoint has no argument of a name that was given: {names}.")
    return error_answer(
        404, "There is no endpoint of this name: /gradio_api/info names those that there are."
    )


async def _refuse_search(_request: Request, error: Exception) -> Response:
    """Say that a database does not answer, which is not for good."""
    return error_answer(503, str(error), again_after=60)


#: For the application that Gradio makes: what answers an error that happens before a call is taken.
HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    RequestValidationError: _refuse_body,
    FnIndexInferError: _refuse_name,
    KeyError: _refuse_name,
    TypeError: _refuse_name,
    StoreError: _refuse_search,
}


def _not_uploaded() -> str:
    try:
        return uploaded_path(None)
    except gr.Error as error:
        return str(error.message)
