"""What is looked for, as one picture."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from retrieval import Retriever
from retrieval.query import Query
from ui.thumbnails import middle_square, whole_image
from ui.uploads import UploadStore

#: Photos of one query that are shown side by side, at most, and the side of the picture, in pixels.
MAX_SHOWN, SIDE = 9, 512


def query_picture(retriever: Retriever, uploads: UploadStore, query: Query) -> Image.Image:
    """The photos of a query as one picture, RGB. Raises QueryError if it names what there is not."""
    pictures = [whole_image(*retriever.resolve(photo)) for photo in query.stored]
    pictures += [upload.image for name in query.uploads if (upload := uploads.peek(name))]
    return pictures[0] if len(pictures) == 1 else side_by_side(pictures)


def side_by_side(pictures: Sequence[Image.Image]) -> Image.Image:
    """Several photos as one square picture of 512 pixels; of more than `MAX_SHOWN`, the first."""
    shown = pictures[:MAX_SHOWN]
    columns = 1
    while columns * columns < len(shown):
        columns += 1
    side = SIDE // columns
    sheet = Image.new("RGB", (side * columns, side * columns), "white")
    top = (columns - -(-len(shown) // columns)) * side // 2  # where they leave a row free: in the middle
    for place, picture in enumerate(shown):
        left = place % columns * side
        sheet.paste(middle_square(picture, side - 2), (left + 1, top + place // columns * side + 1))
    return sheet
