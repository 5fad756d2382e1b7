"""`sampark migrate`: indexes, places, migrations; changes nothing the second time."""

from __future__ import annotations

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show


@click.command()
@json_option
def migrate(*, as_json: bool) -> None:
    """Bring the database to what this version expects; any number of processes may do it at once."""
    with opened_services() as services:
        done = services.upkeep.prepare()
    facts = {"places": done.places, "migrations": list(done.migrations)}
    ran = ", ".join(done.migrations) or "none pending"
    show(facts, as_json=as_json, text=f"indexes are in place; {done.places} places written; migrations: {ran}")
