"""`sampark admin`: the headquarters account from which everybody else is enrolled."""

from __future__ import annotations

import sys

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show
from services.domain.errors import Invalid
from services.domain.identifiers.phones import parse_phones


class MobileNumber(click.ParamType[str]):
    """A mobile number as people write it."""

    name = "phone"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the number in E.164, or fail as a usage error."""
        numbers = parse_phones(str(value)).numbers
        if len(numbers) != 1 or numbers[0].kind != "mobile":
            self.fail(f"{value!r} is not one Indian mobile number", param, ctx)
        return numbers[0].e164


@click.group()
def admin() -> None:
    """The first headquarters account."""


@admin.command()
@click.option("--phone", required=True, type=MobileNumber())
@click.option("--name", required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@json_option
def create(phone: str, name: str, *, password_stdin: bool, as_json: bool) -> None:
    """Create a headquarters account; one with this phone is left as it is."""
    password = _password(from_stdin=password_stdin)
    with opened_services() as services:
        services.upkeep.prepare()
        try:
            user, created = services.roster.create_headquarters(phone=phone, name=name, password=password)
        except Invalid as error:
            refused = "; ".join(f"{field}: {', '.join(codes)}" for field, codes in error.fields.items())
            raise click.UsageError(f"refused: {refused}") from error
    facts = {"id": user.id, "phone": user.phone, "name": user.name, "role": user.role, "created": created}
    text = "created" if created else "there is an account with this phone already; nothing was changed"
    show(facts, as_json=as_json, text=f"{user.phone} ({user.role}): {text}")
    if user.role != "hq_admin":
        sys.exit(1)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed
