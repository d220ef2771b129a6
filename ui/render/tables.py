"""Measures and confusions -> HTML tables, bars and an SVG, as strings. Colours are in `ui/static`."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.collections.evaluation import Confusion, ProtocolResult
from ui.i18n import class_name, number
from ui.i18n import gettext as _
from ui.render.escaping import escape

MAX_PAIRS = 8


def class_bars(result: ProtocolResult, caption: str, name: str = "mAP") -> str:
    """A table with a bar for each class, the weakest first."""
    values = sorted((metrics[name], label) for label, metrics in result.per_class.items())
    rows = [
        [readable_html(label), f'<b style="width:{100 * value:.1f}%"></b>', shown(name, value)]
        for value, label in values
    ]
    return table("bars", escape(caption), [_("class"), "", name], rows)


def confused_pairs(confusion: Confusion, caption: str) -> str:
    """A table of the classes that are mistaken most often, and for what."""
    pairs = confusion.pairs(by_share=True)
    if not pairs:
        no_mistake = _("{photos}: no first neighbour is of another class.", photos=escape(caption))
        return f"<p>{no_mistake}</p>"
    rows = [
        [
            readable_html(pair.query),
            readable_html(pair.neighbour),
            _("{count:,} of {of:,}", count=pair.count, of=pair.total),
        ]
        for pair in pairs[:MAX_PAIRS]
    ]
    rest = sum(pair.count for pair in pairs[MAX_PAIRS:])
    more = ""
    if rest:
        others = _("And {count:,} in other pairs of classes.", count=rest)
        more = f"<p><small>{others}</small></p>"
    heads = [_("a photo of"), _("first finds"), _("photos")]
    return table("pairs", escape(caption), heads, rows) + more


def heat_map(confusion: Confusion) -> str:
    """The confusion matrix as SVG: columns are numbered as the rows are, so that it is narrow enough."""
    labels, columns = confusion.labels, confusion.columns
    side, left, top = 13, 132, 16
    marks = [
        f'<text x="{left + (x + 0.5) * side}" y="{top - 4}" text-anchor="middle">{x + 1}</text>'
        for x in range(len(columns))
    ]
    for y, (label, counts) in enumerate(zip(labels, confusion.counts, strict=True)):
        number = f"{columns.index(label) + 1} " if label in columns else ""
        middle = top + (y + 0.5) * side + 3.5
        marks.append(
            f'<text x="{left - 6}" y="{middle}" text-anchor="end">{readable_html(label)} {number}</text>'
        )
        for x, count in enumerate(counts):
            place = f'x="{left + x * side}" y="{top + y * side}" width="{side - 1}" height="{side - 1}"'
            right = columns[x] == label
            kind = "none" if not count else "right" if right else "wrong"
            strength = f' fill-opacity="{0.25 + 0.75 * count / sum(counts):.2f}"' if right and count else ""
            marks.append(f'<rect class="{kind}" {place}{strength}></rect>')
            if kind == "wrong":
                marks.append(
                    f'<text class="on" x="{left + (x + 0.46) * side}" y="{middle}" text-anchor="middle">'
                    f"{count}</text>"
                )
    total = sum(map(sum, confusion.counts))
    mistaken = sum(pair.count for pair in confusion.pairs())
    title = _(
        "The first neighbour of {total:,} test photos: {right:,} are of the photo's own "
        "class, {wrong:,} are of another.",
        total=total,
        right=total - mistaken,
        wrong=mistaken,
    )
    how_to_read = _(
        "Rows: the photo's class; columns: its first neighbour's, by number. Green is right, "
        "the stronger the more often; a number counts mistakes."
    )
    size = f"0 0 {left + len(columns) * side} {top + len(labels) * side}"
    return (
        f'<figure><svg class="heat" viewBox="{size}" role="img" aria-label="{title}">{"".join(marks)}</svg>'
        f"<figcaption>{title} {how_to_read}</figcaption></figure>"
    )


def table(kind: str, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose cells are HTML already; the first of each row is its header."""
    head = "".join(f'<th scope="col">{cell}</th>' if cell else "<td></td>" for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    return (
        f'<table class="{kind}"><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def shown(name: str, value: float) -> str:
    """A share in per cent; mAP and ANMRR as the literature writes them."""
    return number(value, ".3f") if name in ("mAP", "ANMRR") else f"{number(100 * value, '.1f')} %"


def readable_html(label: str) -> str:
    """A class's name as people write it, as HTML."""
    return escape(class_name(label))
