"""`sampark worker`: the background loop, or one pass of it."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace

import click

from config.logging import configure
from config.settings import load_settings
from services.container import build_services
from services.database import open_database
from services.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Stop when nothing is due; status 1 if a step fails again and again.")
def worker(*, once: bool) -> None:
    """Project events, bring back callbacks, end what is over, do jobs, send pushes; until SIGTERM or Ctrl-C."""
    settings = load_settings()
    configure(settings.log_level)
    with open_database(settings, guest_allowed=True) as database:
        services = build_services(replace(settings, mongodb_uri=database.uri))
        loop = Worker(services.worker_steps)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stop())
        if not once:
            loop.run()
        elif not loop.run_once():
            click.echo("sampark worker: a step failed; the log says which", err=True)
            sys.exit(1)
