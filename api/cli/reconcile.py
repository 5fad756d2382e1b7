"""`sampark reconcile`: counts everything derived anew, looks for what is orphaned; status 1 if anything is wrong."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show
from services.batches.orphans import Orphan
from services.outcomes.reconciling import Difference


@click.command()
@click.option("--repair", is_flag=True, help="Draw the consequences of what differs again.")
@json_option
def reconcile(*, repair: bool, as_json: bool) -> None:
    """Recount items, standings, tallies and suppressions from outcomes; list what nobody works on."""
    with opened_services() as services:
        found: list[Difference | Orphan] = [*services.reconciling.run(repair=repair)]
        found += services.orphans.run(repair=repair)
        left = [*services.reconciling.run(), *services.orphans.run()] if repair and found else found
    lines = [f"{one.kind} {one.subject}: stored {one.stored}, counted {one.counted}" for one in found]
    lines.append(f"{len(found)} differences" + (f", {len(left)} left after the repair" if repair else ""))
    show(
        {"differences": [asdict(one) for one in found], "left": len(left)},
        as_json=as_json,
        text="\n".join(lines),
    )
    sys.exit(1 if left else 0)
