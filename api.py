"""The public endpoint `/search`, for other programs and, with `--mcp`, for language models."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from panels.query_image import QueryImage
from retrieval import ImageError, Retriever

logger = logging.getLogger(__name__)
MAX_NEIGHBOURS = 100
DEFAULT_NEIGHBOURS = 12

#: Searches of the page and of the endpoint wait in one line: two at a time, one decoding, one in the network.
SEARCH_QUEUE: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "search"}

OUR_FAULT = "The search failed, and your photo is not to blame: try again, or tell who runs this page."


def add_search_endpoint(retriever: Retriever, opened: str) -> None:
    """Add the endpoint to the page being built; its parts are its own, so that the page may change freely."""

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
        if image is None:
            raise gr.Error("There is no image: give one as the field 'image'.", print_exception=False)
        try:
            return retriever.search(
                image,
                k or DEFAULT_NEIGHBOURS,
                collection or opened,
                metres_per_pixel=metres_per_pixel or None,
            ).to_dict()
        except (ImageError, ValueError) as error:
            raise gr.Error(str(error), print_exception=False) from error
        except Exception as error:
            logger.exception("A search failed")
            raise gr.Error(OUR_FAULT, print_exception=False) from error

    with gr.Row(visible=False):
        image = QueryImage(label="image")
        k = gr.Number(DEFAULT_NEIGHBOURS, label="k", precision=0, minimum=1, maximum=MAX_NEIGHBOURS)
        name = gr.Dropdown(list(retriever.collections), value=opened, label="collection")
        scale = gr.Number(0, label="metres_per_pixel")
        result = gr.JSON(label="result")
        gr.Button().click(search, [image, k, name, scale], result, api_name="search", **SEARCH_QUEUE)
