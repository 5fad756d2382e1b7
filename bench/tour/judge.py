"""The judge: every claim that the tour makes of itself, computed from answers, as ok or FAILED."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.fleet.connection import Json
from bench.fleet.ledger import Ledger

from .pushes import Reach
from .work import Work

# Mess that leaves nothing of a row to import; what else is refused is for the importer to say.
_UNUSABLE = ("aadhaar_like", "under_age", "nobody", "bad_part", "total_line")
# So many of the differences are shown; `sampark reconcile` shows all.
_SHOWN = 3
_COUNTS = ("created", "updated", "duplicates", "rejected", "suppressed")


@dataclass
class Evidence:
    """What was found out at the end, beside what the work and the phones' ledger say."""

    pushes: list[Reach] = field(default_factory=list)
    delivery: Json = field(default_factory=dict)
    telling_pushes: int = 0
    addresses_held: int = 0
    addresses_twice: int = 0
    progress: list[Json] = field(default_factory=list)
    differences: list[Json] = field(default_factory=list)
    devices: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One claim."""

    claim: str
    ok: bool
    found: str


def judge(work: Work, ledger: Ledger, evidence: Evidence) -> list[Check]:
    """Return every check."""
    return [
        *_import(work),
        *_pushes(work, evidence),
        *_outcomes(work, ledger),
        *_rules(ledger, evidence),
        *_figures(ledger, evidence),
    ]


def _import(work: Work) -> Iterator[Check]:
    counts = work.counts
    summary = work.sheet.summary if work.sheet else {}
    spoilt: Json = summary.get("spoilt_by_kind", {})
    rows = summary.get("lines", 0) - 1 - spoilt.get("blank_line", 0)
    yield _same("every row of the sheet was counted", counts["rows"], rows)
    yield _same("the five counts add up to the rows", sum(counts[name] for name in _COUNTS), counts["rows"])
    yield _same("each refused row is in rejects.csv", work.reject_lines, counts["rejected"])
    unusable = sum(spoilt.get(kind, 0) for kind in _UNUSABLE)
    claim = "no unusable row got in"
    yield Check(claim, counts["rejected"] >= unusable, f"{counts['rejected']} refused, {unusable} made unusable")


def _pushes(work: Work, evidence: Evidence) -> Iterator[Check]:
    for reach in evidence.pushes:
        yield _same(f"push: every installation was told ({reach.kind})", reach.reached, reach.expected)
    delivery = evidence.delivery
    yield _same("push: delivery counts every installation", delivery["devices"], evidence.devices)
    yield _same("push: delivery says that all were accepted", delivery["accepted"], evidence.devices)
    yield _same("task: every receiver says done", delivery["done"], work.task["receivers"])
    yield _same("push: none holds a contact's number", evidence.telling_pushes, 0)


def _outcomes(work: Work, ledger: Ledger) -> Iterator[Check]:
    receipts = ledger.receipts
    firsts = Counter(sent.status for sent in ledger.outcomes.values())
    refused = f" ({dict(ledger.refusals)})" if ledger.refusals else ""
    yield Check("outcomes: none was rejected", receipts["rejected"] == 0, f"{receipts['rejected']}{refused}")
    # An answer that got lost makes the first receipt that a phone sees one of a duplicate.
    repeats = ledger.repeats + firsts["duplicate"]
    yield _same("outcomes: sent twice is stored once", receipts["duplicate"], repeats)
    yield _same("outcomes: changed under the same id is a conflict", receipts["conflict"], ledger.changed)
    yield _same("outcomes: late exactly where a batch was recalled", firsts["late"], work.to_be_late)


def _rules(ledger: Ledger, evidence: Evidence) -> Iterator[Check]:
    seen = f"of {len({hold.number for hold in ledger.holds.values()})} that phones showed"
    twice = len(ledger.with_two_holders())
    yield Check("numbers with two holders, by what phones showed over time", twice == 0, f"{twice} {seen}")
    held = f"{evidence.addresses_twice} of {evidence.addresses_held} held now"
    yield Check("numbers with two holders, by the database's leases", evidence.addresses_twice == 0, held)
    against = len(ledger.shown_against_wish())
    told = f"{against}, {len(ledger.silenced)} wishes"
    yield Check("numbers shown after their owner wanted no contact", against == 0, told)


def _figures(ledger: Ledger, evidence: Evidence) -> Iterator[Check]:
    told = Counter(sent.outcome["disposition"] for sent in ledger.stored())
    shown: Counter[str] = Counter()
    for row in evidence.progress:
        shown.update(row["outcomes"])
    found = f"{shown.total()} in the report, {told.total()} by receipts"
    yield Check("progress says what the phones were told, code by code", +shown == +told, found)
    different = evidence.differences
    found = f"{len(different)} differences" + "".join(f"\n            {one}" for one in different[:_SHOWN])
    yield Check("a recount from outcomes equals the tallies", not different, found)


def _same(claim: str, found: object, expected: object) -> Check:
    return Check(claim, found == expected, f"{found}" if found == expected else f"{found}, expected {expected}")
