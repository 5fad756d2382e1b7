"""Opening a batch: the one place where numbers are revealed, to their holder, logged, within the day's cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.batches.desk import Desk, at_work, gate_for, kind_of
from services.batches.disclosing import note_revealed, note_shown
from services.batches.forming import Forming
from services.batches.returning import Returning
from services.batches.view import BatchView, judge
from services.campaigns.rulebook import Rulebook, Ruling, parse_controls
from services.domain.batches.batches import ACTIVE, LASTING, LIVE, RECALLED, UNWORKED, with_items
from services.domain.batches.holders import leaving
from services.domain.errors import BlockedByRule, Conflict, NotFound, StaleVersion, Unavailable
from services.domain.ist import next_day_start
from services.domain.outcomes.outcomes import day_of
from services.domain.people.actor import Actor
from services.domain.rules.eligibility import Gate
from services.domain.rules.facts import Facts
from services.domain.rules.verdict import Verdict, Window
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.batches.batches import BatchStore
from services.store.batches.caps import CapStore
from services.store.batches.looks import LookStore

Document = dict[str, Any]
_TRIES = 8
# The verdict on an item, when its number may be shown ahead of time, who of its people may be met.
Judged = tuple[Verdict, Window | None, list[str]]


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a batch with everything that decides about it."""

    batch: Document
    ruling: Ruling
    desk: Desk
    facts: Facts
    gate: Gate
    _judged: dict[str, Judged] = field(default_factory=dict)

    def judge(self, item: Document) -> Judged:
        """Return what the rules say about an item of the batch; they are asked once a look."""
        judged = self._judged.get(item["id"])
        if judged is None:
            judged = self._judged[item["id"]] = judge(item, self.batch, self.facts, self.gate)
        return judged

    @property
    def cap_left(self) -> int:
        return self.desk.left(self.ruling.rules, self.batch["channel"])


