"""`sampark restore`: puts a backup back into an empty database."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from api.cli.output import json_option, show
from config.logging import configure
from config.settings import load_settings
from services.container import build_services
from services.gateways.archive_file import facts_of
from services.operations.database import open_database
from services.wiring.archiving import opened_archiving


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", "replace_all", is_flag=True, help="Remove what the database holds.")
@json_option
def restore(file: Path, *, replace_all: bool, as_json: bool) -> None:
    """Put the backup FILE into a database that nobody has worked with yet; stop API and worker first.

    Needs the SAMPARK_FIELD_KEYS that the backup was taken with: without them it opens nothing. FILE is read and checked
    as a whole before anything is written. Stopped in the middle, the database is marked as half restored and nothing
    but another `sampark restore` opens it. Exit status 1 also when a unique key refused a document.
    """
    settings = load_settings()
    configure(settings.log_level)
    with open_database(settings, guest_allowed=False) as database:
        settings = replace(settings, mongodb_uri=database.uri)
        with opened_archiving(settings) as archiving:
            header, refused = archiving.restore(file, replace_all=replace_all)
        services = build_services(settings)
        services.upkeep.prepare()
        # What was sealed after the backup was begun is sealed anew.
        services.audit_trail.sealing.adopt()
        services.audit.record(None, "backup.restored", subject="database", taken_at=header.taken_at)
    text = f"{header.documents:,} documents of {len(header.collections)} collections, as of {header.taken_at}"
    lines = [text, *(f"{name}: a unique key refused {number}" for name, number in sorted(refused.items()))]
    show({**facts_of(header, file), "refused": dict(refused)}, as_json=as_json, text="\n".join(lines))
    sys.exit(1 if refused else 0)
