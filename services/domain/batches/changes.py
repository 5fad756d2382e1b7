"""How a batch changes hands, ends and is called back: each as the fields to write and the event that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.domain.batches.batches import (
    ASSIGNED,
    DONE,
    LIVE,
    NORMAL,
    UNWORKED,
    Document,
    Origin,
    carried,
    make_batch,
    pool_key,
    with_items,
)


def event(batch: Document, kind: str, *, at: datetime, **facts: Any) -> Document:
    """Return an event of a batch; its id is the same when the same change is tried again."""
    return {"id": f"{kind}-{batch['version'] + 1}", "kind": kind, "at": at, **facts}


def handing_over(
    batch: Document, *, user_id: str, district_id: str | None, lease_id: str, now: datetime, due_at: datetime
) -> Document:
    """Return the changes that give a batch to a volunteer; it is forming until its numbers are leased."""
    handed = event(batch, "assigned", at=now, user_id=user_id, lease_id=lease_id)
    return {
        "state": ASSIGNED,
        "assignee": user_id,
        "assignee_district": district_id,
        "holders": list(dict.fromkeys([*batch["holders"], user_id])),
        "lease_id": lease_id,
        "pool_key": None,
        "pool_from": None,
        "due_at": due_at,
        "warn_at": due_at,
        "assigned_at": now,
        "updated_at": now,
        "forming_since": now,
        "events": [*batch["events"], handed],
    }


def warned(batch: Document, *, at: datetime, ahead: timedelta) -> Document:
    """Return the changes that let the volunteer hear that a batch is about to expire, once for each due time.

    Of one that never lived much longer than the warning would come ahead, they have just heard when it is due.
    """
    told = event(batch, "expiring", at=at, user_id=batch["assignee"], due_at=batch["due_at"])
    idle = batch["state"] not in LIVE or not any(item["state"] in UNWORKED for item in batch["items"])
    if idle or batch["due_at"] - batch["assigned_at"] < 2 * ahead:
        return {"warn_at": None}
    return {"warn_at": None, "events": [*batch["events"], told], "pending": True}


def closing(
    batch: Document,
    kind: str,
    *,
    state: str,
    at: datetime,
    reason: str,
    grace: timedelta | None = None,
    dissolve: bool = False,
    worked_since: datetime | None = None,
    **facts: Any,
) -> Document:
    """Return the changes that take the unworked items out of a batch, with the event that passes them on.

    With `grace`, callbacks that were agreed for later stay with the volunteer, and the batch lives on for them alone.
    With `dissolve` the items are left to the next plan, as those always are that are blocked for good. What was worked
    after `worked_since` stays too: whoever takes the rest away has not seen it.
    """
    kept = set() if grace is None else _agreed(batch, after=at - grace)
    if worked_since is not None:
        kept |= _worked(batch, after=worked_since)
    going = [item for item in batch["items"] if item["state"] in UNWORKED and item["id"] not in kept]
    freed = [item for item in batch["items"] if item["state"] == "blocked"] + (going if dissolve else [])
    gone = {item["id"] for item in going}
    items = [{**item, "state": "returned"} if item["id"] in gone else item for item in batch["items"]]
    passed = passing(batch, kind, at=at, items=[] if dissolve else going, freed=freed, reason=reason, **facts)
    changes = {**with_items(items), "updated_at": at, "pending": True, "events": [*batch["events"], passed]}
    if kept and grace is not None:
        last = max(item["callback_at"] for item in items if item["id"] in kept)
        return {**changes, "due_at": last + grace}
    if kept:
        return changes
    return {**changes, **ended(state, at=at, reason=reason)}


def calling_back(batch: Document, *, at: datetime, grace: timedelta) -> Document:
    """Return the changes when callbacks of a batch are due: who agreed to call is reminded, once.

    What was not taken up within `grace` goes to the pool.
    """
    lapsed = [item for item in batch["items"] if _calls_before(item, at - grace)]
    gone = {item["id"] for item in lapsed}
    due = [item for item in batch["items"] if _calls_before(item, at) and item["id"] not in gone]
    fresh = [item for item in due if item.get("reminded_for") != item["callback_at"]]
    items = [_called_back(item, gone=gone, reminded={item["id"] for item in fresh}) for item in batch["items"]]
    events = [*batch["events"]]
    if fresh:
        events.append(event(batch, "callback", at=at, item_ids=[item["id"] for item in fresh]))
    if lapsed:
        events.append(passing(batch, "returned", at=at, items=lapsed, freed=[], reason="callback_lapsed"))
    ahead = [_next_call(item, grace) for item in items if item["state"] == "callback" and item["callback_at"]]
    changes = {**with_items(items), "next_callback_at": min(ahead, default=None), "updated_at": at, "events": events}
    changes["pending"] = bool(events)
    if gone and batch["state"] in LIVE and not any(item["state"] in UNWORKED for item in items):
        changes |= ended(DONE, at=at, reason="worked")
    return changes


def _calls_before(item: Document, moment: datetime) -> bool:
    return item["state"] == "callback" and item["callback_at"] is not None and item["callback_at"] <= moment


def _called_back(item: Document, *, gone: set[str], reminded: set[str]) -> Document:
    if item["id"] in gone:
        return {**item, "state": "returned"}
    return {**item, "reminded_for": item["callback_at"]} if item["id"] in reminded else item


def _next_call(item: Document, grace: timedelta) -> datetime:
    """Return when something must happen for a callback: the reminder, or after that the end of the grace."""
    at: datetime = item["callback_at"]
    return at + grace if item.get("reminded_for") == at else at


def passing(
    batch: Document, kind: str, *, at: datetime, items: Sequence[Document], freed: Sequence[Document], **facts: Any
) -> Document:
    """Return the event that passes items on to the next batch, and leaves others to the next plan.

    It carries whose they were: a later change of the batch must not change what follows from this one.
    """
    left = [{"address": item["address"], "contacts": item["contacts"]} for item in freed]
    return event(batch, kind, at=at, user_id=batch["assignee"], items=list(items), freed=left, **facts)


def ended(state: str, *, at: datetime, reason: str) -> Document:
    """Return the fields of a batch that is over.

    One that was forming stays marked so: whoever was forming it may still be leasing numbers for it.
    """
    return {
        "state": state,
        "closed_at": at,
        "close_reason": reason,
        "pool_key": None,
        "pool_from": None,
        "warn_at": None,
        "next_callback_at": None,
    }


def _agreed(batch: Document, *, after: datetime) -> set[str]:
    return {
        item["id"]
        for item in batch["items"]
        if item["state"] == "callback" and item["callback_at"] is not None and item["callback_at"] > after
    }


def _worked(batch: Document, *, after: datetime) -> set[str]:
    return {
        item["id"]
        for item in batch["items"]
        if item["state"] in UNWORKED and (at := item.get("worked_at")) is not None and at > after
    }


def successor(batch: Document, passed: Document) -> Document:
    """Return the pooled batch that the items of an event go on in; the same event always makes the same one."""
    items = [carried(item) for item in passed["items"]]
    origin = Origin(
        run_id=f"{batch['_id']}/{passed['id']}",
        number=0,
        campaign_id=batch["campaign_id"],
        channel=batch["channel"],
        created_by=batch["created_by"],
        at=passed["at"],
    )
    made = make_batch(origin, items)
    made |= with_items(items) | {
        "parent_id": batch["_id"],
        "plan_id": batch["plan_id"],
        "pool_districts": batch["pool_districts"],
        "priority": batch.get("priority") or NORMAL,
        "languages": batch.get("languages"),
        "pool_from": passed.get("pool_from"),
    }
    return made if made["pool_from"] else made | {"pool_key": pool_key(made)}
