"""What the page shows of a search: the question and its answer, or what went wrong, as updates."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from retrieval import ImageError, Retriever, SearchResult
from retrieval.maps.scale import ScaleError
from retrieval.maps.screenshot import Picture
from retrieval.query import Question, QuestionError
from ui.components import photo_grid
from ui.components.history import PUSH, REPLACE, start, step
from ui.components.query_image import QueryImage
from ui.i18n import say
from ui.panels.filters import RefinePanel
from ui.panels.screenshot import ScreenshotPanel
from ui.render import sentences
from ui.routes import query_picture
from ui.uploads import Brought, BroughtPhotos, Shot, opened

logger = logging.getLogger(__name__)

Updates = dict[Any, Any]

#: What a search does to the picture of the query: shows another, leaves it, or moves the square on it.
ANOTHER, SAME, MOVED = "another", "same", "moved"


@dataclass(frozen=True)
class Found:
    """What a visitor sees at the moment; a session's state.

    Attributes:
        question: What was asked; it may be empty.
        result: The answer; None of an empty question.
    """

    question: Question
    result: SearchResult | None = None


@dataclass(frozen=True)
class Parts:
    """The components that show a search.

    Attributes:
        found: The state, a `Found`.
        query: The picture that is searched for.
        query_line: What it is, where it is not the visitor's one photo.
        screenshot: What takes the place of `query` for a screenshot.
        trouble: What went wrong.
        trail: See `ui.components.history`.
        refine: See `ui.panels.filters`.
        summary: What was found, in words.
        grid: The neighbours, or photos to start from.
        answered: What is only there when something was found.
    """

    found: gr.State
    query: QueryImage
    query_line: gr.Markdown
    screenshot: ScreenshotPanel
    trouble: gr.Markdown
    trail: gr.HTML
    refine: RefinePanel
    summary: gr.Markdown
    grid: gr.HTML
    answered: gr.Column


class ShownSearch:
    """Shows questions and their answers.

    Args:
        retriever: Answers.
        brought: Keeps the photos of visitors.
        parts: Of the page.
        opened_first: Says which collection is open at first.
    """

    def __init__(
        self, retriever: Retriever, brought: BroughtPhotos, parts: Parts, opened_first: Callable[[], str]
    ) -> None:
        self.retriever, self.brought, self.parts, self.opened_first = retriever, brought, parts, opened_first
        self.outputs = [
            parts.found, parts.query, parts.query_line, parts.trouble, parts.trail, parts.summary, parts.grid,
            parts.answered, *parts.refine.controls, *parts.screenshot.outputs,
        ]  # fmt: skip

    def ask(
        self,
        question: Question,
        how: str = PUSH,
        *,
        seconds: dict[str, float] | None = None,
        given: Any = None,  # noqa: ANN401 - a value for the query's field
        query: str = ANOTHER,
    ) -> Updates:
        """Answer a question, and show both.

        Args:
            question: Not empty.
            how: What becomes of the browser's history, see `ui.components.history`.
            seconds: What was spent already, by stage.
            given: What the query's field shows; by default the photos of the question.
            query: `ANOTHER`, `SAME` or `MOVED`.

        Raises:
            QuestionError: If it names what there is not.
        """
        result = self.retriever.ask(question, self.brought.vectors(question.brought))
        kept = self.kept(question)
        result = replace(result, note=kept.note if kept else "", seconds=(seconds or {}) | result.seconds)
        parts = self.parts
        updates: Updates = {
            parts.found: Found(question, result),
            parts.trouble: gr.update(visible=False),
            parts.trail: step(self.retriever, self.brought, question, how),
            parts.summary: sentences.summary(result, marked=bool(question.right or question.wrong)),
            parts.grid: photo_grid.answer(result, question),
            parts.answered: gr.update(visible=True),
            parts.query_line: sentences.query_line(question, self._labels(question)),
        }
        if query == SAME:
            return updates
        screenshot = _still_there(kept.shot) if kept and kept.shot else None
        if kept and kept.shot and screenshot:
            updates |= parts.screenshot.show(
                screenshot, kept.shot.reading, result, kept.attribution, new=query == ANOTHER
            )
            updates[parts.query] = gr.update(value=None, visible=False)
        else:
            updates |= parts.screenshot.hide()
            shown = query_picture(self.retriever, self.brought, question) if given is None else given
            updates[parts.query] = gr.update(value=shown, visible=True)
        return updates

    def nothing(self, question: Question, how: str = REPLACE) -> Updates:
        """What the page shows before anything was searched: photos to start from, one of each class.

        Raises:
            QuestionError: If it names what there is not.
        """
        collection = self.retriever.searched(question)
        parts = self.parts
        return {
            parts.found: Found(question),
            parts.trouble: gr.update(visible=False),
            parts.trail: start(question, self.opened_first(), how),
            parts.summary: say("search.waiting"),
            parts.grid: photo_grid.photos(collection, collection.first_of_classes, say("search.start")),
            parts.answered: gr.update(visible=False),
            parts.query_line: "",
            parts.query: gr.update(value=None, visible=True),
            **parts.screenshot.hide(),
        }

    def guarded(
        self, search: Callable[[], Updates], before: Found | None, *, restore: bool = False
    ) -> Updates:
        """What a search shows; or what went wrong, beside what was there before.

        Args:
            search: What may fail.
            before: What is shown.
            restore: Whether the query's field shows what failed by now.
        """
        try:
            return search()
        except (ImageError, ScaleError, QuestionError) as error:
            told = str(error)
        except Exception:
            logger.exception("A search failed")
            told = say("search.our_fault")
        if before and before.result:  # what was there stays
            told += " " + say("search.still")
        updates = self.complain(told)
        if restore:
            updates[self.parts.query] = self._restored(before)
        return updates

    def complain(self, told: str) -> Updates:
        """Say what went wrong; all else stays."""
        return {self.parts.trouble: gr.update(value=f"**{sentences.plain(told)}**", visible=True)}

    def question(self, before: Found | None) -> Question:
        """What was asked before; at first an empty question."""
        return before.question if before else Question(self.opened_first())

    def kept(self, question: Question) -> Brought | None:
        """The visitor's photo, where it alone is looked for and is still here."""
        alone = len(question.brought) == 1 and not question.stored
        return self.brought.get(question.brought[0]) if alone else None

    def _labels(self, question: Question) -> list[str]:
        return [
            self.retriever.known(photo.collection).entries[self.retriever.row(photo)].label
            for photo in question.stored
        ]

    def _restored(self, before: Found | None) -> Any:  # noqa: ANN401 - an update for the query's field
        """The picture of the search before; nothing if it is in its own view, or gone in the meantime."""
        if before is None or before.question.is_empty or self.shot(before):
            return None
        try:
            return query_picture(self.retriever, self.brought, before.question)
        except QuestionError:
            return None

    def shot(self, before: Found | None) -> Shot | None:
        """The screenshot that is searched; None where it is a photo, or several, or gone."""
        kept = self.kept(before.question) if before else None
        return kept.shot if kept else None


def _still_there(shot: Shot) -> Picture | None:
    try:
        return opened(shot)
    except ImageError:
        return None
