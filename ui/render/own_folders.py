"""The operator's folders, and the work on one -> what the tab 'Your folders' says."""

from __future__ import annotations

from typing import Any

from retrieval.errors import Message
from retrieval.plain_text import one_line
from ui.i18n import gettext as _
from ui.i18n import ngettext
from ui.manage.folders import Last, OwnFolder, OwnFolders, Running
from ui.manage.job import DONE, STOPPED

#: Characters of a path that are shown.
MAX_PATH = 300


def folders_value(folders: OwnFolders) -> dict[str, Any]:
    """What `ui.components.folder_list` shows."""
    running, last = folders.running, folders.last
    return {
        "version": folders.version,
        "job": _job(running) if running else None,
        "ended": _ended(last, folders) if last else None,
        "folders": [_row(each, running) for each in folders.folders],
    }


def _job(running: Running) -> dict[str, Any]:
    progress = running.progress
    read = (
        ngettext("{done:,} of one photo", "{done:,} of {count:,} photos", progress.total, done=progress.done)
        if progress.total
        else ""
    )
    if running.stopping:
        line = _("Stopping; what was read is kept.")
    elif progress.total is None:
        line = _("Looking through the folder …")
    elif progress.done >= progress.total:
        line = _("All photos are read; the collection is being written …")
    else:
        parts = [read]
        if progress.rate:
            parts.append(_("{rate:.1f} a second", rate=progress.rate))
        if progress.seconds_left is not None and progress.done:
            parts.append(time_left(progress.seconds_left))
        line = " · ".join(parts)
    return {
        "title": _("Reading {title}", title=running.record.title),
        "line": line,
        "share": progress.done / progress.total if progress.total else None,
        "stopping": running.stopping,
    }


def time_left(seconds: float) -> str:
    """About how long something takes, in words."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than a minute left")
    if minutes < 90:
        return ngettext("about one minute left", "about {count} minutes left", minutes)
    return ngettext("about one hour left", "about {count} hours left", round(minutes / 60))


def _ended(last: Last, folders: OwnFolders) -> dict[str, str]:
    counts, title = last.ended.counts, last.record.title
    if last.ended.how == STOPPED:
        line = _("'{title}': stopped. What was read is kept, and the work goes on from there.", title=title)
    elif last.ended.how != DONE:
        said = one_line(last.ended.said, 2 * MAX_PATH)
        ended = _("The work was ended from outside, as where memory runs out. What was read is kept.")
        line = _("'{title}': {said}", title=title, said=said or ended)
    else:
        changes = [counts.get(name, 0) for name in ("added", "changed", "removed")]
        line = (
            _(
                "'{title}' is ready: {count:,} photos; {added:,} new, {changed:,} changed, {removed:,} gone.",
                title=title, count=counts.get("count", 0), added=changes[0], changed=changes[1],
                removed=changes[2],
            )
            if any(changes)
            else _("'{title}' is up to date: {count:,} photos.", title=title, count=counts.get("count", 0))
        )  # fmt: skip
    left_out = counts.get("left_out", 0)
    return {
        "how": last.ended.how,
        "line": line,
        "left_out": ngettext(
            "One file was left out: {report} says why.",
            "{count:,} files were left out: {report} says why.",
            left_out,
            report=Message(str(folders.report(last.name))),
        )
        if left_out
        else "",
        "search": _address(last.name) if last.ended.how == DONE else "",
    }


def _row(folder: OwnFolder, running: Running | None) -> dict[str, Any]:
    collection, is_read = folder.collection, running is not None and running.name == folder.name
    if folder.trouble:
        line = one_line(folder.trouble, 2 * MAX_PATH)
    elif collection is None:
        line = _("being read") if is_read else _("not finished")
    else:
        line = ngettext("one photo", "{count:,} photos", len(collection.entries))
        if missing := collection.missing_photos:
            line += " · " + ngettext(
                "one is no longer in the folder", "{count:,} are no longer in the folder", missing
            )
    return {
        "name": folder.name,
        "title": folder.record.title,
        "folder": one_line(folder.record.folder, MAX_PATH),
        "line": line,
        "read": is_read,
        "is_finished": collection is not None,
        "search": _address(folder.name) if collection else "",
    }


def _address(name: str) -> str:
    return f"?collection={name}"
