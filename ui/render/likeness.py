"""A distance -> what it means at a glance: how long a bar is, a word, and a sentence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrieval.collections.pair_distances import PairDistances
from retrieval.errors import Message
from ui.i18n import gettext as _

#: Nearer than this share of the pairs of one class is farther from the query, each with its word. The last,
#: as of `retrieval.verdict.APART`: what is farther has nothing in common.
WORDS = (
    (50, Message("very alike")),
    (95, Message("alike")),
    (99, Message("a bit alike")),
)
UNLIKE = Message("far")

#: Nearer than this share of the pairs of two classes, and the bar still shows a little.
SHARE_BETWEEN = 5


def likeness(pairs: PairDistances | None, distance: float) -> dict[str, Any]:
    """What a tile shows of its distance: the bar's 'share', the 'word' and the sentence 'told'.

    The bar has a quarter for each word: one is full for the same photo, and nearly empty for a distance that
    is usual between classes.

    Args:
        pairs: The distances within and between classes of the collection.
        distance: Of a neighbour.

    Returns:
        Nothing where no class has two photos, so that there is nothing to compare with.
    """
    if pairs is None or not pairs.within:
        return {}
    limits = [pairs.within[percent] for percent, _word in WORDS]
    last = max(pairs.between[SHARE_BETWEEN] if pairs.between else 2.0, limits[-1])
    share = float(np.interp(distance, [0.0, *limits, last], [1.0, 0.75, 0.5, 0.25, 0.05]))
    words = (word for limit, (_percent, word) in zip(limits, WORDS, strict=True) if distance <= limit)
    return {"share": round(share, 3), "word": _(next(words, UNLIKE)), "told": _told(pairs, distance)}


def _told(pairs: PairDistances, distance: float) -> str:
    within, between = pairs.nearer_within(distance) or 0.0, pairs.nearer_between(distance)
    if within <= 0.5:
        return _("Nearer than {share:.0%} of pairs of one class.", share=_whole(1 - within))
    if between is None:
        return _("Farther than {share:.0%} of pairs of one class.", share=_whole(within))
    return _(
        "Farther than {within:.0%} of pairs of one class, nearer than {between:.0%} of pairs of two.",
        within=_whole(within),
        between=_whole(1 - between),
    )


def _whole(share: float) -> float:
    """Rounded down, so that 'all' is never said of nearly all."""
    return min(math.floor(100 * share + 1e-9) / 100, 0.99)
