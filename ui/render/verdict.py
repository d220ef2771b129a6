"""The verdict on an answer -> the line above the neighbours, as HTML: how well it fits, in plain words."""

from __future__ import annotations

from retrieval import SearchResult
from retrieval.errors import Message
from retrieval.maps.crops import GUESS, TOO_FAR
from retrieval.maps.locate import LocatedSquare
from retrieval.query import Query
from retrieval.verdict import FAIR, NONE, STRONG, WEAK, Verdict
from ui.i18n import class_name, ngettext, number
from ui.i18n import gettext as _
from ui.render import sentences
from ui.render.escaping import escape
from ui.render.screenshots import CONTENTS

#: What each level is called.
LEVELS = {
    STRONG: Message("Strong match"),
    FAIR: Message("Fair match"),
    WEAK: Message("No close match"),
    NONE: Message("Nothing here looks like it"),
}

STAGES = {
    "decode": Message("decode"),
    "embed": Message("embed"),
    "search": Message("search"),
}

#: What a screenshot shows that can be searched.
IMAGERY = "imagery"

#: Classes of neighbours that do not agree, which are named.
OTHERS = 2


def judged(result: SearchResult, located: LocatedSquare | None = None) -> Verdict:
    """The verdict on an answer, which is never better than what is known of the picture's scale.

    Args:
        result: What was found.
        located: What was searched of a screenshot; None of a photo.
    """
    source = located.scale.source if located else None
    if source == TOO_FAR or (located and located.content != IMAGERY):
        return Verdict(NONE)
    return result.verdict.at_most(FAIR) if source == GUESS else result.verdict


def summary(
    result: SearchResult, query: Query, located: LocatedSquare | None = None, remark: str = ""
) -> str:
    """HTML: the level, the class, how many agree; in a tooltip the time and the distances; then notes.

    Args:
        result: What was found.
        query: What was asked.
        located: What was searched of a screenshot; None of a photo.
        remark: What else is to be said, as text.
    """
    verdict = judged(result, located)
    unsure = located is not None and located.scale.source == GUESS
    if located is not None and located.content != IMAGERY:
        head, told = _("No aerial photo?"), escape(_(CONTENTS[located.content]))
    elif located is not None and located.scale.source == TOO_FAR:
        head, told = _("Too far away"), _("Zoom in to 18, 19 or 20, and take the screenshot again.")
    else:
        head, told = _head(verdict, query, unsure), _told(verdict, query, result, unsure)
    asks = escape(_("How this was found"))
    return (
        f'<div class="verdict" data-level="{verdict.level or "open"}"><p class="line">'
        f'<b class="level"><i aria-hidden="true"></i>{escape(head)}</b> '
        f'<span class="told">{told}</span>&nbsp;'
        f'<button type="button" class="info" aria-label="{asks}" '
        f'aria-describedby="how-found">i</button>'
        f'<span class="how" id="how-found" role="tooltip">{escape(_how(result))}</span></p>'
        f"{notes(result, remark)}</div>"
    )


def notes(result: SearchResult, remark: str = "") -> str:
    """HTML: what was hidden, how the picture was read, and what else is to be said, small."""
    told = [_duplicates_line(result.duplicates), *map(_, result.notes), remark]
    return '<div class="notes">' + "".join(f"<p>{escape(note)}</p>" for note in told if note) + "</div>"


def waiting() -> str:
    """HTML: what stands in place of an answer before anything was searched."""
    return f'<div class="verdict waiting">{sentences.waiting()}</div>'


def _head(verdict: Verdict, query: Query, unsure: bool) -> str:
    """The level in a word or a few."""
    if verdict.label is None:
        return _("No photo is left")
    if verdict.level is None:
        return _("With your marks") if query.relevant or query.irrelevant else _("Nearest")
    if verdict.is_far and verdict.elsewhere:
        return _("Nothing near")
    if verdict.level == NONE and len(query.stored) + len(query.uploads) > 1:
        return _("Nothing looks like all of them")
    if verdict.level == NONE and query.stored:
        return _("Nothing else looks like it")
    return _("Fair match?") if unsure and verdict.level == FAIR else _(LEVELS[verdict.level])


