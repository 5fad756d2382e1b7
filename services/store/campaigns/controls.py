"""Collection `controls`, document `state`: what holds for all campaigns: polls, Model Code, kill switches, rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.database import Database

from services.store.collection import Collection, Document

CONTROLS = "state"
EMPTY: Document = {"_id": CONTROLS, "polls": {}, "model_code": None, "kill_switches": [], "rules": [], "version": 0}


class ControlStore:
    """One small document that every rule-asking request reads, so that no process ever acts on a stale one."""

    def __init__(self, database: Database[Document]) -> None:
        self._controls = Collection(database, "controls")

    def read(self) -> Document:
        """Return the document, an empty one before anything was set."""
        return complete(self._controls.find({"_id": CONTROLS}))

    def read_with_campaigns(self, campaign_ids: Sequence[str]) -> tuple[Document, dict[str, Document]]:
        """Return the document, and the campaigns that exist by id: what most decisions rest on, in one round trip."""
        campaigns = {"coll": "campaigns", "pipeline": [{"$match": {"_id": {"$in": list(campaign_ids)}}}]}
        found = self._controls.aggregate([{"$match": {"_id": CONTROLS}}, {"$unionWith": campaigns}])
        by_id = {document["_id"]: document for document in found}
        return complete(by_id.pop(CONTROLS, None)), by_id

    def set_fields(self, fields: Mapping[str, Any], *, version: int | None) -> Document | None:
        """Set fields by dotted path and return the document; None when `version` is no longer the current one."""
        self._controls.insert_once(dict(EMPTY))
        query: Document = {"_id": CONTROLS} if version is None else {"_id": CONTROLS, "version": version}
        change = {"$set": dict(fields), "$inc": {"version": 1}}
        return self._controls.change(query, change)

    def set_one(self, path: str, value: Any, *, version: int | None) -> Document | None:
        """Set one thing that has a version of its own; None when `version` is no longer its current one."""
        self._controls.insert_once(dict(EMPTY))
        own = f"versions.{path.replace('.', ':')}"
        query: Document = {"_id": CONTROLS}
        if version is not None:
            query[own] = version or None
        return self._controls.change(query, {"$set": {path: value}, "$inc": {"version": 1, own: 1}})

    def push_switch(self, switch: Document) -> Document:
        """Add a kill switch unless the same is on already, and return the document."""
        self._controls.insert_once(dict(EMPTY))
        same = {"on": True, "channel": switch["channel"], "template_id": switch["template_id"]}
        self._controls.update(
            {"_id": CONTROLS, "kill_switches": {"$not": {"$elemMatch": same}}},
            {"$push": {"kill_switches": switch}, "$inc": {"version": 1}},
        )
        return self.read()

    def lift_switch(self, switch_id: str, fields: Mapping[str, Any]) -> Document:
        """Turn one kill switch off and return the document."""
        change = {f"kill_switches.$[one].{name}": value for name, value in fields.items()}
        self._controls.update(
            {"_id": CONTROLS}, {"$set": change, "$inc": {"version": 1}}, filters=[{"one.id": switch_id, "one.on": True}]
        )
        return self.read()


def complete(document: Document | None) -> Document:
    """Return the document with what was never set, an empty one when nothing was."""
    return EMPTY | (document or {})


def version_of(document: Document, path: str) -> int:
    """Return the version of one thing in the document; 0 until it is first set."""
    return int(document.get("versions", {}).get(path.replace(".", ":"), 0))