class Opening:
    """What a volunteer does with a batch they hold: look, open, release."""

    def __init__(
        self,
        *,
        batches: BatchStore,
        looks: LookStore,
        caps: CapStore,
        forming: Forming,
        returning: Returning,
        view: BatchView,
        rulebook: Rulebook,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._batches = batches
        self._looks = looks
        self._caps = caps
        self._forming = forming
        self._returning = returning
        self._view = view
        self._rulebook = rulebook
        self._audit = audit
        self._clock = clock

    def show(self, actor: Actor, batch_id: str) -> tuple[Document, int]:
        """Return an own batch as its phone may see it now, and its version; raise NotFound for another's."""
        look = self._look(actor, batch_id)
        batch = look.batch
        if batch["opened_at"] is None:
            return self._view.masked(batch, look.facts), batch["version"]
        note_shown(self._audit, actor, batch, now=look.gate.now)
        shown = self._shown(batch, look, look.cap_left)
        return shown, batch["version"]

    def open(self, actor: Actor, batch_id: str, *, version: int | None) -> tuple[Document, int]:
        """Reveal what is allowed of an own batch and start its work; raise BlockedByRule when nothing is."""
        for _ in range(_TRIES):
            look = self._look(actor, batch_id)
            batch = look.batch
            if batch["state"] not in LIVE or batch["due_at"] <= look.gate.now:
                raise Conflict("state_conflict")
            if version is not None and version != batch["version"]:
                raise StaleVersion
            revealable = _revealable(look)
            granted = revealable[: self._granted(look, len(revealable))]
            if not granted and not any(_in_hand(item) for item in batch["items"]):
                raise _forbidden(look, capped=bool(revealable))
            if not granted and batch["state"] == ACTIVE:
                note_shown(self._audit, actor, batch, now=look.gate.now)
                return self._still_open(batch, look), batch["version"]
            note_revealed(self._audit, actor, batch, granted)
            opened = self._batches.swap(batch, self._revealing(look, set(granted), session_id=actor.session_id))
            if opened is not None:
                left = look.cap_left - len(granted)
                return self._shown(opened, look, left), opened["version"]
        raise Unavailable("busy")

    def _still_open(self, batch: Document, look: _Look) -> Document:
        """Return an opened batch as it may be seen now; raise BlockedByRule when all its open work is forbidden."""
        shown = self._shown(batch, look, look.cap_left)
        unworked = [item for item in shown["items"] if item["state"] not in {"done", "callback"}]
        if unworked and not any("phone" in item for item in shown["items"]):
            raise _forbidden(look, capped=False)
        return shown

    def release(self, actor: Actor, batch_id: str, *, version: int | None) -> Document:
        """Give the unworked items of an own batch back; releasing twice is releasing once."""
        batch = self._own(actor, batch_id)
        if batch["close_reason"] == "released":
            return batch

        def check(found: Document) -> None:
            if found["assignee"] != actor.user_id or found["state"] not in LIVE:
                raise Conflict("state_conflict")
            if version is not None and version != found["version"]:
                raise StaleVersion

        closed, _ = self._returning.close(batch_id, "returned", check=check, state=RECALLED, reason="released")
        self._audit.record(actor, "batch.release", subject=f"batch:{batch_id}")
        return closed

    def _own(self, actor: Actor, batch_id: str) -> Document:
        batch = self._batches.find(batch_id)
        if batch is None or batch["assignee"] != actor.user_id:
            raise NotFound
        return self._forming.recover(batch) if batch["forming_since"] is not None else batch

    def _shown(self, batch: Document, look: _Look, cap_left: int) -> Document:
        about, by = look.ruling, look.desk.user
        return self._view.opened(batch, look.facts, look.gate, cap_left=cap_left, about=about, by=by)

    def _look(self, actor: Actor, batch_id: str) -> _Look:
        """Look at an own batch (one round trip); one that somebody left half made is finished first."""
        now = self._clock.now()
        day = day_of(now)
        seen = self._looks.of_holder(batch_id, day=day, now=now)
        if seen is not None and seen.batch["forming_since"] is not None:
            self._own(actor, batch_id)
            seen = self._looks.of_holder(batch_id, day=day, now=now)
        if seen is None or seen.batch["assignee"] != actor.user_id:
            raise NotFound
        # Whoever was suspended or moved is about to lose it: until then it shows them no number.
        if seen.batch["state"] in LIVE and leaving(seen.user, district_id=seen.batch["assignee_district"]):
            raise NotFound
        ruling = self._rulebook.about(seen.campaign, now, controls=parse_controls(seen.controls))
        gate = gate_for(ruling, seen.batch["channel"], now, at_work(seen.user))
        return _Look(seen.batch, ruling, Desk(seen.user, day, seen.used), seen.facts, gate)

    def _granted(self, look: _Look, wanted: int) -> int:
        """Return how many numbers the day's cap grants: none twice for one opening, whoever tries it again."""
        if not wanted:
            return 0
        batch = look.batch
        before = sum(item["opened_at"] is not None for item in batch["items"])
        return self._caps.grant(
            look.desk.user.id,
            look.desk.day,
            kind=kind_of(batch["channel"]),
            opening=f"{batch['_id']}-{batch['lease_id']}-{before}",
            wanted=wanted,
            cap=look.desk.cap(look.ruling.rules, batch["channel"]),
        )

    def _revealing(self, look: _Look, granted: set[str], *, session_id: str) -> Document:
        """Return the changes of an opening: what is revealed, and what turned out to be forbidden for good."""
        now, batch = look.gate.now, look.batch
        items = [_after_opening(item, look, granted) for item in batch["items"]]
        started = {"state": ACTIVE, "opened_at": batch["opened_at"] or now, "opened_in": session_id, "updated_at": now}
        return {**started, **with_items(items)}


def _after_opening(item: Document, look: _Look, granted: set[str]) -> Document:
    if item["id"] in granted:
        return {**item, "opened_at": look.gate.now}
    if item["state"] not in UNWORKED:
        return item
    verdict, _, _ = look.judge(item)
    lasting = sorted(LASTING & set(verdict.codes))
    return {**item, "state": "blocked", "blocked_by": lasting} if lasting else item


def _revealable(look: _Look) -> list[str]:
    """Return the items whose numbers may be revealed and never were: callbacks first, then in their order."""
    found = []
    for item in sorted(look.batch["items"], key=lambda one: one["state"] != "callback"):
        if item["state"] in UNWORKED and item["opened_at"] is None:
            verdict, window, _ = look.judge(item)
            if verdict.allowed or window is not None:
                found.append(item["id"])
    return found


def _in_hand(item: Document) -> bool:
    return item["state"] in UNWORKED and item["opened_at"] is not None


def _forbidden(look: _Look, *, capped: bool) -> BlockedByRule:
    """Return the error that names every reason against every item, and when the first of them is allowed."""
    if capped:
        return BlockedByRule(["volunteer_cap"], allowed_from=next_day_start(look.gate.now))
    verdicts: Sequence[Verdict] = [look.judge(item)[0] for item in look.batch["items"] if item["state"] in UNWORKED]
    reasons = dict.fromkeys(code for verdict in verdicts for code in verdict.codes)
    blocked = {code: None for item in look.batch["items"] for code in item.get("blocked_by") or ()}
    starts = [verdict.allowed_from for verdict in verdicts if verdict.allowed_from is not None]
    return BlockedByRule(list(reasons | blocked) or ["final"], allowed_from=min(starts, default=None))
