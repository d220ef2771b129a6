"""Collects the sentences to translate into each catalogue: `make messages`."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from ui.i18n import CATALOGUES, DEFAULT, LANGUAGES

PROJECT = CATALOGUES.parents[1]
FOLDERS = ("retrieval", "ui", "examples")

#: Calls whose first argument is a sentence to translate; of `ngettext` the second is another form of it.
CALLS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "Message", "UserError", "ImageError", "ScaleError", "QueryError")),
    **dict.fromkeys(("TooLargeError", "BusyError", "DownloadError", "MapError", "UnknownCollectionError")),
    **dict.fromkeys(
        ("UnknownMapError", "GoneError", "NotYetError", "FolderError", "CallerError", "StoreError")
    ),
    "ngettext": (1, 2),
}


def collect() -> Catalog:
    """All sentences in the code, with the files that they are in."""
    catalogue = Catalog(project="Aerial Image Retrieval", charset="utf-8", fuzzy=False)
    for folder in FOLDERS:
        for file, _, message, _, _ in extract_from_dir(
            PROJECT / folder, method_map=[("**.py", "python")], keywords=CALLS
        ):
            catalogue.add(message, locations=[(f"{folder}/{file}", 0)])
    return catalogue


def read(code: str) -> Catalog:
    """The catalogue of a language as it is."""
    with path(code).open("rb") as file:
        return read_po(file, locale=code)


def path(code: str) -> Path:
    """The file of a language's catalogue."""
    return CATALOGUES / code / "messages.po"


def main() -> None:
    """Update each catalogue: new sentences come without a translation, those that are gone go."""
    template = collect()
    for code in LANGUAGES:
        if code == DEFAULT:
            continue
        catalogue = read(code)
        created = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.creation_date = created  # or the file would change each time
        catalogue.obsolete.clear()
        with path(code).open("wb") as file:
            write_po(file, catalogue, width=0, sort_by_file=True, include_lineno=False)
        missing = [message.id for message in catalogue if message.id and not message.string]
        print(f"{path(code).relative_to(PROJECT)}: {len(catalogue)} sentences, {len(missing)} to translate.")


if __name__ == "__main__":
    main()