def _told(verdict: Verdict, query: Query, result: SearchResult, unsure: bool) -> str:
    """HTML: the class, and how many agree on it."""
    if verdict.label is None:
        if not query.filters.classes:
            return escape(_("Allow a larger distance."))
        return escape(_("Allow more classes, or a larger distance."))
    if not verdict.label:
        return escape(" ".join(_without_classes(verdict, unsure)))
    label = _strong(verdict.label)
    if verdict.is_far:
        if verdict.elsewhere:
            return _far_among(result, verdict.elsewhere)
        if verdict.level == NONE:
            return _("The least unlike: {label}.", label=label)
        if unsure:
            return _("If you can make out single cars, the nearest is {label}.", label=label)
        return _("Nearest: {label}.", label=label)
    told = [_("If you can make out single cars: {label}.", label=label) if unsure else f"{label}."]
    if verdict.elsewhere:
        told.append(_("Of classes that you left out, {label} is nearer.", label=_strong(verdict.elsewhere)))
    elif verdict.of > 1:
        told.append(_agreement(verdict))
    return " ".join(told)


def _without_classes(verdict: Verdict, unsure: bool) -> list[str]:
    """What the level rests on in a collection that nobody labelled."""
    if verdict.level is None:
        return [_("Nobody labelled these photos.")]
    told = [_("By the distance alone: nobody labelled these photos.")]
    return [_("Only if you can make out single cars."), *told] if unsure else told


def _far_among(result: SearchResult, elsewhere: str) -> str:
    if len(result.classes) == 1:
        return _(
            "Only {label} is allowed, and none of it is near. Nearest of all: {nearest}.",
            label=_strong(result.classes[0]),
            nearest=_strong(elsewhere),
        )
    return _("None of the classes you allow is near. Nearest of all: {nearest}.", nearest=_strong(elsewhere))


def _agreement(verdict: Verdict) -> str:
    if not verdict.others:
        return _("{count} of {k} agree.", count=verdict.agree, k=verdict.of)
    others = ", ".join(
        f"{escape(class_name(label))} {number(count, 'd')}" for label, count in verdict.others[:OTHERS]
    )
    more = "…" if len(verdict.others) > OTHERS else ""
    return _(
        "{count} of {k} agree, others: {others}.", count=verdict.agree, k=verdict.of, others=others + more
    )


def _how(result: SearchResult) -> str:
    """Sentences on how many photos were searched, how long that took, and the exact distances."""
    count, total = len(result.collection.entries), milliseconds(sum(result.seconds.values()))
    if len(result.seconds) > 1:
        stages = (f"{_(STAGES[stage])} {milliseconds(spent)}" for stage, spent in result.seconds.items())
        lines = [
            _(
                "{count:,} photos searched in {total} ms: {stages}.",
                count=count, total=total, stages=", ".join(stages),
            )
        ]  # fmt: skip
    else:
        lines = [_("{count:,} photos searched in {total} ms.", count=count, total=total)]
    if result.collection.recall is not None:
        lines.append(
            _("Not each of them is compared: of the 10 nearest, {recall:.1%} are found.",
              recall=result.collection.recall)
        )  # fmt: skip
    if result.neighbours:
        nearest, farthest = result.neighbours[0].distance, result.neighbours[-1].distance
        lines.append(
            _("Distances: {nearest:.3f} to {farthest:.3f}; 0 is the same photo.",
              nearest=nearest, farthest=farthest)
        )  # fmt: skip
    if result.novelty is not None:
        lines.append(_("{share:.0%} of photos that belong here find a nearer one.", share=result.novelty))
    return " ".join(lines)


def _strong(label: str) -> str:
    return f"<strong>{escape(class_name(label))}</strong>"


def _duplicates_line(count: int) -> str:
    if not count:
        return ""
    return ngettext("One near-duplicate is hidden.", "{count} near-duplicates are hidden.", count)


def milliseconds(seconds: float) -> str:
    """Seconds in milliseconds, with a digit after the point where they are few."""
    return number(1000 * seconds, ".0f" if seconds >= 0.01 else ".1f")
