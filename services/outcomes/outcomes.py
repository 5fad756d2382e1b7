"""Recording what phones tell: each outcome lands exactly once, in whatever order, and an opt-out bites at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.batches.work import BatchWork
from services.campaigns.rulebook import Rulebook, Ruling
from services.contacts.suppressions import Suppressions
from services.domain.outcomes.dispositions import Catalogue
from services.domain.outcomes.outcomes import (
    CONFLICT,
    DUPLICATE,
    LATE,
    REJECTED,
    STORED,
    Report,
    day_of,
    is_late,
    spoken,
    twin_of,
    wrong_with,
)
from services.domain.outcomes.timing import FORBIDDEN_TIME, SUPPORT_NOT_TAKEN, Timing, set_right
from services.domain.people.actor import Actor
from services.domain.rules.calendar import exit_poll_freeze, poll_for
from services.domain.rules.hours import Hours
from services.gateways.clock import Clock
from services.outcomes.answer_check import AnswerCheck, Held
from services.store.outcomes.marks import MarkStore, touches_of
from services.store.outcomes.outcomes import PENDING_AT_ONCE, OutcomeStore

Document = dict[str, Any]
_TIME_WRONG = "occurred_at"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one outcome; `fields` names what was wrong with a rejected one."""

    id: str
    status: str
    code: str | None = None
    field: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """What came with the outcomes: whose phone, by its clock sent when."""

    actor: Actor
    sent_at: datetime | None = None
    installation_id: str | None = None


# Draws all consequences of outcomes that were stored.
Draw = Callable[[Sequence[Document]], None]
# Keeps the judged reports of a phone that was reported lost, and answers their receipts.
Hold = Callable[[Actor, Sequence[Document | Receipt]], list[Receipt]]


