"""The search that a visitor sees: a question, its answer, and the parts of the page that show them."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from examples.clickable import example_path
from panels import photo_grid
from panels.map_examples import MapExample
from panels.query_image import QueryImage
from panels.refine import RefinePanel
from panels.screenshot import ScreenshotPanel, as_said
from panels.trail import PUSH, REPLACE, step, told_address
from retrieval import ImageError, Retriever, SearchResult, views
from retrieval.brought import Brought, BroughtPhotos, Shot, seen_picture
from retrieval.images import decode
from retrieval.photos import BROWSER_SUFFIXES
from retrieval.picture import Picture, open_picture
from retrieval.question import FIELDS, MOST_PHOTOS, Question, QuestionError, Stored
from retrieval.reading import Reading, Said, move, read, resize
from retrieval.scale import ScaleError
from retrieval.screenshot import cut
from routes import query_picture
from texts import readable, say

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
        trail: See `panels.trail`.
        refine: See `panels.refine`.
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


class Search:
    """Turns what a visitor does into a question, and its answer into updates of the page.

    Args:
        retriever: Answers.
        brought: Keeps the photos of visitors.
        parts: Of the page.
        opened: Says which collection is open at first.
    """

    def __init__(
        self, retriever: Retriever, brought: BroughtPhotos, parts: Parts, opened: Callable[[], str]
    ) -> None:
        self.retriever, self.brought, self.parts, self.opened = retriever, brought, parts, opened
        self.opened_at_first = opened()
        self.outputs = [
            parts.found, parts.query, parts.query_line, parts.trouble, parts.trail, parts.summary, parts.grid,
            parts.answered, *parts.refine.controls, *parts.screenshot.outputs,
        ]  # fmt: skip

    # What visitors do

    def start(self, request: gr.Request) -> Updates:
        """The page was opened, perhaps by a link to a search."""
        address = str(request.query_params)
        blank = Question(self.opened())
        if parse_qs(address).keys().isdisjoint(FIELDS):
            updates = self.nothing(blank)
            if blank.collection != self.opened_at_first:  # photos came since the page was built
                updates |= self.parts.refine.show(blank)
            return updates  # else the controls are left alone: somebody may have been quick
        updates = self.travel_to(address, None)
        if self.parts.found not in updates:  # the link asks for what there is not, and that is said
            updates = self.nothing(blank) | self.parts.refine.show(blank) | updates
        return updates

    def travel(self, before: Found | None, event: gr.EventData) -> Updates:
        """The browser's buttons led to another search."""
        return self.travel_to(told_address(event), before)

    def travel_to(self, address: str, before: Found | None) -> Updates:
        """Show the search of an address, and set the controls to what it says."""

        def travelled() -> Updates:
            question = Question.parse(address, self.opened())
            updates = self.nothing(question) if question.is_empty else self.ask(question, REPLACE)
            return updates | self.parts.refine.show(question)

        return self.guarded(travelled, before)

    def bring(self, before: Found | None, paths: str | Sequence[str] | None) -> Updates:
        """Search with new files: a photo as a whole, of a screenshot a square of 78 m; several together."""
        if not paths:
            return {self.parts.trouble: gr.update(visible=False)}
        return self.search_files(before, [paths] if isinstance(paths, str) else list(paths))

    def search_files(
        self,
        before: Found | None,
        paths: Sequence[str],
        said: Said | None = None,
        file_scale: float | None = None,
        title: str = "",
    ) -> Updates:
        """As `bring`, with what is known of the scale, and what the photo is called."""
        question = self._question(before)

        def searched() -> Updates:
            seconds: dict[str, float] = {}
            names, troubles = [], []
            for path in paths[:MOST_PHOTOS]:
                photo = self._read(path, said or Said(), file_scale, question.collection, seconds)
                if isinstance(photo, Brought):
                    names.append(self.brought.keep(replace(photo, title=title)))
                else:
                    troubles.append(str(photo) if len(paths) == 1 else f"{Path(path).name}: {photo}")
            if not names:
                raise ImageError(" ".join(troubles))
            asked = replace(question, stored=(), brought=tuple(names), right=(), wrong=())
            given = _for_browser(paths[0]) if len(paths) == 1 else None
            if len(paths) > MOST_PHOTOS:
                troubles.append(say("search.too_many", most=MOST_PHOTOS))
            updates = self.ask(asked, seconds=seconds, given=given)
            return updates | (self._complain(" ".join(troubles)) if troubles else {})

        return self.guarded(searched, before, restore=True)

    def bring_example(self, before: Found | None, example: Stored) -> Updates:
        """Search with an example photo."""
        title = say("examples.one", label=readable(example.id))
        return self.search_files(before, [str(example_path(example.id))], title=title)

    def bring_map_example(self, before: Found | None, listed: list[MapExample], number: int) -> Updates:
        """Search with an example of a screenshot, with what is known of its scale."""
        example = listed[number]
        updates = self.search_files(
            before, [str(example.path)], example.said, example.file_scale, example.title
        )
        line = self.parts.screenshot.line
        if example.attribution and line in updates:
            updates[line] += f"\n\n{example.attribution}"
        return updates

    def follow(self, before: Found | None, event: gr.EventData) -> Updates:
        """A photo of the collection is the next query."""
        return self.search_stored(before, photo_grid.told_photo(event))

    def search_stored(self, before: Found | None, photo: Stored) -> Updates:
        """Search with a photo of a collection, in the collection that is open."""
        question = self._question(before)
        asked = replace(question, stored=(photo,), brought=(), right=(), wrong=())
        return self.guarded(lambda: self.ask(asked), before)

    def follow_elsewhere(self, before: Found | None, event: gr.EventData) -> Updates:
        """A photo that is looked at apart from the search is the next query, in its own collection."""
        photo = photo_grid.told_photo(event)
        question = replace(self._question(before), collection=photo.collection)
        refinement = replace(question.refinement, classes=())
        found = Found(replace(question, refinement=refinement), before.result if before else None)
        updates = self.search_stored(found, photo)
        shown = updates.get(self.parts.found)
        return updates | (self.parts.refine.show(shown.question) if shown else {})

    def surprise(self, before: Found | None) -> Updates:
        """Search with any photo of the collection."""
        collection = self.retriever.collection(self._question(before).collection)
        entry = random.choice(collection.entries)
        return self.search_stored(before, Stored(collection.name, entry.id))

    def mark(self, before: Found | None, event: gr.EventData) -> Updates:
        """Search again with neighbours marked right and wrong; marks on others than the shown stay."""
        if before is None or before.result is None:
            return {self.parts.trouble: gr.skip()}
        marked = photo_grid.told_marks(event)
        result, question = before.result, before.question
        if marked is None:
            return self.guarded(lambda: self.ask(replace(question, right=(), wrong=())), before)
        shown = {Stored(result.collection.name, each.id) for each in result.neighbours}
        right, wrong = (
            tuple([*(each for each in earlier if each not in shown), *now][-MOST_PHOTOS:])
            for earlier, now in zip((question.right, question.wrong), marked, strict=True)
        )
        return self.guarded(lambda: self.ask(replace(question, right=right, wrong=wrong)), before)

    def adjust(
        self,
        k: float,
        name: str,
        classes: list[str],
        farthest: float,
        distinct: bool,
        before: Found | None,
    ) -> Updates:
        """Bring what is shown in line with the controls, which may have moved during a search."""
        question = self._question(before)
        asked = self.parts.refine.asked(question, k, name, classes, farthest, distinct)
        if before is not None and asked == question:
            return {self.parts.trouble: gr.skip()}

        def adjusted() -> Updates:
            updates = self.nothing(asked) if asked.is_empty else self.ask(asked, REPLACE, query=SAME)
            if asked.collection != question.collection:
                updates[self.parts.refine.classes] = self.parts.refine.offer(asked)
            return updates

        return self.guarded(adjusted, before)

    def show_again(self, before: Found | None) -> Updates:
        """The photos of a collection came: show what is shown with them."""
        question = self._question(before)
        return self.guarded(
            lambda: self.nothing(question) if question.is_empty else self.ask(question, REPLACE), before
        )

    def forget(self, before: Found | None) -> Updates:
        """The query was removed."""
        question = replace(self._question(before), stored=(), brought=(), right=(), wrong=())
        return self.nothing(question, PUSH)

    # Screenshots

    def move_square(self, before: Found | None, place: tuple[float, float]) -> Updates:
        """Search another place of the screenshot: x and y in its pixels."""
        x, y = place
        return self._reread(
            before, lambda shot, name: move(self.retriever, opened(shot), shot.reading, x, y, name)
        )

    def resize_square(self, before: Found | None, percent: float) -> Updates:
        """Search a square of another size: in per cent of the shorter side."""

        def resized(shot: Shot, _: str | None) -> Reading:
            screenshot = opened(shot)
            side = percent / 100 * min(screenshot.image.size)
            return resize(self.retriever, screenshot, shot.reading, side)

        return self._reread(before, resized)

    def rescale(self, before: Found | None, *fields: Any) -> Updates:  # noqa: ANN401
        """Search again, knowing more of the scale."""
        said, shot = as_said(*fields), self.shot(before)
        if shot is None or said == shot.reading.said:
            return {self.parts.trouble: gr.skip()}
        square = shot.reading.square
        return self._reread(
            before, lambda shot, name: read(self.retriever, opened(shot), said, name, (square.x, square.y))
        )

    def shot(self, before: Found | None) -> Shot | None:
        """The screenshot that is searched; None where it is a photo, or several, or gone."""
        kept = self._kept(before.question) if before else None
        return kept.shot if kept else None

    def _reread(self, before: Found | None, change: Callable[[Shot, str | None], Reading]) -> Updates:
        if before is None:
            return {self.parts.trouble: gr.skip()}
        question, kept = before.question, self._kept(before.question)
        shot = kept.shot if kept else None
        if kept is None or shot is None:
            gone = bool(question.brought) and kept is None
            return self._complain(say("question.gone")) if gone else {self.parts.trouble: gr.skip()}

        def changed() -> Updates:
            started = time.perf_counter()
            reading = change(shot, question.collection)
            seconds = {"embed": time.perf_counter() - started}
            screenshot = opened(shot)
            photo = replace(_of_shot(screenshot, replace(shot, reading=reading)), title=kept.title)
            name = self.brought.keep(photo, instead_of=question.brought[0])
            return self.ask(replace(question, brought=(name,)), REPLACE, seconds=seconds, query=MOVED)

        try:
            return changed()
        except ScaleError as error:
            return self.parts.screenshot.complain(str(error))
        except ImageError:  # the upload is deleted by now
            return self._complain(say("shot.gone"))
        except Exception:
            logger.exception("A search failed")
            return self._complain(say("search.our_fault"))

    # What the page shows

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
            how: What becomes of the browser's history, see `panels.trail`.
            seconds: What was spent already, by stage.
            given: What the query's field shows; by default the photos of the question.
            query: `ANOTHER`, `SAME` or `MOVED`.

        Raises:
            QuestionError: If it names what there is not.
        """
        result = self.retriever.ask(question, self.brought.vectors(question.brought))
        kept = self._kept(question)
        result = replace(result, note=kept.note if kept else "", seconds=(seconds or {}) | result.seconds)
        parts = self.parts
        updates: Updates = {
            parts.found: Found(question, result),
            parts.trouble: gr.update(visible=False),
            parts.trail: step(self.retriever, self.brought, question, how),
            parts.summary: views.summary(result, marked=bool(question.right or question.wrong)),
            parts.grid: photo_grid.answer(result, question),
            parts.answered: gr.update(visible=True),
            parts.query_line: views.query_line(question, self._labels(question)),
        }
        if query == SAME:
            return updates
        screenshot = _still_there(kept.shot) if kept and kept.shot else None
        if kept and kept.shot and screenshot:
            reading = kept.shot.reading
            updates |= parts.screenshot.show(screenshot, reading, result, new=query == ANOTHER)
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
            parts.trail: step(self.retriever, self.brought, question, how),
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
        updates = self._complain(told)
        if restore:
            updates[self.parts.query] = self._restored(before)
        return updates

    def _complain(self, told: str) -> Updates:
        return {self.parts.trouble: gr.update(value=f"**{views.plain(told)}**", visible=True)}

    def _question(self, before: Found | None) -> Question:
        return before.question if before else Question(self.opened())

    def _kept(self, question: Question) -> Brought | None:
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

    def _read(
        self,
        path: str,
        said: Said,
        file_scale: float | None,
        collection: str | None,
        seconds: dict[str, float],
    ) -> Brought | ImageError | ScaleError:
        """Read and embed a file, or say why not; what it took is added to `seconds`."""
        started = time.perf_counter()
        try:
            screenshot = open_picture(path, file_scale)
            if screenshot is None:
                seen = self.retriever.see(path)
                photo, spent = Brought(seen.vector, seen_picture(seen.image), seen.note), seen.seconds
            else:
                decoded = time.perf_counter()
                reading = read(self.retriever, screenshot, said, collection)
                photo = _of_shot(screenshot, Shot(path, file_scale, reading))
                spent = {"decode": decoded - started, "embed": time.perf_counter() - decoded}
        except (ImageError, ScaleError) as error:
            return error
        for stage, duration in spent.items():
            seconds[stage] = seconds.get(stage, 0) + duration
        return photo


def opened(shot: Shot) -> Picture:
    """The picture of a screenshot, decoded again if others came between. Raises ImageError if it is gone."""
    picture = open_picture(shot.path, shot.file_scale)
    assert picture is not None  # it was a screenshot when it was read
    return picture


def _still_there(shot: Shot) -> Picture | None:
    try:
        return opened(shot)
    except ImageError:
        return None


def _of_shot(screenshot: Picture, shot: Shot) -> Brought:
    square = cut(screenshot.image, shot.reading.square)
    return Brought(shot.reading.vector, seen_picture(square), "", shot)


def _for_browser(path: str) -> Any:  # noqa: ANN401 - a value for the query's field
    """A picture for the field where browsers cannot show the file itself, such as a TIFF."""
    if Path(path).suffix.lower() in BROWSER_SUFFIXES:
        return path
    picture = decode(path).image
    picture.thumbnail((1024, 1024))
    return picture
