"""Ways to search with the same weights -> tables, for a terminal and for docs/results.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from train.data.ucmerced import DataError
from train.evaluate.ways import GROUPS
from train.reports.markdown import table
from train.reports.records import SHIPPED

#: Where `python -m train ablate --out` has it, in the folder of records.
RECORD = Path("without-training") / "shipped.json"

Row = Mapping[str, Any]

_TEXT = """## Without training

The same weights, used in other ways. *Scales*: the middle half of a photo is what it would show from half
as high; 'twice as high' is the photo among its own mirror images, or in a mosaic of photos of its class.
Settings were chosen by the mAP of the validation photos, as they are and in three *copies* that look as if
from elsewhere: their middle halves, and mosaics from twice and four times as high. *Doubt* is the share of
validation photos that are nearer to the collection than a query has to be for its whole photo to be enough.
*Work* is what the network has to do for a query on average, and *vectors* what the index has of each photo,
both 1 for the plain way. What changes is compared query by query with the plain way, in hundredths; a bold
change is one whose interval leaves out 0. Of forty ways, one or two look like that by chance alone.

"""


def section(folder: Path) -> str:
    """The section of the page; '' where nobody has compared.

    Args:
        folder: Of the records.

    Raises:
        DataError: If the record is damaged.
    """
    path = folder / RECORD
    if not path.is_file():
        return ""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        made = f"{record['command']}` ({record['dtype']}, {record['size']} pixels){_of(record, folder)}.\n"
        return f"{_TEXT}{_helpful(record['ways'])}{tables(record['ways'])}\nMade by `{made}"
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error!r}): make it again with 'train ablate'.") from error


def _of(record: Mapping[str, Any], folder: Path) -> str:
    """Which weights were measured, where they are not those of the shipped run's record."""
    shipped = folder / f"{SHIPPED}.json"
    if not shipped.is_file():
        return ""
    weights = json.loads(shipped.read_text(encoding="utf-8"))["evaluation"]["weights"]
    return "" if weights == record["weights"] else ", with the weights that were shipped before"


def tables(ways: Sequence[Row]) -> str:
    """A table of queries of the data set's own photos, and one of photos from elsewhere."""
    groups = [name for name in ("", *GROUPS) if any(way["group"] == name for way in ways)]
    ordered = [way for name in groups for way in ways if way["group"] == name]
    home = [
        [
            *_title(way),
            _work(way, "test-train"),
            _cell(way, "validation-train", "P@1"),
            _cell(way, "validation-train", "mAP"),
            _cell(way, "test-train", "P@1"),
            _cell(way, "test-train", "mAP"),
            _change(way, "test-train", "mAP"),
            _cell(way, "test-test", "P@1"),
            _cell(way, "test-test", "mAP"),
        ]
        for way in ordered
    ]
    away = [
        [
            *_title(way),
            _work(way, "shift-train"),
            str(way["vectors"]),
            _cell(way, "copies-train", "P@1"),
            _change(way, "copies-train", "P@1"),
            _cell(way, "shift-train", "P@1"),
            _change(way, "shift-train", "P@1"),
            _cell(way, "shift-train", "mAP"),
            _change(way, "shift-train", "mAP"),
        ]
        for way in ordered
    ]
    head = ["", "setting", "work", "validation P@1", "validation mAP", "test P@1", "test mAP", "change"]
    head_away = ["", "setting", "work", "vectors", "copies P@1", "change"]
    return (
        f"At home:\n\n{table([*head, 'test-test P@1', 'test-test mAP'], home)}"
        f"\nElsewhere:\n\n{table([*head_away, 'shift P@1', 'change', 'shift mAP', 'change'], away)}"
    )


def _helpful(ways: Sequence[Row]) -> str:
    """A list of what helps photos from elsewhere and does no harm, as far as these queries can say."""
    lines = []
    for way in ways:
        home, away, copies = (
            way["protocols"].get(name, {}).get(metric)
            for name, metric in (("test-train", "mAP"), ("shift-train", "P@1"), ("copies-train", "P@1"))
        )
        if not away or away["change_interval"][0] <= 0 or home["change_interval"][1] < 0:
            continue
        if not copies or copies["change_interval"][1] >= 0:
            changes = (
                f"{100 * away['change']:+.1f} elsewhere (P@1), {100 * home['change']:+.1f} at home (mAP)"
            )
            lines.append(f"- {', '.join(filter(None, _title(way)))}: {changes}\n")
    what = "Clearly better elsewhere, and not clearly worse at home or on the copies:"
    return f"{what}\n\n{''.join(lines)}\n" if lines else ""


def _title(way: Row) -> list[str]:
    group = GROUPS.get(way["group"])
    setting = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in way["setting"].items())
    return [f"{group}: {way['title']}" if group else way["title"], setting]


def _work(way: Row, protocol: str) -> str:
    return f"{way['work'][protocol]:.3g}" if protocol in way["work"] else ""


def _cell(way: Row, protocol: str, metric: str) -> str:
    """A value and its interval; '' where it was not measured."""
    found = way["protocols"].get(protocol)
    if not found:
        return ""
    low, high = found[metric]["interval"]
    return f"{found[metric]['value']:.3f} [{low:.3f}, {high:.3f}]"


def _change(way: Row, protocol: str, metric: str) -> str:
    """In hundredths, bold where it is hardly chance."""
    found = way["protocols"].get(protocol)
    if not found or not way["group"]:
        return ""
    low, high = found[metric]["change_interval"]
    text = f"{100 * found[metric]['change']:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
    return f"**{text}**" if low > 0 or high < 0 else text