class Outcomes:
    """Stores what volunteers tell, answers a receipt for each, and lets the consequences follow."""

    def __init__(
        self,
        *,
        store: OutcomeStore,
        work: BatchWork,
        marks: MarkStore,
        rulebook: Rulebook,
        suppressions: Suppressions,
        catalogue: Catalogue,
        answers: AnswerCheck,
        clock: Clock,
        hold: Hold,
        draw: Draw,
    ) -> None:
        self._store = store
        self._work = work
        self._marks = marks
        self._rulebook = rulebook
        self._suppressions = suppressions
        self._catalogue = catalogue
        self._answers = answers
        self._clock = clock
        self._hold = hold
        self._draw = draw

    @property
    def catalogue(self) -> Catalogue:
        """What may be told."""
        return self._catalogue

    def record(self, upload: Upload, reports: Sequence[Report]) -> list[Receipt]:
        """Store an upload and return its receipts in the same order; one bad outcome never spoils the others."""
        now = self._clock.now()
        batches = self._work.find_many([report.batch_id for report in reports])
        rulings = self._rulings(batches, now)
        if upload.actor.lost:
            judged = [self._judge(upload, one, batches.get(one.batch_id), rulings, now) for one in reports]
            return self._hold(upload.actor, judged)
        receipts: dict[int, Receipt] = {}
        fresh: dict[str, Document] = {}
        repeated: list[tuple[int, Report, Document]] = []
        for at, report in enumerate(reports):
            made = self._judge(upload, report, batches.get(report.batch_id), rulings, now)
            if isinstance(made, Receipt):
                receipts[at] = made
            elif report.id in fresh:
                repeated.append((at, report, made))
            else:
                fresh[report.id] = made
                receipts[at] = Receipt(report.id, made["status"], flags=tuple(made["flags"]))
        stored = self._store.insert_new(list(fresh.values()))
        for at, report in enumerate(reports):
            if report.id in stored and receipts.get(at) and receipts[at].status in {STORED, LATE}:
                receipts[at] = self._collided(upload.actor, fresh[report.id], stored[report.id], now)
        for at, _, made in repeated:
            first = stored.get(made["_id"]) or fresh[made["_id"]]
            receipts[at] = self._collided(upload.actor, made, first, now)
        landed = [made for made in fresh.values() if made["_id"] not in stored]
        # The opt-out first: killed here, the worker finds the outcome pending and goes on.
        self._suppressions.from_outcomes((one for one in landed if self._suppresses(one)), now=now, actor=upload.actor)
        # Then the people, whom another campaign may be about to reach by another of their addresses.
        self._marks.touch_contacts(touches_of(landed))
        self._work.apply([made for made in landed if made["status"] == STORED], rulings, batches, now=now)
        # What is told late is about people whom others may be given at this moment: it holds before its receipt.
        late = [made for made in landed if made["status"] == LATE]
        for at in range(0, len(late), PENDING_AT_ONCE):
            self._draw(late[at : at + PENDING_AT_ONCE])
        return [receipts[at] for at in range(len(reports))]

    def _rulings(self, batches: Mapping[str, Document], now: datetime) -> dict[str, Ruling]:
        return self._rulebook.of_many({batch["campaign_id"] for batch in batches.values()}, now)

    def _judge(
        self,
        upload: Upload,
        report: Report,
        batch: Document | None,
        rulings: Mapping[str, Ruling],
        now: datetime,
    ) -> Document | Receipt:
        """Return the document to store, or the receipt of a refusal."""
        item = _item(batch, report.item_id) if batch else None
        if batch is None or item is None or upload.actor.user_id not in batch["holders"]:
            # Nothing tells whether such a batch exists for somebody else.
            return Receipt(report.id, REJECTED, "item_not_found", "item_id")
        if report.channel != batch["channel"]:
            return Receipt(report.id, REJECTED, "channel_not_of_batch", "channel")
        wrong = wrong_with(report, item=item, catalogue=self._catalogue)
        held = Held() if wrong else self._held(report, rulings[batch["campaign_id"]])
        if held.wrong:
            wrong = [held.wrong]
        if wrong:
            return Receipt(report.id, REJECTED, wrong[0][1], wrong[0][0])
        timing = set_right(report.occurred_at, sent_at=upload.sent_at, now=now, batch_made_at=batch["created_at"])
        if timing.wrong:
            return Receipt(report.id, REJECTED, timing.wrong, _TIME_WRONG)
        flags = [*timing.flags]
        if _forbidden(rulings[batch["campaign_id"]], item, report.channel, timing.at):
            flags.append(FORBIDDEN_TIME)
        row = self._catalogue.by_name[report.disposition]
        said = spoken(report, row) | ({"tally": held.tally} if held.tally else {})
        ruling = rulings[batch["campaign_id"]]
        if said.get("support") and exit_poll_freeze(ruling.controls, ruling.rules_at(timing.at).exit_poll, timing.at):
            # What somebody thinks of a party while others vote is what no exit poll may ask (RPA s.126A).
            del said["support"]
            flags.append(SUPPORT_NOT_TAKEN)
        made = self._document(upload, report, batch, item, timing=timing, flags=flags, now=now)
        return {**made, "script": held.script, "sealed": self._store.seal(said, outcome_id=report.id)}

    def _held(self, report: Report, ruling: Ruling) -> Held:
        if "drop_speech" in self._catalogue.by_name[report.disposition].effects:
            return Held()
        return self._answers.hold(report, ruling)

    def _document(
        self,
        upload: Upload,
        report: Report,
        batch: Document,
        item: Document,
        *,
        timing: Timing,
        flags: list[str],
        now: datetime,
    ) -> Document:
        actor = upload.actor
        return {
            "_id": report.id,
            "user_id": actor.user_id,
            "district_id": actor.home_area,
            "batch_id": report.batch_id,
            "item_id": report.item_id,
            "campaign_id": batch["campaign_id"],
            "channel": report.channel,
            "contact_ids": [report.contact_id] if report.contact_id else list(item["contacts"]),
            "address": item["address"],
            "part_id": item["part_id"],
            "constituency_id": item["constituency_id"],
            "disposition": report.disposition,
            "occurred_at": timing.at,
            "told_at": report.occurred_at,
            "received_at": now,
            "day": day_of(timing.at),
            "status": LATE if is_late(batch, item, actor.user_id, now=now) else STORED,
            "fingerprint": report.fingerprint(),
            "callback_at": timing.of(report.callback_at),
            "language": report.language,
            "duration_s": report.duration_s,
            "template_version": report.template_version,
            "script_version": report.script_version,
            "app_version": report.app_version,
            "installation_id": upload.installation_id,
            "corrects": report.corrects,
            "flags": flags,
            "pending": True,
        }

    def _collided(self, actor: Actor, made: Document, stored: Document, now: datetime) -> Receipt:
        """Return the receipt of an outcome whose id is taken: a repeat, or a conflict that is kept for review."""
        if stored["fingerprint"] == made["fingerprint"] and stored["user_id"] == made["user_id"]:
            return Receipt(made["_id"], DUPLICATE, flags=tuple(stored["flags"]))
        # The opt-out first: without its twin the phone gets no receipt and tells it again.
        if self._suppresses(made):
            self._suppressions.from_outcomes([made], now=now, actor=actor)
        gone = made["sealed"] is not None and self._marks.erased(made["contact_ids"])
        self._store.keep_twin(twin_of({**made, "sealed": None} if gone else made, now))
        return Receipt(made["_id"], CONFLICT, "outcome_conflict")

    def _suppresses(self, outcome: Document) -> bool:
        return "suppress" in self._catalogue.by_name[outcome["disposition"]].effects


def _item(batch: Document, item_id: str) -> Document | None:
    return next((item for item in batch["items"] if item["id"] == item_id), None)


def _forbidden(ruling: Ruling, item: Document, channel: str, at: datetime) -> bool:
    place = (item["part_id"], item["constituency_id"])
    poll = poll_for(ruling.controls, *place)
    # By the rules of that time: a window that was narrowed since makes nobody's call of yesterday wrong.
    hours = Hours.of(ruling.rules_at(at).at(*place), ruling.controls, poll=poll, channel=channel)
    return bool(hours.closed(at))
