"""The classes of UC Merced as people write them; the data set runs their names together. And groups."""

from __future__ import annotations

import re

from retrieval.errors import Message

CLASS_NAMES = {
    "agricultural": Message("agricultural"),
    "airplane": Message("airplane"),
    "baseballdiamond": Message("baseball diamond"),
    "beach": Message("beach"),
    "buildings": Message("buildings"),
    "chaparral": Message("chaparral"),
    "denseresidential": Message("dense residential"),
    "forest": Message("forest"),
    "freeway": Message("freeway"),
    "golfcourse": Message("golf course"),
    "harbor": Message("harbor"),
    "intersection": Message("intersection"),
    "mediumresidential": Message("medium residential"),
    "mobilehomepark": Message("mobile home park"),
    "overpass": Message("overpass"),
    "parkinglot": Message("parking lot"),
    "river": Message("river"),
    "runway": Message("runway"),
    "sparseresidential": Message("sparse residential"),
    "storagetanks": Message("storage tanks"),
    "tenniscourt": Message("tennis court"),
}


#: How groups of photos that nobody labelled are called, see `Manifest.labels`.
GROUP = Message("group {number}")


def group_message(label: str) -> Message | None:
    """The label of a group as people write it; None of one that this project did not make.

    Whether a label is a group's, its text does not say: somebody may call a class so.
    """
    found = re.fullmatch(r"group ([1-9][0-9]{0,5})", label)
    return Message(GROUP.template, number=int(found[1])) if found else None


def class_name(label: str) -> str:
    """A class as people write it in English; a class of another data set as it is."""
    return str(CLASS_NAMES.get(label, label))
