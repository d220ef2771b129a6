"""How well an answer fits, in one word: strong, fair, weak, or none.

Two things are looked at: how far the nearest neighbour is, beside photos that were held out from the
collection (see `retrieval.collections.calibration`) and beside pairs of one class; and how many neighbours
agree on a class. Where nobody labelled the photos, the distance alone is looked at. The limits were chosen
with `make bench-verdict`, on the validation photos, on photos of another data set and on pictures that are
no aerial photos; never on the test photos.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.collections.collection import Collection
    from retrieval.results import Neighbour

STRONG, FAIR, WEAK, NONE = "strong", "fair", "weak", "none"

#: From the best to the worst.
LEVELS = (STRONG, FAIR, WEAK, NONE)

#: A strong match is nearer than the nearest neighbours of all but this share of held-out photos. At 0.90
#: photos of another data set are right in 97.3 % of what is called strong, at 0.85 in 97.7 %.
NEAR = 0.85

#: A fair one is nearer than those of all but this share. At 0.97 photos of another data set are right in 85 %
#: of what is called fair, and 10 of 92 pictures of something else are called so; at 0.99 in 79 %, and 18.
FAIRLY_NEAR = 0.97

#: The share of neighbours that have to agree on the class of a strong match.
AGREEING = 0.75

#: Neighbours that are asked for their class: a class may have fewer photos than somebody looks at.
VOTERS = 12

#: Farther than this share of the pairs of one class, nothing looks like a query.
APART = 0.99


@dataclass(frozen=True)
class Verdict:
    """How well an answer fits.

    Attributes:
        level: One of `LEVELS`; None where it cannot be told: of a collection without a calibration, of a
            query that marks moved, or where no photo may be an answer.
        label: The class that most of the nearest neighbours have; of as many, that of the nearest. Where
            nothing close was found, that of the nearest alone; '' in a collection without classes; None where
            no photo may be an answer.
        agree: How many of these have it.
        of: How many were asked, at most `VOTERS`; 0 where only one class may be an answer, or none is known.
        others: The classes of the others, and how many have each, most first.
        elsewhere: The class of what is nearest of all, where a filter hides it and only worse is left.
    """

    level: str | None
    label: str | None = None
    agree: int = 0
    of: int = 0
    others: tuple[tuple[str, int], ...] = ()
    elsewhere: str | None = None

    def at_most(self, level: str) -> Verdict:
        """The same, called no better than this level."""
        if self.level is None or LEVELS.index(self.level) >= LEVELS.index(level):
            return self
        return replace(self, level=level)

    @property
    def is_far(self) -> bool:
        """Whether nothing close was found."""
        return self.level in (WEAK, NONE)


def verdict(
    collection: Collection,
    neighbours: Sequence[Neighbour],
    overall: Neighbour | None = None,
    classes: Sequence[str] = (),
    *,
    further: Sequence[Neighbour] = (),
    marked: bool = False,
) -> Verdict:
    """The verdict on an answer.

    Args:
        collection: That was searched.
        neighbours: Nearest first.
        overall: The nearest of all, whatever filters say.
        classes: Those that may be an answer; all where there are none.
        further: The neighbours, and after them others that may be an answer: `VOTERS` of them say the level,
            so that it does not depend on how many somebody looks at.
        marked: Whether marks moved the query: then its distances are not those that were calibrated.
    """
    if not neighbours:
        return Verdict(None)
    if not collection.has_classes:
        return Verdict(None if marked else _level(collection, neighbours[0].distance), "")
    votes = Counter(neighbour.label for neighbour in neighbours[:VOTERS]).most_common()
    label, agree = votes[0]
    choice = len(classes or collection.labels)
    of = min(len(neighbours), VOTERS) if choice > 1 else 0
    nearest = neighbours[0]
    level = _level(collection, nearest.distance)
    found = Verdict(level, label, agree if of else 0, of, tuple(votes[1:]))
    if found.is_far:
        counts = dict(votes)
        others = tuple(each for each in votes if each[0] != nearest.label)
        found = replace(found, label=nearest.label, agree=counts[nearest.label] if of else 0, others=others)
    voters = [neighbour.label for neighbour in (further or neighbours)[:VOTERS]]
    if choice > 1 and voters.count(label) < AGREEING * len(voters):
        found = found.at_most(FAIR)
    # A class that may be no answer fits better.
    hidden = overall is not None and overall.row != nearest.row
    if overall is not None and hidden and _level(collection, overall.distance) in (STRONG, FAIR):
        found = replace(found.at_most(FAIR), elsewhere=overall.label)
    if marked:
        found = replace(found, level=None, elsewhere=found.elsewhere if found.is_far else None)
    return found


def _level(collection: Collection, distance: float) -> str | None:
    """What the distance of the nearest neighbour alone says; None without a calibration."""
    calibration = collection.calibration
    if calibration is None:
        return None
    if distance <= calibration.within(NEAR):
        return STRONG
    if distance <= calibration.within(FAIRLY_NEAR):
        return FAIR
    # Where nobody said which photos are alike, nobody knows how far apart such may be.
    if not calibration.is_novel(distance) or not collection.has_classes:
        return WEAK
    pairs = collection.pair_distances
    nearer = pairs.nearer_within(distance) if pairs else None
    return NONE if nearer is None or nearer > APART else WEAK
