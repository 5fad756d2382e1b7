"""The tour's report: what happened, in figures that came from answers, and where to look around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bench.fleet.cast import Cast
from bench.fleet.connection import Json
from bench.fleet.ledger import Ledger

from .judge import Check, Evidence
from .work import Work

_IMPORTED = ("rows", "created", "updated", "duplicates", "rejected", "suppressed", "quarantined")


def report(work: Work, ledger: Ledger, evidence: Evidence, batches: Sequence[Json]) -> Iterator[str]:
    """Yield the lines on contacts, batches, pushes and outcomes."""
    yield "Contacts"
    yield _row("sheet", {name: work.counts[name] for name in _IMPORTED if name in work.counts})
    households = sum(hold.people > 1 for hold in ledger.holds.values())
    yield _row("numbers shown to volunteers", {"numbers": len(ledger.holds), "of which households": households})
    yield "Batches"
    yield _row("handed out by name", work.named)
    yield _row("put into the pool", {name: work.pooled[name] for name in work.named})
    yield _row("now", Counter(batch["state"] for batch in batches))
    yield "Pushes (by the messaging double's own log)"
    for reach in evidence.pushes:
        figures = {"accepted": reach.accepted, "installations to reach": reach.expected, "reached": reach.reached}
        yield _row(reach.kind, figures)
    yield _row("broadcast's delivery", {name: n for name, n in evidence.delivery.items() if isinstance(n, int)})
    yield "Outcomes (by receipts)"
    yield _row("receipts", ledger.receipts)
    yield _row("stored", dict(Counter(sent.outcome["disposition"] for sent in ledger.stored()).most_common()))


def progress_lines(rows: Sequence[Json], language: str) -> Iterator[str]:
    """Yield a campaign's progress by constituency as a table; the label stands last, scripts differ in width."""
    heads = {
        "en": ("Targets", "Contacted", "Attempts", "Opt-outs", "Rate", "Constituency"),
        "hi": ("लक्ष्य", "बात हुई", "प्रयास", "मनाही", "दर", "विधानसभा क्षेत्र"),
    }
    yield "   ".join(heads[language])
    for row in rows:
        rate = row["contact_rate"]
        figures = (row["targets"], row["contacted"], row["attempts"], row["opt_outs"])
        shown = "      –" if rate is None else f"{rate:7.1%}"
        yield "  ".join(f"{grouped(figure):>9}" for figure in figures) + f"  {shown}   {_label(row, language)}"


def verdict(checks: Sequence[Check]) -> Iterator[str]:
    """Yield a line for each check."""
    yield "Checks"
    for check in checks:
        yield f"  {'ok    ' if check.ok else 'FAILED'}  {check.claim}: {check.found}"


def sign_ins(api: str, double: str, cast: Cast, work: Work) -> Iterator[str]:
    """Yield where to look around, and as whom."""
    coordinator = next(iter(cast.coordinators.values())).person.user
    volunteer = cast.volunteers[0].phone.person.user
    yield "Look around"
    yield f"  API {api}/api/v1 · readable at {api}/docs · metrics {api}/metrics · messaging double {double}/_log"
    yield f"  campaign {work.campaign_id} · password of everybody: {cast.password}"
    for role, user in (
        ("headquarters", cast.desk.person.user),
        ("coordinator", coordinator),
        ("volunteer", volunteer),
    ):
        yield f"  {role:<13} {user['phone']}  {user['name']}"


def grouped(number: int) -> str:
    """Return a number as India writes it: 1,00,000."""
    digits = str(number)
    head, tail = digits[:-3], digits[-3:]
    groups = []
    while head:
        groups.append(head[-2:])
        head = head[:-2]
    return ",".join([*reversed(groups), tail])


def _label(row: Json, language: str) -> str:
    label = row["label"]
    return str(label[language] if isinstance(label, Mapping) else label)


def _row(name: str, figures: Mapping[str, int]) -> str:
    return f"  {name:<28} " + " · ".join(f"{grouped(count)} {what}" for what, count in figures.items())
