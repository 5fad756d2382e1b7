"""`sampark clock`: moves the product's clock, where it may be moved."""

from __future__ import annotations

import re
import sys
import time
from datetime import timedelta

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show
from services.domain.wire_time import utc_text

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=3660)
# Other processes read the offset anew after 0.2 s.
_SETTLED_SECONDS = 0.3


class Duration(click.ParamType[timedelta]):
    """`90m`, `3d`, `1h30m`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the timedelta, or fail as a usage error."""
        text = str(value)
        if not re.fullmatch(r"(?:[0-9]{1,7}[smhd])+", text):
            self.fail(f"{text!r} is not a duration such as 90m, 3d or 1h30m", param, ctx)
        total = sum((_length(*piece) for piece in re.findall(r"([0-9]+)([smhd])", text)), timedelta())
        if total > _LONGEST:
            self.fail(f"{text!r} is longer than ten years", param, ctx)
        return total


@click.group()
def clock() -> None:
    """Move the product's clock (development and test only)."""


@clock.command()
@click.argument("duration", type=Duration())
@json_option
def advance(duration: timedelta, *, as_json: bool) -> None:
    """Move the clock forward by DURATION (s m h d) for every process of the installation."""
    with opened_services() as services:
        if services.settings.production:
            click.echo("sampark: production follows the machine's clock", err=True)
            sys.exit(1)
        services.stores.clock.advance(duration)
        time.sleep(_SETTLED_SECONDS)
        now = utc_text(services.clock.now())
    show({"now": now}, as_json=as_json, text=f"it is {now} now")


def _length(number: str, unit: str) -> timedelta:
    return timedelta(**{_UNITS[unit]: int(number)})
