"""`python -m bench.tour`: the tour, on the installation that `sampark demo` has started; status 1 if a check fails."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.fleet import cast as casting
from bench.fleet.cast import Cast
from bench.fleet.connection import Unexpected
from bench.fleet.ledger import Ledger
from bench.fleet.sheet import generate
from bench.fleet.stage import CommandFailed, Stage, sampark
from bench.fleet.steps import step, until

from . import pushes, report
from . import work as desk_work
from .judge import Evidence, judge
from .leases import in_two_hands
from .rounds import come_back, play_round
from .work import Work

_PUSH_S = 30
_SETTLE_S = 120
_RECALLS = 4
_MESS = 0.05
_LUNCH = "3h"


def main() -> int:
    """Play, report, judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.tour", description=__doc__)
    parser.add_argument("--api", required=True, help="URL of the API")
    parser.add_argument("--double", required=True, help="URL of the messaging double")
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--volunteers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    began = time.monotonic()
    tour = Tour(Stage(wanted.api, wanted.double), seed=wanted.seed)
    try:
        tour.set_up(contacts=wanted.contacts, volunteers=wanted.volunteers)
        tour.play()
        ok = tour.tell()
    except (Unexpected, CommandFailed, ConnectionError) as error:
        print(f"\nThe tour cannot go on: {error}", file=sys.stderr, flush=True)
        return 1
    print(f"\nThe tour took {time.monotonic() - began:.0f} s.", flush=True)
    return 0 if ok else 1


class Tour:
    """The acts of the tour, in order."""

    def __init__(self, stage: Stage, *, seed: int) -> None:
        self._stage = stage
        self._seed = seed
        self._ledger = Ledger()
        self._work = Work()
        self._evidence = Evidence()
        self._cast: Cast

    def set_up(self, *, contacts: int, volunteers: int) -> None:
        """People, campaign, contacts, batches."""
        stage, work = self._stage, self._work
        with step("headquarters' two accounts"):
            cast = self._cast = casting.headquarters(stage)
        with step(f"{casting.DISTRICTS} coordinators and {volunteers} volunteers enrolled, invited, signed in"):
            casting.enrol_everybody(stage, cast, self._ledger, volunteers=volunteers, seed=self._seed)
        self._evidence.devices = sum(len(targets) for targets in cast.targets.values())
        work.campaign_id = desk_work.start_campaign(cast)
        with tempfile.TemporaryDirectory(prefix="sampark-tour-") as directory:
            with step(f"{contacts} people made up, in a sheet with the usual mess"):
                sheet = generate(Path(directory), rows=contacts, seed=self._seed, mess=_MESS)
            desk_work.suppress_one(cast, work, self._ledger, sheet)
            with step("the sheet imported"):
                day = datetime.now(UTC).date() - timedelta(days=7)
                desk_work.import_sheet(cast, work, sheet, collected_on=day.isoformat())
        with step("batches planned and handed out, by name and to the pool"):
            desk_work.hand_out(cast, work)

    def play(self) -> None:
        """The pushes, two rounds of calls, a recall between them."""
        stage, cast, work, ledger = self._stage, self._cast, self._work, self._ledger
        with step("pushes on their way: batches, and a broadcast to all"):
            assigned = cast.desk.batches(campaign_id=work.campaign_id, state="assigned")
            self._evidence.pushes.append(pushes.wait_for_batches(stage, cast, assigned, seconds=_PUSH_S))
            desk_work.broadcast(cast, work)
            self._evidence.pushes.append(pushes.wait_for_task(stage, cast, work.task, seconds=_PUSH_S))
        with step("first round of calls; two volunteers in ten have no line"):
            play_round(cast, work.campaign_id, title="first round", with_outages=True)
        with step("some batches recalled; those without a line come back and upload late"):
            offline = [one for one in cast.volunteers if one.phone.outbox]
            desk_work.recall_some(cast, work, ledger, offline, most=_RECALLS)
            come_back(offline)
        with step("three hours later by the clock: callbacks are due"):
            sampark("clock", "advance", _LUNCH)
            reminded = pushes.wait_for_callbacks(stage, cast, ledger, work.recalled, seconds=_PUSH_S)
            self._evidence.pushes.append(reminded)
        with step("second round of calls"):
            play_round(cast, work.campaign_id, title="second round", with_outages=False)

    def tell(self) -> bool:
        """Gather the evidence, print the report and the checks; tell whether all held."""
        cast, work, ledger, evidence = self._cast, self._work, self._ledger, self._evidence
        with step("figures and pushes settled"):
            self._settle()
        with step("everything recounted"):
            self._recount()
        batches = cast.desk.batches(campaign_id=work.campaign_id)
        checks = judge(work, ledger, evidence)
        _print(report.report(work, ledger, evidence, batches))
        for language in ("hi", "en"):
            rows = cast.desk.progress(work.campaign_id, by="constituency", language=language)["rows"]
            _print(report.progress_lines(rows, language))
        _print(report.verdict(checks))
        _print(report.sign_ins(self._stage.api, self._stage.double, cast, work))
        return all(check.ok for check in checks)

    def _settle(self) -> None:
        """Wait until the consequences of the last uploads have followed."""
        cast, work, evidence = self._cast, self._work, self._evidence
        counted = len(self._ledger.stored())

        def settled() -> bool:
            evidence.progress = cast.desk.progress(work.campaign_id, by="constituency")["rows"]
            evidence.delivery = cast.desk.delivery(work.task["id"])
            outcomes = sum(sum(row["outcomes"].values()) for row in evidence.progress)
            return outcomes >= counted and evidence.delivery["done"] >= work.task["receivers"]

        until(settled, seconds=_SETTLE_S)

    def _recount(self) -> None:
        evidence = self._evidence
        evidence.telling_pushes = pushes.telling(self._stage.pushes(), self._ledger)
        database = os.environ.get("SAMPARK_MONGODB_DATABASE", "sampark")
        evidence.addresses_held, evidence.addresses_twice = in_two_hands(os.environ["SAMPARK_MONGODB_URI"], database)
        evidence.differences = sampark("reconcile", foreseen=(0, 1))["differences"]


def _print(lines: Iterable[str]) -> None:
    print()
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
