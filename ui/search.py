"""What visitors do: bring photos, click, mark, choose, travel; each becomes a question, and is answered."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gradio as gr

from examples.catalog import example_path
from retrieval import ImageError, Retriever
from retrieval.collections.photos import BROWSER_SUFFIXES
from retrieval.images import decode
from retrieval.maps.locate import Reading, Said, move, read, resize
from retrieval.maps.scale import ScaleError
from retrieval.query import FIELDS, MOST_PHOTOS, Question, Stored
from ui.components import photo_grid
from ui.components.history import PUSH, REPLACE, told_address
from ui.i18n import readable, say
from ui.panels.map_examples import MapExample
from ui.panels.screenshot import as_said
from ui.state import MOVED, SAME, Found, Parts, ShownSearch, Updates
from ui.uploads import BroughtPhotos, Shot, bring, opened, square_of

logger = logging.getLogger(__name__)


class Search(ShownSearch):
    """Turns what a visitor does into a question, and shows its answer; arguments as for `ShownSearch`."""

    def __init__(
        self, retriever: Retriever, brought: BroughtPhotos, parts: Parts, opened_first: Callable[[], str]
    ) -> None:
        super().__init__(retriever, brought, parts, opened_first)
        self.opened_at_first = opened_first()

    def start(self, request: gr.Request) -> Updates:
        """The page was opened, perhaps by a link to a search."""
        address = str(request.query_params)
        blank = Question(self.opened_first())
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
            question = Question.parse(address, self.opened_first())
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
        attribution: str = "",
    ) -> Updates:
        """As `bring`, with what is known of the scale, what the photo is called, and whom to name."""
        question = self.question(before)

        def searched() -> Updates:
            seconds: Counter[str] = Counter()
            names, troubles = [], []
            for path in paths[:MOST_PHOTOS]:
                try:
                    photo, spent = bring(
                        self.retriever, path, said or Said(), file_scale, question.collection
                    )
                except (ImageError, ScaleError) as error:  # noqa: PERF203 - the other files may be good
                    troubles.append(str(error) if len(paths) == 1 else f"{Path(path).name}: {error}")
                else:
                    names.append(self.brought.keep(replace(photo, title=title, attribution=attribution)))
                    seconds.update(spent)
            if not names:
                raise ImageError(" ".join(troubles))
            if len(paths) > MOST_PHOTOS:
                troubles.append(say("search.too_many", most=MOST_PHOTOS))
            asked = replace(question, stored=(), brought=tuple(names), right=(), wrong=())
            given = _for_browser(paths[0]) if len(paths) == 1 else None
            updates = self.ask(asked, seconds=dict(seconds), given=given)
            return updates | (self.complain(" ".join(troubles)) if troubles else {})

        return self.guarded(searched, before, restore=True)

    def bring_example(self, before: Found | None, example: Stored) -> Updates:
        """Search with an example photo."""
        title = say("examples.one", label=readable(example.id))
        return self.search_files(before, [str(example_path(example.id))], title=title)

    def bring_map_example(self, before: Found | None, listed: list[MapExample], number: int) -> Updates:
        """Search with an example of a screenshot, with what is known of its scale."""
        example = listed[number]
        return self.search_files(
            before, [str(example.path)], example.said, example.file_scale, example.title, example.attribution
        )

    def follow(self, before: Found | None, event: gr.EventData) -> Updates:
        """A photo of the collection is the next query."""
        return self.search_stored(before, photo_grid.told_photo(event))

    def search_stored(self, before: Found | None, photo: Stored) -> Updates:
        """Search with a photo of a collection, in the collection that is open."""
        question = self.question(before)
        asked = replace(question, stored=(photo,), brought=(), right=(), wrong=())
        return self.guarded(lambda: self.ask(asked), before)

    def follow_elsewhere(self, before: Found | None, event: gr.EventData) -> Updates:
        """A photo that is looked at apart from the search is the next query, in its own collection."""
        photo = photo_grid.told_photo(event)
        question = replace(self.question(before), collection=photo.collection)
        refinement = replace(question.refinement, classes=())
        found = Found(replace(question, refinement=refinement), before.result if before else None)
        updates = self.search_stored(found, photo)
        shown = updates.get(self.parts.found)
        return updates | (self.parts.refine.show(shown.question) if shown else {})

    def surprise(self, before: Found | None) -> Updates:
        """Search with any photo of the collection."""
        collection = self.retriever.collection(self.question(before).collection)
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
        question = self.question(before)
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
        question = self.question(before)
        return self.guarded(
            lambda: self.nothing(question) if question.is_empty else self.ask(question, REPLACE), before
        )

    def forget(self, before: Found | None) -> Updates:
        """The query was removed."""
        question = replace(self.question(before), stored=(), brought=(), right=(), wrong=())
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

    def _reread(self, before: Found | None, change: Callable[[Shot, str | None], Reading]) -> Updates:
        if before is None:
            return {self.parts.trouble: gr.skip()}
        question, kept = before.question, self.kept(before.question)
        shot = kept.shot if kept else None
        if kept is None or shot is None:
            gone = bool(question.brought) and kept is None
            return self.complain(say("question.gone")) if gone else {self.parts.trouble: gr.skip()}

        def changed() -> Updates:
            started = time.perf_counter()
            reading = change(shot, question.collection)
            seconds = {"embed": time.perf_counter() - started}
            square = square_of(opened(shot), replace(shot, reading=reading))
            photo = replace(square, title=kept.title, attribution=kept.attribution)
            name = self.brought.keep(photo, instead_of=question.brought[0])
            return self.ask(replace(question, brought=(name,)), REPLACE, seconds=seconds, query=MOVED)

        try:
            return changed()
        except ScaleError as error:
            return self.parts.screenshot.complain(str(error), kept.attribution)
        except ImageError:  # the upload is deleted by now
            return self.complain(say("shot.gone"))
        except Exception:
            logger.exception("A search failed")
            return self.complain(say("search.our_fault"))


def _for_browser(path: str) -> Any:  # noqa: ANN401 - a value for the query's field
    """A picture for the field where browsers cannot show the file itself, such as a TIFF."""
    if Path(path).suffix.lower() in BROWSER_SUFFIXES:
        return path
    picture = decode(path).image
    picture.thumbnail((1024, 1024))
    return picture
