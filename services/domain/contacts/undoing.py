"""What becomes of a contact when an import is taken back, and what stays true of its addresses all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from services.domain.sheets.sources import UNATTESTED

REMOVED, RESTORED, KEPT, UNENROLLED = "removed", "restored", "kept", "unenrolled"
FATES = (REMOVED, RESTORED, KEPT, UNENROLLED)

Document = dict[str, Any]


def fate(stored: Mapping[str, Any], import_id: str) -> str:
    """Return what becomes of a stored contact that nobody has worked on since the import made or changed it."""
    others = [mention for mention in stored["sources"] if mention["import_id"] != import_id]
    if not others and stored["state"] == "active":
        return REMOVED
    undo = stored.get("undo")
    last = stored["sources"][-1]["import_id"] == import_id
    return RESTORED if undo and undo["import_id"] == import_id and last else KEPT


def unattested_sources(stored: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sources whose consent nobody had attested when the import changed the contact."""
    for address in stored["undo"]["before"]["addresses"]:
        if address["why"] == UNATTESTED:
            yield address["source_id"]


def as_it_befell(stored: Mapping[str, Any], *, attested: Collection[str]) -> Document:
    """Return a stored contact with the state to go back to as it would be now had the import not been.

    A number that has died since is dead, and what waited for a source that was attested since is free.
    """
    before = stored["undo"]["before"]
    now = {address["key"]: address for address in stored["addresses"]}
    addresses = [_befallen(one, now.get(one["key"], {}), before["part_id"], attested) for one in before["addresses"]]
    return {**stored, "undo": {**stored["undo"], "before": {**before, "addresses": addresses}}}


def restored_keys(stored: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the keys of the addresses that contacts go back to, by contact."""
    return {one["_id"]: [address["key"] for address in one["undo"]["before"]["addresses"]] for one in stored}


def _befallen(
    before: Mapping[str, Any], now: Mapping[str, Any], part_id: str | None, attested: Collection[str]
) -> Document:
    address = dict(before)
    if address["why"] == UNATTESTED and address["source_id"] in attested:
        placed = part_id is not None
        address |= {"state": "ok" if placed else "quarantined", "why": None if placed else "no_place"}
    if now.get("dead_by"):
        address |= {name: now[name] for name in ("dead_by", "dead_channels") if name in now}
        if now["state"] == "dead":
            address["state"] = "dead"
    return address
