"""`sampark leaks`: proof that what must be sealed lies open nowhere."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show


@click.command()
@click.option("--known", required=True, type=click.File(encoding="utf-8"), help="Known plaintexts, one a line.")
@click.option(
    "--log", "logs", multiple=True, type=click.Path(exists=True, path_type=Path), help="A log file or folder, too."
)
@json_option
def leaks(known: TextIO, logs: tuple[Path, ...], *, as_json: bool) -> None:
    """Look for known plaintexts in all documents (without keys), files and logs; status 1 if any is found.

    Lines are named by their number in the file of known plaintexts, which should not lie where it is searched.
    """
    lines = known.read().splitlines()
    with opened_services() as services:
        found = list(services.leak_search.run(lines, below=[services.settings.data_dir, *logs]))
    text = "\n".join([*(f"line {leak.known}: {leak.place}" for leak in found), f"{len(found)} found"])
    show({"found": [asdict(leak) for leak in found]}, as_json=as_json, text=text)
    if found:
        sys.exit(1)
