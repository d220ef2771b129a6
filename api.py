"""The public endpoints, for other programs and, with `--mcp`, for language models; see `docs/api.md`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import gradio as gr

from panels.query_image import QueryImage
from retrieval import ImageError, Retriever
from retrieval.question import DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS, Question, Stored
from texts import say

logger = logging.getLogger(__name__)

#: Searches of the page and of the endpoints wait in one line, two at a time: one decodes, one embeds.
SEARCH_QUEUE: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "search"}


def add_endpoints(retriever: Retriever, opened: str) -> None:
    """Add the endpoints to the page being built; their parts are their own, so the page may change freely.

    Args:
        retriever: Answers.
        opened: The name of the collection that is searched where none is named.
    """

    def search(
        image: str, k: int = DEFAULT_NEIGHBOURS, collection: str = opened, metres_per_pixel: float = 0
    ) -> dict[str, Any]:
        """Find the photos of a collection that look most like an aerial image.

        Args:
            image: A JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF file of at most 25 MB and 50 megapixels.
            k: How many neighbours, 1 to 100.
            collection: The name of the collection to search.
            metres_per_pixel: Ground scale of a screenshot of a map: then 78 m near its middle are searched,
                clear of buttons and labels. 0 for a photo, of which the middle square is searched.

        Returns:
            'neighbours', nearest first, each with 'id', 'label' (the class), 'distance' (Euclidean, of unit
            vectors, 0 to 2) and 'photo' (its file in the data set); 'votes' (how many neighbours each class
            has), 'novelty' (the share of held-out photos that lie nearer), 'is_novel' (whether it resembles
            nothing in the collection), 'collection', 'note' (how the image was read, mostly empty) and
            'seconds' (by stage).
        """
        return _answered(
            lambda: retriever.search(
                _given(image), k or DEFAULT_NEIGHBOURS, collection or opened,
                metres_per_pixel=metres_per_pixel or None,
            ).to_dict()
        )  # fmt: skip

    def embed(image: str, metres_per_pixel: float = 0) -> dict[str, Any]:
        """Turn an aerial image into the vector that it is searched with.

        Args:
            image: As for search.
            metres_per_pixel: As for search.

        Returns:
            'vector' (2,048 features, of length 1; the Euclidean distance of two such vectors is what search
            tells), 'note' and 'seconds', as search has them, and 'weights' (the SHA-256 of the network's
            weights: vectors of other weights cannot be compared with it).
        """

        def embedded() -> dict[str, Any]:
            seen = retriever.see(_given(image), metres_per_pixel=metres_per_pixel or None)
            return {
                "vector": [round(float(value), 7) for value in seen.vector],
                "note": seen.note,
                "seconds": {stage: round(duration, 4) for stage, duration in seen.seconds.items()},
                "weights": retriever.collection().manifest.model.sha256,
            }

        return _answered(embedded)

    def neighbours_of(id: str, k: int = DEFAULT_NEIGHBOURS, collection: str = opened) -> dict[str, Any]:  # noqa: A002
        """Find the photos of a collection that look most like one of its own photos.

        Args:
            id: The photo's id, as the neighbours of search have it, such as 'harbor03'.
            k: How many neighbours, 1 to 100; the photo itself is none.
            collection: The name of the photo's collection.

        Returns:
            As search does; without 'novelty', which is of images that are not in the collection.
        """
        name = collection or opened
        question = Question(name, (Stored(name, id or ""),), k=k or DEFAULT_NEIGHBOURS)
        return _answered(lambda: retriever.ask(question).to_dict())

    def collections() -> list[dict[str, Any]]:
        """List the collections that can be searched.

        Returns:
            For each its 'name' (as the other endpoints take it), 'title', 'count' (how many photos),
            'classes', 'novel_from' (the distance to the nearest neighbour from which on an image resembles
            nothing in it; null where that was not measured) and 'licences' (of the data and of the weights).
        """
        return [
            {
                "name": each.name,
                "title": each.title,
                "count": each.manifest.count,
                "classes": each.labels,
                "novel_from": each.calibration.threshold if each.calibration else None,
                "licences": each.manifest.licences,
            }
            for each in retriever.collections.values()
        ]

    with gr.Row(visible=False):
        image = QueryImage(label="image")
        k = gr.Number(DEFAULT_NEIGHBOURS, label="k", precision=0, minimum=1, maximum=MAX_NEIGHBOURS)
        name = gr.Dropdown(list(retriever.collections), value=opened, label="collection")
        scale = gr.Number(0, label="metres_per_pixel")
        photo = gr.Textbox(label="id")
        result = gr.JSON(label="result")
        call = gr.Button()
        call.click(search, [image, k, name, scale], result, api_name="search", **SEARCH_QUEUE)
        call.click(embed, [image, scale], result, api_name="embed", **SEARCH_QUEUE)
        call.click(neighbours_of, [photo, k, name], result, api_name="neighbours_of")
        call.click(collections, None, result, api_name="collections")


def _given(image: str | None) -> str:
    if image is None:
        raise ImageError("There is no image: give one as the field 'image'.")
    return image


def _answered(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a call returns; what goes wrong in it as a sentence for the caller."""
    try:
        return call()
    except (ImageError, ValueError) as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        logger.exception("A call failed")
        raise gr.Error(say("search.our_fault"), print_exception=False) from error
