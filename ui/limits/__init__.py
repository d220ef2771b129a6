"""Bounds on what strangers may use: places in queues, memory, the disk; and each visitor's share of them."""

from __future__ import annotations

import gradio as gr
from starlette.middleware import Middleware

from ui.limits.queueing import bound_queue
from ui.limits.requests import RequestLimits
from ui.limits.sessions import share_configuration
from ui.limits.upload_limits import UploadLimits


def bound(page: gr.Blocks) -> None:
    """Bound what visits of a page take. Call it when the page is composed, and not `page.queue` after it."""
    share_configuration(page)
    bound_queue(page)


def limits(page: gr.Blocks) -> list[Middleware]:
    """Bounds on requests, as middleware inside of what says their language."""
    return [Middleware(RequestLimits, page=page), Middleware(UploadLimits)]
