"""The phones and handles of a row: what the channels may reach the person by."""

from __future__ import annotations

from typing import NamedTuple

from services.domain.identifiers.handles import normalise_handle
from services.domain.identifiers.phones import Phone, parse_phones
from services.domain.sheets.cells import CellRefused, CellWords
from services.domain.sheets.row_cells import RowCells

HANDLES = ("facebook", "instagram", "x")
ADDRESS_FIELDS = ("phone", "phone_2", "whatsapp", *HANDLES)


class RowAddress(NamedTuple):
    """One address; `kind` as in `channels.SERVED`, `field` is the import field whose lawful basis it has."""

    kind: str
    value: str
    field: str


def read_addresses(row: RowCells, words: CellWords) -> tuple[RowAddress, ...]:
    """Return each address once, phones before handles; any cell that is not wholly understood is refused.

    A WhatsApp number that is the row's mobile too is no second address: a mobile serves WhatsApp already.
    """
    if row.values.keys().isdisjoint(ADDRESS_FIELDS):
        return ()
    found: dict[str, RowAddress] = {}
    for field in ("phone", "phone_2", "whatsapp"):
        cell = row.take(field)
        if cell is None or (field == "whatsapp" and _is_word(cell, words)):
            continue
        for phone in _phones(cell):
            found.setdefault(phone.e164, RowAddress(_kind(phone, field), phone.e164, field))
    for field in HANDLES:
        cell = row.take(field)
        if cell is None or _is_word(cell, words):
            continue
        handle = normalise_handle(field, cell)
        if handle is None:
            raise CellRefused("handle_invalid")
        found[field] = RowAddress(field, handle, field)
    return tuple(found.values())


def _phones(cell: str) -> tuple[Phone, ...]:
    found = parse_phones(cell)
    if found.problems:
        raise CellRefused(found.problems[0])
    return found.numbers


def _kind(phone: Phone, field: str) -> str:
    if field != "whatsapp":
        return phone.kind
    if phone.kind != "mobile":
        raise CellRefused("whatsapp_not_mobile")
    return "whatsapp"


def _is_word(cell: str, words: CellWords) -> bool:
    """A yes or no in such a column tells of the phone beside it, and is no address."""
    return cell.lower() in words.yes or cell.lower() in words.no
