"""The tab 'Accuracy and limits' as HTML: three plain sentences, then the figures, then why it is wrong.

Pure functions without Gradio. What was measured stands in the manifest of a collection; where nothing was,
the sentences say that.
"""

from __future__ import annotations

import logging

from retrieval.collections.collection import Collection
from retrieval.collections.evaluation import Evaluation
from ui.i18n import gettext as _
from ui.render.escaping import escape
from ui.render.failure_modes import failure_modes
from ui.render.scorecard import origin, scorecard

logger = logging.getLogger(__name__)


def accuracy(collection: Collection) -> str:
    """The whole tab."""
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in in_short(collection))
    return (
        f'<div id="accuracy-page"><div class="reading in-short">{sentences}</div>'
        f"{scorecard(collection.manifest)}{failure_modes(collection)}{origin(collection.manifest)}</div>"
    )


def in_short(collection: Collection) -> list[str]:
    """How often the first photo is right at home and elsewhere, and when not to believe it."""
    if not collection.has_classes:
        return [_("Nobody labelled these photos, so the page names no class that could be right or wrong.")]
    return [
        *_how_often(collection),
        _(
            "Do not believe a class where the page says that no match is close, where your photo shows a "
            "kind of place that the collection does not have, or where it was taken from much higher or "
            "lower."
        ),
    ]


def _how_often(collection: Collection) -> list[str]:
    try:
        protocols = Evaluation.from_dict(collection.manifest.results).protocols
        home, elsewhere = protocols.get("test-train"), protocols.get("shift-train")
        return [
            _(
                "With a new photo from where the collection is from, the first photo that is found is of the "
                "right class about {times} times in 100: so it was with {count:,} photos that it had never "
                "seen.",
                times=_of_hundred(home.overall["P@1"]),
                count=home.queries,
            )
            if home
            else _("How often the first photo is of the right class has not been measured yet."),
            _(
                "With photos from elsewhere, of other cities, seasons and cameras, it is about {times} times "
                "in 100: so it was with {count:,} photos of another data set.",
                times=_of_hundred(elsewhere.overall["P@1"]),
                count=elsewhere.queries,
            )
            if elsewhere
            else _("How it does with photos from elsewhere has not been measured."),
        ]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        logger.exception("The manifest's results cannot be shown")
        return [_("How often the first photo is of the right class has not been measured yet.")]


def _of_hundred(share: float) -> int:
    """A share as so many in a hundred; a hundred only where there was no mistake."""
    return min(round(100 * share), 99) if share < 1 else 100
