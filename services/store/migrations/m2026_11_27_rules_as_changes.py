"""Turns campaigns' rule versions that were kept whole into changes over the layers below, as they are read now.

A version said every rule, so that what the state set later could not have reached its campaign. What it only repeated
of the version before it, or of the file's defaults, is dropped: the rules in force at any moment stay what they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.database import Database

from config.paths import read_json
from services.domain.ids import new_id
from services.domain.rules.layers import changed_by
from services.domain.rules.rules import FIELDS, merge
from services.store.collection import Collection, Document

Data = Mapping[str, Any]
_NAMES_IT = frozenset({"version", "effective_from"})
# Here a name that is missing was taken out; elsewhere it is a field that rules did not have yet.
_MAY_LACK = ("retry", "areas")


def run(database: Database[Document]) -> None:
    """Rewrite the versions of each campaign that has whole ones, in one write a campaign."""
    campaigns = Collection(database, "campaigns")
    defaults = read_json("rules.json")
    for campaign in campaigns.many({"rules.rules": {"$exists": True}}, fields=["rules", "version"]):
        unchanged = {"_id": campaign["_id"], "version": campaign["version"]}
        change = {"$set": {"rules": _as_changes(campaign["rules"], defaults)}, "$inc": {"version": 1}}
        # Whoever came first, another process of this very migration, has written the same.
        campaigns.update(unchanged, change)


def _as_changes(entries: Sequence[Document], defaults: Data) -> list[Document]:
    live = sorted((one for one in entries if one["state"] == "live" and "rules" in one), key=_order)
    return [_as_change(entry, live, defaults) if "rules" in entry else entry for entry in entries]


def _as_change(entry: Document, live: Sequence[Document], defaults: Data) -> Document:
    """Return a version as what it changes of the live one before it."""
    before = [one for one in live if _order(one) < _order(entry)]
    below = _whole(before[-1], defaults) if before else defaults
    kept = {name: value for name, value in entry.items() if name != "rules"}
    return {**kept, "id": new_id(), "override": _difference(below, entry["rules"]), "starts_at": _starts_at(entry)}


def _whole(entry: Document, defaults: Data) -> Document:
    """Return the rules of a version, with what it could not know yet as the defaults have it."""
    return {**merge(defaults, _known(entry["rules"])), **{name: entry["rules"].get(name, {}) for name in _MAY_LACK}}


def _difference(below: Data, whole: Data) -> Document:
    known = {name: value for name, value in _known(whole).items() if name not in _NAMES_IT}
    found = changed_by(below, known)
    for name in _MAY_LACK:
        gone = below.get(name, {}).keys() - whole.get(name, {}).keys()
        if gone:
            found[name] = {**found.get(name, {}), **dict.fromkeys(sorted(gone))}
    for area_id, inside in found.get("areas", {}).items():
        gone = below.get("areas", {}).get(area_id, {}).keys() - whole.get("areas", {}).get(area_id, {}).keys()
        if inside is not None and gone:
            found["areas"][area_id] = {**inside, **dict.fromkeys(sorted(gone))}
    return found


def _known(whole: Data) -> Document:
    return {name: value for name, value in whole.items() if name in FIELDS and name != "contact_window_limit"}


def _order(entry: Document) -> tuple[datetime, int]:
    return _starts_at(entry), entry["version"]


def _starts_at(entry: Document) -> datetime:
    return datetime.fromisoformat(entry["rules"]["effective_from"])
