"""An address of a contact as a document: everything but its value lies open, the value is sealed with the person."""

from __future__ import annotations

from operator import attrgetter

from services.domain.contacts.contacts import ContactAddress
from services.store.collection import Document

_OPEN = ("key", "kind", "basis", "source_id", "collected_on", "notice_version", "state", "why", "preferred")
_open_of = attrgetter(*_OPEN)


def to_document(address: ContactAddress) -> Document:
    """Return what lies open of an address."""
    plain: Document = dict(zip(_OPEN, _open_of(address), strict=True))
    if address.dead_channels:
        plain["dead_channels"] = list(address.dead_channels)
    if address.dead_by:
        plain["dead_by"] = address.dead_by
    return plain


def to_address(stored: Document, value: str) -> ContactAddress:
    """Return the address of a document and its value."""
    opened = {name: stored.get(name) for name in _OPEN}
    return ContactAddress(
        **{**opened, "preferred": bool(stored.get("preferred"))},  # type: ignore[arg-type]
        value=value,
        dead_channels=tuple(stored.get("dead_channels", ())),
        dead_by=stored.get("dead_by"),
    )
