"""The public endpoints, for other programs and, with `--mcp`, for language models; see `docs/api.md`.

Gradio shows the docstrings of the endpoints to both. It reads the first line alone of what is said of a
parameter, and puts commas between the lines of 'Returns': so neither is wrapped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from retrieval import Retriever
from retrieval.errors import UserError
from retrieval.query import DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS, PhotoRef, Query
from ui import arguments
from ui.arguments import one_of, refusal, whole_number
from ui.components.query_image import QueryImage
from ui.events import LOOK_UP_QUEUE, SEARCH_QUEUE
from ui.refusals import BlocksWithSentences


def add_endpoints(page: BlocksWithSentences, retriever: Retriever, opened: str) -> None:
    """Add the endpoints to the page being built; their parts are their own, so the page may change freely.

    Args:
        page: The page; it is told how the arguments are checked.
        retriever: Answers.
        opened: The name of the collection that is searched where none is named.
    """

    def search(
        image: str, k: int = DEFAULT_NEIGHBOURS, collection: str = opened, metres_per_pixel: float = 0
    ) -> dict[str, Any]:
        """Find the photos of a collection that look most like an aerial image.

        Of a photo its middle square is searched, as if seen from higher up where that fits better; of a
        screenshot of a map whose ground scale is given, 78 m near its middle, clear of buttons and labels.
        Distances are Euclidean, of vectors of length 1: 0 to 2.

        Args:
            image: A JPEG, PNG, WebP, AVIF, HEIC, TIFF, JPEG 2000, BMP or GIF file of at most 25 MB and 50 megapixels (TIFF, JPEG 2000: 1 GB), uploaded; from a tool its public http(s) URL, or data:image/png;base64,... with its bytes.
            k: How many neighbours, 1 to 100.
            collection: The name of the collection to search.
            metres_per_pixel: The ground scale of a screenshot of a map; 0 for a photo.

        Returns:
            'neighbours' (nearest first: 'id', 'label', 'distance' and 'photo', its file in the data set)
            'votes' (how many neighbours each class has; none where nobody labelled the photos)
            'verdict' (how well they fit: 'level' strong, fair, weak or none, null where that cannot be told; the 'label' that most have, '' where nobody labelled the photos; how many 'agree' on it 'of' how many)
            'novelty' (the share of held-out photos that lie nearer; null where that was not measured)
            'is_novel' (whether the image resembles nothing in the collection)
            'collection' (its name)
            'note' (how the image was read; often empty)
            'seconds' (by stage)
        """  # noqa: E501 - see above
        return _answered(
            lambda: retriever.search(
                image, k, collection, metres_per_pixel=metres_per_pixel or None
            ).to_dict()
        )

    def embed(image: str, metres_per_pixel: float = 0) -> dict[str, Any]:
        """Turn an aerial image into the vector that it is searched with.

        Args:
            image: A JPEG, PNG, WebP, AVIF, HEIC, TIFF, JPEG 2000, BMP or GIF file of at most 25 MB and 50 megapixels (TIFF, JPEG 2000: 1 GB), uploaded; from a tool its public http(s) URL, or data:image/png;base64,... with its bytes.
            metres_per_pixel: The ground scale of a screenshot of a map; 0 for a photo.

        Returns:
            'vector' (2,048 features, of length 1; search tells the Euclidean distance of two such vectors)
            'weights' (the SHA-256 of the network's weights; vectors of other weights cannot be compared)
            'note' (how the image was read; often empty)
            'seconds' (by stage)
        """  # noqa: E501 - see above

        def embedded() -> dict[str, Any]:
            embedded_image = retriever.embed_image(image, metres_per_pixel=metres_per_pixel or None)
            return {
                "vector": [round(float(value), 7) for value in embedded_image.vector],
                "note": embedded_image.note,
                "seconds": {stage: round(duration, 4) for stage, duration in embedded_image.seconds.items()},
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
            As search does, but 'novelty' is null: it is of images that are not in the collection.
        """
        query = Query(collection, (PhotoRef(collection, id),), k=k)
        return _answered(lambda: retriever.answer(query).to_dict())

    def collections() -> list[dict[str, Any]]:
        """List the collections that can be searched.

        Returns:
            for each its 'name' (as the other endpoints take it)
            'title'
            'count' (how many photos)
            'classes' (none where nobody labelled its photos)
            'novel_from' (an image whose nearest neighbour is farther resembles nothing in it; may be null)
            'licences' (of the data, and of the weights where they come with it)
        """
        return [
            {
                "name": searched.name,
                "title": searched.title,
                "count": searched.manifest.count,
                "classes": searched.classes,
                "novel_from": searched.calibration.threshold if searched.calibration else None,
                "licences": searched.manifest.licences,
            }
            for searched in retriever.collections.values()
        ]

    with gr.Row(visible=False):
        # Gradio's page about the endpoints has the labels where it says what a parameter is.
        image = QueryImage(label="the image")
        k = gr.Number(
            DEFAULT_NEIGHBOURS, label="how many neighbours", precision=0, minimum=1, maximum=MAX_NEIGHBOURS
        )
        name = gr.Dropdown(
            list(retriever.collections), value=opened, label="name of the collection",
            allow_custom_value=True,  # one may have come since; `one_of` checks
        )  # fmt: skip
        scale = gr.Number(0, label="metres per pixel of a screenshot of a map; 0 for a photo")
        photo = gr.Textbox(label="id of a photo of the collection, such as harbor03")
        result = gr.JSON(label="answer")
        call = gr.Button()
        call.click(search, [image, k, name, scale], result, api_name="search", **SEARCH_QUEUE)
        call.click(embed, [image, scale], result, api_name="embed", **SEARCH_QUEUE)
        call.click(neighbours_of, [photo, k, name], result, api_name="neighbours_of", **LOOK_UP_QUEUE)
        call.click(collections, None, result, api_name="collections", **LOOK_UP_QUEUE)

    k_check, name_check = whole_number(1, MAX_NEIGHBOURS), one_of(lambda: retriever.collections, opened)
    for checks, image_check in ((page.endpoints, arguments.image), (page.tools, arguments.image_of_tool)):
        checks |= {
            "search": {
                "image": image_check, "k": k_check, "collection": name_check,
                "metres_per_pixel": arguments.number,
            },
            "embed": {"image": image_check, "metres_per_pixel": arguments.number},
            "neighbours_of": {"id": arguments.text, "k": k_check, "collection": name_check},
            "collections": {},
        }  # fmt: skip


def _answered(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a call returns; what the caller gave wrong as a sentence. For all else see `ui.refusals`."""
    try:
        return call()
    except UserError as error:
        raise refusal(str(error)) from error
