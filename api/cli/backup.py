"""`sampark backup`: the whole database in one file."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show
from services.gateways.archive_file import facts_of
from services.wiring.archiving import opened_archiving


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def backup(file: Path, *, as_json: bool) -> None:
    """Write all collections to FILE, in place of what is there, when all of it is written.

    Personal data stay sealed in FILE: it is useless without SAMPARK_FIELD_KEYS, so keep those too, elsewhere. What is
    needed for sums (places, ages, results, the audit trail) is not sealed: guard FILE all the same.

    Taken while people work, FILE holds each collection as it was when it was read: everything acknowledged before the
    start, and some of what came after. For one single moment stop the API and the worker first.
    """
    with opened_services() as services, opened_archiving(services.settings) as archiving:
        header = archiving.back_up(file.absolute())
        services.audit.record(None, "backup.written", subject="database", documents=header.documents)
    facts = facts_of(header, file)
    text = (
        f"{facts['documents']:,} documents of {len(header.collections)} collections, {facts['bytes']:,} bytes: {file}"
    )
    show(facts, as_json=as_json, text=text)
