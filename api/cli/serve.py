"""`sampark serve`: migrations, then the API and the worker in the foreground."""

from __future__ import annotations

import contextlib

import click

from api.cli.installation import running
from api.cli.supervisor import Stopped, stop_on_signal
from config.settings import load_settings


@click.command()
def serve() -> None:
    """Run migrations, then the API and the worker, until SIGTERM or Ctrl-C."""
    settings = load_settings()
    with contextlib.suppress(Stopped), stop_on_signal(), running(settings) as installation:
        click.echo(f"ready {installation.url}")
        installation.children.watch()
    click.echo("stopped")
