"""The command line: one module a group of commands, imported only when it is called."""

from __future__ import annotations

import importlib
import sys

import click

from config.settings import SettingsError
from services.domain.errors import DomainError

# Command → (module of api.cli, one line of help); the module holds a click command of the same name.
COMMANDS = {
    "admin": "The first headquarters account",
    "audit": "The audit trail: is it whole, and what does it say",
    "backup": "The whole database in one file",
    "clock": "Move the product's clock (development and test only)",
    "demo": "The newcomer's tour on an installation of its own",
    "keys": "Seal everything anew with the first field key",
    "leaks": "Proof that what must be sealed lies open nowhere",
    "migrate": "Apply indexes, places and migrations",
    "reconcile": "Recount everything derived from outcomes",
    "restore": "A backup into an empty database",
    "roll": "Made-up roll sheets",
    "serve": "Migrations, API and worker in the foreground",
    "worker": "The background loop",
}


class LazyGroup(click.Group):
    """Imports a command's module when the command is named, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"api.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup)
def cli() -> None:
    """Sampark: assigns volunteers to contact batches, records outcomes, pushes tasks."""


def main() -> None:
    """Run the command line; a foreseen failure is one line on standard error and exit status 1."""
    try:
        cli(prog_name="sampark")
    except (SettingsError, DomainError) as error:
        click.echo(f"sampark: {error}", err=True)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
