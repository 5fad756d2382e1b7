"""The life of content: versions never change, a second person approves them, and one at a time is live."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.domain.errors import Conflict, Invalid, NotFound

Document = dict[str, Any]
STATES = ("draft", "submitted", "live", "rejected", "superseded", "withdrawn")
# A live version that the Model Code stops: it is told so, and live again by itself when the code has ended.
UNCERTIFIED = "uncertified"
# Change → the states it may start from, and the one it ends in.
TRANSITIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "submit": (("draft",), "submitted"),
    "approve": (("submitted",), "live"),
    "reject": (("submitted",), "rejected"),
    "withdraw": (("draft", "submitted", "live"), "withdrawn"),
}
FOR_ALL = "all"
MOST_VERSIONS = 50


def shelf_of(campaign_id: str | None) -> str:
    """Return where content stands: with its campaign, or with what every campaign may use."""
    return campaign_id or FOR_ALL


def new_version(versions: Sequence[Document], content: Mapping[str, Any], *, by: str, at: datetime) -> list[Document]:
    """Return the versions with one more, a draft; what it says never changes, as its digest shows."""
    if len(versions) >= MOST_VERSIONS:
        raise Invalid(version="too_many_versions")
    number = versions[-1]["version"] + 1 if versions else 1
    entry = {
        "version": number,
        "state": "draft",
        "content": dict(content),
        "content_sha256": digest(content),
        "created_by": by,
        "created_at": at,
    }
    return [*versions, entry]


def find_version(versions: Sequence[Document], number: int) -> Document:
    """Return one version, or raise NotFound."""
    for entry in versions:
        if entry["version"] == number:
            return entry
    raise NotFound


def moved(
    versions: Sequence[Document], number: int, change: str, *, by: str, at: datetime, reason: str | None = None
) -> list[Document] | None:
    """Return the versions after a change of one, None when it is in that state already.

    Raises Conflict: `own_approval` for whoever wrote or submitted it (RPA 1951 s.127A wants two people),
    `state_conflict` when its state does not allow the change.
    """
    entry = find_version(versions, number)
    sources, state = TRANSITIONS[change]
    if change == "approve" and by in {entry["created_by"], entry.get("submitted_by")}:
        raise Conflict("own_approval")
    if entry["state"] == state:
        return None
    if entry["state"] not in sources:
        raise Conflict("state_conflict")
    done = {"state": state, f"{_DONE[change]}_by": by, f"{_DONE[change]}_at": at}
    changed = {**entry, **done, **({"reason": reason} if reason else {})}
    return [_after(one, changed, at) for one in versions]


_DONE = {"submit": "submitted", "approve": "approved", "reject": "rejected", "withdraw": "withdrawn"}


def _after(one: Document, changed: Document, at: datetime) -> Document:
    if one["version"] == changed["version"]:
        return changed
    if changed["state"] == "live" and one["state"] == "live":
        return {**one, "state": "superseded", "superseded_at": at}
    return one


def live_version(versions: Sequence[Document]) -> Document | None:
    """Return the version that is live, or None."""
    return next((one for one in versions if one["state"] == "live"), None)


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of content, the same for the same words whatever their order in the document."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
