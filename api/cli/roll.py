"""`sampark roll`: sheets of made-up people to develop, demonstrate and measure with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click
import orjson
from tqdm import tqdm

from services.domain.errors import Invalid
from services.domain.roll.sheet import HEADINGS, Headings
from services.gateways.sheet_writer import write_sheet
from services.imports.roll_sheets import RollSheet, SheetOrder

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_BY_SUFFIX = {".csv": "comma", ".tsv": "tab"}
_SHARE = click.FloatRange(0, 1)


@click.group()
def roll() -> None:
    """Made-up roll sheets."""


@roll.command()
@click.option("--rows", type=click.IntRange(min=1), default=20_000, show_default=True, help="People in the sheet.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same people.")
@click.option("--mess", type=_SHARE, default=0.0, show_default=True, help="Share of rows to spoil.")
@click.option("--phones", type=_SHARE, default=0.4, show_default=True, help="Share of people with a phone.")
@click.option("--headers", type=click.Choice(list(HEADINGS)), default="hi", show_default=True, help="Headings.")
@click.option("--header-row", type=click.IntRange(1, 10), default=1, show_default=True, help="Row of the headings.")
@click.option("--encoding", type=click.Choice(["utf-8", "utf-8-sig", "utf-16"]), default="utf-8", show_default=True)
@click.option("--delimiter", type=click.Choice(list(_DELIMITERS)), help="By default what the file's name says.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A .csv or .tsv file.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def generate(*, out: Path, encoding: str, delimiter: str | None, as_json: bool, headers: str, **wanted: Any) -> None:
    """Write a sheet of made-up people, split over the four seats and their parts as the true roll is.

    The names are common ones thrown together and the numbers are made up; should one be somebody's all the same,
    it must not be called.
    """
    delimiter = _DELIMITERS[delimiter or _delimiter_of(out)]
    try:
        sheet = RollSheet(SheetOrder(headings=cast("Headings", headers), **wanted))
    except Invalid as error:
        raise click.BadParameter("the whole roll has fewer people than that", param_hint="--rows") from error
    # The bar shows on a terminal only.
    lines = tqdm(sheet.lines(), total=wanted["rows"], unit=" rows", unit_scale=True, disable=None)
    try:
        write_sheet(out, lines, delimiter=delimiter, encoding=encoding)
    except OSError as error:
        raise click.FileError(str(out), error.strerror) from error
    _print_summary({"file": str(out), **sheet.summary()}, as_json=as_json)


def _delimiter_of(out: Path) -> str:
    suffix = out.suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise click.BadParameter(f"cannot write {suffix or 'this'!s} files, only .csv and .tsv", param_hint="--out")
    return _BY_SUFFIX[suffix]


def _print_summary(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(summary))
        return
    for name, value in summary.items():
        if isinstance(value, dict):
            click.echo(f"{name}:")
            for inner, count in value.items():
                click.echo(f"  {inner:<20} {count:>9,}")
        else:
            click.echo(f"{name:<22} {value if isinstance(value, str) else format(value, ',')}")
