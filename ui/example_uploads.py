"""The examples as photos that were brought already: each under a fixed name, made once, and never gone.

So a link to a search with one works for as long as the model does, every visitor shares it, and a click on it
waits in no queue. The photos are those of the test split, where they are at hand, else drawn scenes. What is
kept has a bound of its own: there are some 350 names, of some 30 KB each, and no others are made.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone

from PIL import Image

from examples.catalog import (
    PREFIX,
    TEST_PHOTOS_OF,
    HeldOutPhoto,
    example_paths,
    order_of_day,
    read_test_photos,
)
from examples.map_views import MapView, map_views
from retrieval import ImageError, Retriever
from retrieval.collections.collection import Collection, file_state
from retrieval.collections.photo_fetch import PhotoFetch
from retrieval.decode_limits import BusyError
from retrieval.errors import Message
from retrieval.images import decode
from retrieval.labels import CLASS_NAMES
from retrieval.maps.scale import ScaleError
from retrieval.query import QueryError
from retrieval.runtime import ZERO_GPU
from ui.uploads import Upload, embed_upload, preview_of

logger = logging.getLogger(__name__)

#: How many photos are shown, of as many classes.
DOZEN = 12

#: The drawn scene that is searched when the page opens.
FIRST_SCENE = "harbor"

#: Seconds that somebody waits while another example is made, which takes a tenth, or two of a large map.
WAIT_SECONDS = 10.0

#: How many wait at a time, each in a thread that nobody else has meanwhile; there are 40 for all.
WAITING = 12

#: Seconds between two that are made before anybody asks, and between two looks whether photos have come.
REST_SECONDS, LOOK_SECONDS = 0.2, 3.0

PREPARING = Message("This example is still being prepared: try again in a moment.")
COMING = Message("The photo of this example is not here yet: its search is shown when the photos have come.")
NO_EXAMPLE = Message("This example is no longer here: choose another.")


class NotYetError(QueryError):
    """An example is not here yet, and will be. The message is a sentence."""


@dataclass(frozen=True)
class PhotoExample:
    """A photo to click.

    Attributes:
        name: 'harbor12'; of a drawn scene 'harbor'.
        label: Its class.
    """

    name: str
    label: str

    @property
    def title(self) -> Message:
        """What it is called."""
        return Message("Example: {label}", label=self._class)

    @property
    def in_sentence(self) -> Message:
        """Likewise within a sentence."""
        return Message("an example of {label}", label=self._class)

    @property
    def _class(self) -> str | Message:
        return CLASS_NAMES.get(self.label, self.label)


class ExampleUploads:
    """Makes and keeps them; may be used from several threads.

    Args:
        retriever: Has the network, and the photos.
        fetch: What brings photos that are missing, if anything does.
        today: The day whose dozen is shown.
    """

    def __init__(
        self, retriever: Retriever, fetch: PhotoFetch | None = None, today: date | None = None
    ) -> None:
        self._retriever, self._fetch, self._today = retriever, fetch, today
        self._held_out = {photo.name: photo for photo in read_test_photos()}
        self._scenes = {path.stem: path for path in example_paths()}
        self._made: dict[str, tuple[object, Upload]] = {}
        self._making = threading.Lock()
        self._places = threading.BoundedSemaphore(WAITING)
        self._dozen: tuple[object, list[PhotoExample]] = (None, [])

    # What there is

    @property
    def share_fetched(self) -> float | None:
        """How much of the photos that are on their way is here, from 0 to 1; None when none are."""
        return self._fetch.share if self._fetch else None

    @property
    def are_drawn(self) -> bool:
        """Whether drawn scenes stand in for photos."""
        return not self._photos_of_day()

    @property
    def wait_for_photos(self) -> bool:
        """Whether that is so because the photos are not here yet; not where none will come."""
        collection = self._collection
        return collection is not None and collection.missing_photos > 0 and self.share_fetched is not None

    def photos(self) -> list[PhotoExample]:
        """The photos to click: the day's dozen; or the scenes, by name."""
        return self._photos_of_day() or [PhotoExample(name, name) for name in self._scenes]

    @property
    def first(self) -> str:
        """The name of the one that is searched when the page opens."""
        photos = self._photos_of_day()
        return PREFIX + (photos[0].name if photos else FIRST_SCENE)

    @property
    def _collection(self) -> Collection | None:
        return self._retriever.collections.get(TEST_PHOTOS_OF)

    def _photos_of_day(self) -> list[PhotoExample]:
        """The day's dozen, each with the pixels of the list; none while photos of the gallery are missing."""
        collection = self._collection
        if collection is None or collection.missing_photos:
            return []
        day = self._today or datetime.now(timezone.utc).date()
        state = (day, collection.photos)
        known, dozen = self._dozen
        if known != state:
            try:
                dozen = self._chosen(day)
            except BusyError:  # photos from elsewhere are read as strangers' are: later, then
                return []
            self._dozen = state, dozen
        return dozen

    def _chosen(self, day: date) -> list[PhotoExample]:
        dozen: list[PhotoExample] = []
        for members in order_of_day(list(self._held_out.values()), day):
            chosen = next((photo for photo in members if self._photo(photo)), None)
            if chosen:
                dozen.append(PhotoExample(chosen.name, chosen.label))
            if len(dozen) == DOZEN:
                break
        return dozen

    def _photo(self, photo: HeldOutPhoto) -> Image.Image | None:
        collection = self._collection
        return collection.other_photo(photo.file, photo.sha256) if collection else None

    def _map(self, name: str) -> MapView | None:
        return next((example for example in map_views().values() if example.name == name), None)

    def version(self, name: str) -> str:
        """What changes in the address of a picture when the picture does."""
        return hashlib.sha256(self.state(name).encode()).hexdigest()[:8]

    def is_map(self, name: str) -> bool:
        """Whether an example is no photo; by its name without the prefix, which need not be one."""
        return name not in self._held_out and name not in self._scenes

    # What is made of them

    def picture(self, name: str) -> Image.Image:
        """The picture of an example, RGB, by its name without the prefix.

        Raises:
            FileNotFoundError: If there is none.
            BusyError: If it comes from elsewhere, and too much is being read.
        """
        image = None
        try:
            if photo := self._held_out.get(name):
                image = self._photo(photo)
            elif path := self._scenes.get(name):
                image = decode(path).image
            elif example := self._map(name):
                image = decode(example.path).image
        except BusyError:
            raise
        except ImageError:
            image = None
        if image is None:
            raise FileNotFoundError(name)
        return image

    def state(self, name: str) -> str:
        """What changes when the picture of an example does; empty where there is no such example."""
        if photo := self._held_out.get(name):
            return photo.sha256
        path = self._scenes.get(name) or ((example := self._map(name)) and example.path)
        return str(file_state(path)) if path else ""

    def get(self, name: str) -> Upload | None:
        """The example of a name, made if need be; None where there is none, or its file cannot be read."""
        try:
            return self.make(name)
        except (ImageError, ScaleError):
            return None

    def make(self, name: str) -> Upload | None:
        """As `get`.

        Raises:
            ImageError: If its file cannot be read, or too much else is made at the moment.
            ScaleError: If what is known of its scale does not fit.
        """
        if not name.startswith(PREFIX):
            return None
        short = name.removeprefix(PREFIX)
        state = self.state(short)
        if not state:
            return None
        if kept := self._kept(name, state):
            return kept
        if not self._places.acquire(blocking=False):
            raise BusyError(PREPARING)
        try:
            return self._make_in_turn(name, state, WAIT_SECONDS)
        finally:
            self._places.release()

    def peek(self, name: str) -> Upload | None:
        """The example of a name where it is made already, at once; for what may be asked by anybody."""
        return self._kept(name, self.state(name.removeprefix(PREFIX))) if name in self._made else None

    def require(self, name: str, *, made: bool = False) -> Upload | None:
        """As `make`, or as `peek` where it has to be made; None only of a name that is no example's.

        Raises:
            NotYetError: If it is not here yet: its photo is on its way, or too much else is made.
            QueryError: If it will not be.
        """
        if not name.startswith(PREFIX):
            return None
        try:
            upload = self.peek(name) if made else self.make(name)
        except BusyError as error:
            raise NotYetError(PREPARING) from error
        except (ImageError, ScaleError):
            upload = None
        if upload:
            return upload
        short = name.removeprefix(PREFIX)
        if short in self._held_out and (self._collection is None or self._collection.missing_photos):
            raise NotYetError(COMING) if self.wait_for_photos else QueryError(NO_EXAMPLE)
        raise NotYetError(PREPARING) if made and self.state(short) else QueryError(NO_EXAMPLE)

    def _make_in_turn(self, name: str, state: str, seconds: float) -> Upload | None:
        """As `make`, after the one that is made at the moment; waits so long, or for ever if less than 0."""
        if not self._making.acquire(timeout=seconds):
            raise BusyError(PREPARING)
        try:
            upload = self._kept(name, state) or self._make(name.removeprefix(PREFIX))
            if upload:
                self._made[name] = state, upload
            return upload
        finally:
            self._making.release()

    def _kept(self, name: str, state: str) -> Upload | None:
        known, upload = self._made.get(name, (None, None))
        return upload if known == state else None

    def _make(self, name: str) -> Upload | None:
        if example := self._map(name):
            upload, _ = embed_upload(
                self._retriever, str(example.path), example.hints, example.file_scale, None
            )
            return replace(upload, title=example.title, attribution=example.attribution)
        try:
            image = self.picture(name)
        except FileNotFoundError:
            return None
        seen = self._retriever.embed_image(image)
        held_out = self._held_out.get(name)
        shown = PhotoExample(name, held_out.label if held_out else name)
        return Upload(
            seen.vector.copy(),
            preview_of(image),
            seen.notes,
            title=shown.title,
            in_sentence=shown.in_sentence,
            height=seen.height,
        )

    def prepare(self) -> None:
        """Make those that the page shows, so that nobody waits for one."""
        if ZERO_GPU:  # it is lent for a visitor's event alone
            return
        names = [each.name for each in self.photos()] + [each.name for each in map_views().values()]
        for name in (self.first, *(PREFIX + name for name in names)):
            self._prepare(name)

    def prepare_others(self) -> None:
        """Make all others, so that a link to any of them is answered at once; slowly, beside the visitors."""
        if ZERO_GPU:
            return
        for name in (*self._scenes, *(() if self.are_drawn else self._held_out)):
            if self.peek(PREFIX + name) is None:
                self._prepare(PREFIX + name)
                time.sleep(REST_SECONDS)

    def _prepare(self, name: str) -> None:
        try:
            if state := self.state(name.removeprefix(PREFIX)):
                self._make_in_turn(name, state, -1)
        except Exception:
            logger.exception("The example %s cannot be used", name)  # the others can

    def prepare_in_background(self) -> None:
        """All of them, in a thread that does not keep the process from ending; again when photos came."""

        def prepare_all() -> None:
            self.prepare()
            self.prepare_others()
            if self.wait_for_photos:
                while self.wait_for_photos:
                    time.sleep(LOOK_SECONDS)
                self.prepare()
                self.prepare_others()

        threading.Thread(target=prepare_all, name="prepare-examples", daemon=True).start()
