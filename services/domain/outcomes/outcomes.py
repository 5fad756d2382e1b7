"""What a phone tells of an attempt: its fingerprint, its time set right, and what it makes of the item."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.domain.identifiers.aadhaar import without_aadhaar
from services.domain.ist import IST
from services.domain.outcomes.dispositions import Catalogue, Disposition, Told, next_at
from services.domain.outcomes.standing import Mark, attempts_of, standing_marks
from services.domain.rules.rules import Rules

Document = dict[str, Any]

STORED, DUPLICATE, LATE, CONFLICT, REJECTED = "stored", "duplicate", "late", "conflict", "rejected"
# Told by a phone that was reported lost: it counts when a coordinator has accepted it.
HELD = "held"
LIVE_STATES = ("assigned", "active", "done")
_WORKED_ON = frozenset({"ready", "callback"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One outcome as the phone tells it."""

    id: str
    batch_id: str
    item_id: str
    channel: str
    disposition: str
    occurred_at: datetime
    contact_id: str | None = None
    duration_s: int | None = None
    answers: Mapping[str, Any] | None = None
    support: int | None = None
    callback_at: datetime | None = None
    note: str | None = None
    given: tuple[Mapping[str, Any], ...] = ()
    template_version: str | int | None = None
    script_version: str | int | None = None
    app_version: str | None = None
    corrects: str | None = None
    language: str | None = None

    def fingerprint(self) -> str:
        """Return a digest of the whole content: the same words again are a repeat, other words a conflict."""
        content = {name: getattr(self, name) for name in self.__slots__}
        if self.language is None:
            # What phones told before they could name a language keeps its digest.
            del content["language"]
        text = json.dumps(content, sort_keys=True, default=_plain, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    return (
        value.isoformat() if isinstance(value, datetime) else dict(value) if isinstance(value, Mapping) else str(value)
    )


def is_late(batch: Mapping[str, Any], item: Mapping[str, Any], user_id: str, *, now: datetime) -> bool:
    """Tell whether the work was no longer this volunteer's: kept as evidence, not counted as theirs.

    A batch that is over its time is nobody's, be it that the worker has not come round to closing it.
    """
    over = batch["state"] != "done" and batch["due_at"] <= now
    return over or batch["assignee"] != user_id or batch["state"] not in LIVE_STATES or item["state"] == "returned"


def wrong_with(report: Report, *, item: Mapping[str, Any], catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return `(field, code)` for everything wrong with a report on this item."""
    told = Told(
        disposition=report.disposition,
        channel=report.channel,
        occurred_at=report.occurred_at,
        contact_id=report.contact_id,
        callback_at=report.callback_at,
        answers=report.answers,
        support=report.support,
        duration_s=report.duration_s,
    )
    wrong = list(catalogue.check(told, people=len(item["contacts"])))
    if report.contact_id is not None and report.contact_id not in item["contacts"]:
        wrong.append(("contact_id", "contact_not_on_item"))
    row = catalogue.find(report.disposition)
    if report.language is not None and row is not None and "language" not in row.effects:
        wrong.append(("language", "language_not_allowed"))
    if report.given and report.contact_id is None and len(item["contacts"]) > 1:
        wrong.append(("contact_id", "contact_id_required"))
    return wrong


def spoken(report: Report, row: Disposition) -> Document:
    """Return what was said (to be sealed): nothing of a talk with a minor, and no number that looks like an Aadhaar."""
    if "drop_speech" in row.effects:
        return {}
    said = {
        "note": without_aadhaar(report.note),
        "answers": dict(report.answers) if report.answers else None,
        "support": report.support,
        "given": [{**one, "value": without_aadhaar(one["value"])} for one in report.given] or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def twin_of(made: Document, now: datetime) -> Document:
    """Return an outcome whose id is taken as it is kept for review."""
    twin = {name: value for name, value in made.items() if name != "pending"}
    own = {
        "_id": f"{made['_id']}~{made['fingerprint']}",
        "outcome_id": made["_id"],
        "state": "open",
        "kept_at": now,
        "untold": True,
    }
    return twin | own


def day_of(moment: datetime) -> str:
    """Return the Indian day of a moment as `YYYY-MM-DD`."""
    return moment.astimezone(IST).date().isoformat()


@dataclass(frozen=True, slots=True)
class Fold:
    """What outcomes made of an item: its changed fields, and until when the batch must live for its callback."""

    fields: Document = field(default_factory=dict)
    lives_until: datetime | None = None


def fold(
    item: Mapping[str, Any], outcome: Mapping[str, Any], *, catalogue: Catalogue, rules: Rules, due_at: datetime
) -> Fold:
    """Return what one more outcome makes of the item; one that it knows changes nothing.

    The item is judged by all that was told of it, by the time it happened and not by the time it arrived: what a
    phone tells late of this morning does not reopen what ended at noon.
    """
    if outcome["_id"] in item["outcomes"]:
        return Fold()
    earlier = item.get("told", [])
    told = [*earlier, _told(outcome)]
    before, attempts = _attempts(earlier, catalogue), _attempts(told, catalogue)
    known = {"outcomes": [*item["outcomes"], outcome["_id"]], "told": told}
    if not attempts:
        return Fold(known)
    # The item may have been carried over from a batch before this one: what was counted there stays counted.
    number = item["attempts"] + len(attempts) - len(before)
    following = _following(attempts[-1], catalogue, rules)
    state = _state(attempts, number=number, following=following, catalogue=catalogue, rules=rules, due_at=due_at)
    state = _kept(item, state, same_last=bool(before) and before[-1] == attempts[-1])
    if state in _WORKED_ON and any("suppress" in catalogue.by_name[one["disposition"]].effects for one in told):
        state = "blocked"  # whatever corrects an opt-out, the number stays out of use
    fields = {**known, "attempts": number, **_judged(attempts[-1], state, following, catalogue)}
    return Fold(fields, fields["callback_at"] + rules.callback_grace if fields["callback_at"] else None)


def _judged(last: Mark, state: str, following: datetime, catalogue: Catalogue) -> Document:
    row = catalogue.by_name[last.disposition]
    waits = state == "ready" and row.step is None and "callback" not in row.effects
    return {
        "last_disposition": last.disposition,
        "state": state,
        "next_at": following if waits else None,
        "callback_at": last.callback_at if state == "callback" else None,
        "done_at": last.at if state == "done" else None,
    }


def _told(outcome: Mapping[str, Any]) -> Document:
    """Return what an item keeps of an outcome, to be judged again when more is told."""
    return {
        "id": outcome["_id"],
        "at": outcome["occurred_at"],
        "disposition": outcome["disposition"],
        "callback_at": outcome.get("callback_at"),
        "corrects": outcome.get("corrects"),
    }


def _attempts(told: Iterable[Mapping[str, Any]], catalogue: Catalogue) -> list[Mark]:
    """Return the attempts on an item, by time: corrections in the place of what they correct, steps joined."""
    # One item, one channel: their names distinguish nothing here.
    return attempts_of(standing_marks(Mark(channel="", item_id="", **one) for one in told), catalogue)


def _following(last: Mark, catalogue: Catalogue, rules: Rules) -> datetime:
    row = catalogue.by_name[last.disposition]
    own = next_at(row, occurred_at=last.at, rules=rules, callback_at=last.callback_at)
    return own if own is not None else last.at + rules.caps.cooldown


def _kept(item: Mapping[str, Any], state: str, *, same_last: bool) -> str:
    """Return the state, unless something other than outcomes has decided it."""
    if item["state"] == "returned" or (item["state"] == "blocked" and state != "done"):
        return str(item["state"])
    # The agreed time has come and the item is open again; a tardy report of an earlier attempt changes nothing there.
    if state == "callback" and item["state"] == "ready" and same_last:
        return "ready"
    return state


_ENDS_WORK = frozenset({"number_dead", "channel_dead", "suppress", "moved", "deceased", "language"})


def _state(
    attempts: Sequence[Mark],
    *,
    number: int,
    following: datetime,
    catalogue: Catalogue,
    rules: Rules,
    due_at: datetime,
) -> str:
    """Return the item's state: done when it is final, its address is of no more use, or no retry fits the batch."""
    rows = [catalogue.by_name[attempt.disposition] for attempt in attempts]
    if any(row.final or row.effects & _ENDS_WORK for row in rows):
        return "done"
    if "callback" in rows[-1].effects:
        return "callback"
    if rows[-1].step is not None:
        # Opening the app is not yet sending; once sent, an answer may come, but there is nothing left to do.
        return "ready" if rows[-1].step == 1 else "done"
    return "done" if number >= rules.caps.per_channel or following >= due_at else "ready"


def count_states(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the counters of a batch: all items, and those in each state (returned ones have left it)."""
    counts = {"total": 0, "ready": 0, "callback": 0, "done": 0, "blocked": 0}
    for item in items:
        if item["state"] == "returned":
            continue
        counts["total"] += 1
        counts[item["state"]] += 1
    return counts
