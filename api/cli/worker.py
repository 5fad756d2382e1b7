"""`sampark worker`: the background loop, or one pass of it."""

from __future__ import annotations

import signal
import sys

import click
import structlog

from api.cli.opening import opened_services
from services.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is due; status 1 if a step fails again and again.")
def worker(*, once: bool) -> None:
    """Project events, bring back callbacks, end what is over, do jobs, send pushes; until SIGTERM or Ctrl-C."""
    with opened_services() as services:
        loop = Worker(services.worker_steps)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stop())
        services.upkeep.prepare()
        structlog.get_logger("sampark.worker").info("worker started", once=once)
        if not once:
            loop.run()
        elif not loop.run_once():
            click.echo("sampark worker: a step failed; the log says which", err=True)
            sys.exit(1)
