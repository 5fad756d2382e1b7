"""Keeps config/locales in step with the catalogue: `make messages` after a text has changed."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from api.catalogue import PROBLEMS
from config.paths import LOCALES
from schemas.codes import FIELD_CODES

LOCALE = "hi"
PO = LOCALES / LOCALE / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
_EVER = datetime(2026, 1, 1, tzinfo=UTC)


def wanted() -> list[str]:
    """Return every text that people read, in the catalogue's order."""
    of_problems = [text for entry in PROBLEMS.values() for text in (entry.title, entry.detail)]
    return list(dict.fromkeys([*of_problems, *FIELD_CODES.values()]))


def read(path: Path = PO) -> dict[str, str]:
    """Return text → translation; an untranslated one is empty."""
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=LOCALE) if message.id}


def compiled(translations: dict[str, str]) -> bytes:
    """Return the binary form that the application reads."""
    target = io.BytesIO()
    write_mo(target, _catalog(translations))
    return target.getvalue()


def refresh() -> list[str]:
    """Take in new texts, let go of old ones, write both files; return what has no translation yet."""
    known = read() if PO.exists() else {}
    translations = {text: known.get(text, "") for text in wanted()}
    with PO.open("wb") as file:
        write_po(file, _catalog(translations), width=0, omit_header=False, include_lineno=False)
    MO.write_bytes(compiled(translations))
    return [text for text, translation in translations.items() if not translation]


def _catalog(translations: dict[str, str]) -> Catalog:
    # The same texts make the same file: no date of today, nobody's name.
    catalog = Catalog(
        locale=LOCALE,
        project="Sampark",
        version="1",
        creation_date=_EVER,
        revision_date=_EVER,
        fuzzy=False,
        header_comment="# Hindi: address with आप, no verb that tells a gender.",
    )
    # CLDR: one covers nought and one.
    catalog.mime_headers = [("Plural-Forms", "nplurals=2; plural=(n > 1);")]
    for text, translation in translations.items():
        catalog.add(text, translation)
    return catalog


if __name__ == "__main__":
    for text in refresh():
        print("not translated:", text)
