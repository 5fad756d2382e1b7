"""`sampark reconcile`: counts everything derived anew from outcomes; status 1 if a figure differs."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show


@click.command()
@click.option("--repair", is_flag=True, help="Draw the consequences of what differs again.")
@json_option
def reconcile(*, repair: bool, as_json: bool) -> None:
    """Recount items, standings, tallies and suppressions from outcomes."""
    with opened_services() as services:
        found = services.reconciling.run(repair=repair)
        left = services.reconciling.run() if repair and found else found
    lines = [f"{one.kind} {one.subject}: stored {one.stored}, counted {one.counted}" for one in found]
    lines.append(f"{len(found)} differences" + (f", {len(left)} left after the repair" if repair else ""))
    show(
        {"differences": [asdict(one) for one in found], "left": len(left)},
        as_json=as_json,
        text="\n".join(lines),
    )
    sys.exit(1 if left else 0)
