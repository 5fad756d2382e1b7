"""`sampark audit`: verifies the chain over the audit trail, seals it, and hands it out."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show


@click.group()
def audit() -> None:
    """Who did what to whom: is the record whole, and what does it say."""


@audit.command()
@click.option("--expect", metavar="NUMBER:HEAD", help="A head noted elsewhere, such as in the worker's log.")
@json_option
def verify(*, expect: str | None, as_json: bool) -> None:
    """Hold every entry against the chain; status 1 if one was changed, removed, put in, moved, or the end cut off.

    Entries younger than a minute or so are not sealed yet; they are counted as pending. With --expect the chain must
    hold that head: only so it shows that somebody has put an older copy of the whole database in its place.
    """
    expected = _expected(expect)
    with opened_services() as services:
        found = services.audit_trail.verifying.run(expected=expected)
    problems = [problem.to_plain() for problem in found.problems]
    facts = {"ok": not problems, "chunks": found.chunks, "entries": found.entries, "pending": found.pending}
    lines = [" ".join(f"{name}={value}" for name, value in one.items() if value is not None) for one in problems]
    lines.append(
        f"{found.chunks} chunks with {found.entries} entries, {found.pending} not sealed yet, "
        f"{len(problems)} problems; the newest head is {found.number}:{found.head}"
    )
    shown = {**facts, "head": {"number": found.number, "head": found.head}, "problems": problems}
    show(shown, as_json=as_json, text="\n".join(lines))
    sys.exit(1 if problems else 0)


@audit.command()
@json_option
def seal(*, as_json: bool) -> None:
    """Seal at once what waits, as the worker does within a minute."""
    with opened_services() as services:
        sealed = services.audit_trail.sealing.seal_all()
    show({"sealed": sealed}, as_json=as_json, text=f"{sealed} entries sealed")


def _filters(command: Any) -> Any:
    for name, text in (
        ("--to", "Before this time."),
        ("--from", "At or after this time (2026-11-23 or 2026-11-23T10:15:00, UTC)."),
        ("--session", "Id of a sign-in."),
        ("--device", "Installation id of a phone: all sign-ins that were opened on it."),
        ("--actor", "Id of a person or service account."),
    ):
        command = click.option(name, type=click.DateTime() if name in {"--from", "--to"} else None, help=text)(command)
    return click.option("--out", type=click.File("w", encoding="utf-8"), default="-", help="Where to; else printed.")(
        command
    )


@audit.command()
@click.option("--subject", help="What it was done to, such as user:ID.")
@click.option("--action", help="Such as user.suspend.")
@_filters
def export(*, subject: str | None, action: str | None, out: TextIO, **window: Any) -> None:
    """Write the entries that match as CSV."""
    _write("entries", out, window, subject=subject, action=action)


@audit.command()
@click.option("--contact", help="Id of the contact whose data it was.")
@_filters
def disclosures(*, contact: str | None, out: TextIO, **window: Any) -> None:
    """Write, for a breach report, whose data was seen or taken by whom, and when: CSV, one line a contact."""
    _write("disclosures", out, window, contact_id=contact)


def _write(kind: str, out: TextIO, window: dict[str, Any], **by: str | None) -> None:
    with opened_services() as services:
        wanted = services.audit_trail.exports.wanted(
            kind,
            since=_utc(window["from"]),
            until=_utc(window["to"]),
            actor=window["actor"],
            session_id=window["session"],
            installation_id=window["device"],
            **by,
        )
        # Named before anything is handed out, as with any other reveal.
        services.audit.record(None, "audit.export", subject="database", kind=kind, by="cli")
        out.writelines(services.audit_trail.exports.lines(wanted))


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _expected(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, colon, head = text.partition(":")
    if not colon or not number.isdecimal() or not head:
        raise click.BadParameter("NUMBER:HEAD, as a verification prints it", param_hint="--expect")
    return int(number), head
