"""The desk work of the tour: a campaign, its contacts, who gets which batch, the broadcast, the recall."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.fleet.cast import Cast
from bench.fleet.connection import Json
from bench.fleet.ledger import Ledger
from bench.fleet.sheet import Sheet
from bench.fleet.steps import counting
from bench.fleet.volunteer import CHANNEL, Volunteer

_SIZE = 25


@dataclass
class Work:
    """What was set up, as the answers said."""

    campaign_id: str = ""
    sheet: Sheet | None = None
    counts: Json = field(default_factory=dict)
    reject_lines: int = 0
    suppressed: str = ""
    funnel: Json = field(default_factory=dict)
    named: Json = field(default_factory=dict)
    pooled: Json = field(default_factory=dict)
    task: Json = field(default_factory=dict)
    recalled: list[str] = field(default_factory=list)
    # Outcomes that waited on phones without a line when their batches were recalled.
    to_be_late: int = 0


def start_campaign(cast: Cast) -> str:
    """Make a campaign over all seats, each helped by its own district and some others, and start it."""
    return cast.desk.start_campaign(
        {
            "name": "घर-घर सम्पर्क",
            "constituencies": list(cast.seats),
            "helpers": [{"constituency": seat, "districts": homes} for seat, homes in cast.helpers.items()],
            "channels": [CHANNEL, "whatsapp"],
            "default_locale": "hi",
        }
    )


def import_sheet(cast: Cast, work: Work, sheet: Sheet, *, collected_on: str) -> None:
    """Import the sheet with its source declared, and fetch what was refused."""
    job_id = cast.desk.import_contacts(sheet.path, campaign_id=work.campaign_id, source=sheet.source(collected_on))
    with counting("importing", total=sheet.summary["rows"]) as move:
        for job in cast.desk.person.job(job_id):
            move(job["progress"]["done"], job["progress"]["total"])
    work.sheet = sheet
    work.counts = cast.desk.import_counts(job_id)
    refused = csv.reader(io.StringIO(cast.desk.rejects(job_id).decode("utf-8-sig")))
    work.reject_lines = sum(1 for _ in refused) - 1


def suppress_one(cast: Cast, work: Work, ledger: Ledger, sheet: Sheet) -> None:
    """Somebody on the sheet has written in that they want no contact."""
    work.suppressed = sheet.phones()[0]
    cast.second.suppress(work.suppressed)
    ledger.silence(work.suppressed)


def hand_out(cast: Cast, work: Work) -> None:
    """Give each seat's own district a batch a volunteer, by name; what is left waits in the pool."""
    work.named = {"batches": 0, "contacts": 0}
    for seat_id, seat in cast.seats.items():
        own = [one.phone.person.id for one in cast.of_district(seat["parent_id"])]
        if own:
            named = {"mode": "volunteers", "user_ids": own, "strategy": "even"}
            made = _do(cast, work, area=seat_id, assign=named, limit=_SIZE * len(own))
            work.named = {name: work.named[name] + made[name] for name in work.named}
    work.pooled = _do(cast, work, assign={"mode": "pool"})


def broadcast(cast: Cast, work: Work) -> None:
    """Ask all volunteers to read the briefing."""
    work.task = cast.desk.ask_everybody(
        title={"hi": "आज की जानकारी पढ़ें", "en": "Read today's briefing"},
        body={
            "hi": "बात शुरू करने से पहले आज की जानकारी पढ़ लें।",
            "en": "Please read today's briefing before the first call.",
        },
        roles=["volunteer"],
    )
    if work.task["state"] == "pending":
        cast.second.approve_task(work.task["id"])


def recall_some(cast: Cast, work: Work, ledger: Ledger, offline: Sequence[Volunteer], *, most: int) -> None:
    """Coordinators take back the batches of some volunteers whom nobody can reach."""
    for one in offline[:most]:
        user = one.phone.person.user
        desk = cast.coordinators[user["home_area"]]
        for batch in desk.batches(campaign_id=work.campaign_id, state="active", assignee=user["id"]):
            ledger.let_go(batch["id"], at=time.monotonic())
            desk.recall(batch["id"], "no sign of life since the morning")
            work.recalled.append(batch["id"])
    waiting = [outcome for one in offline for outcome in one.phone.outbox]
    work.to_be_late = sum(outcome["batch_id"] in work.recalled for outcome in waiting)


def _do(cast: Cast, work: Work, **wish: object) -> Json:
    plan = cast.desk.plan({"campaign_id": work.campaign_id, "channel": CHANNEL, "size": _SIZE, **wish})
    work.funnel = plan["funnel"]
    result: Json | None = None
    with counting("handing out") as move:
        for progress, outcome in cast.desk.hand_out(plan):
            move(progress["done"], progress["total"])
            result = outcome
    if result is None:
        raise RuntimeError("a job that succeeded says nothing of its result")
    return result
