"""What a command prints: one JSON object, or lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import orjson


def show(facts: Mapping[str, Any], *, as_json: bool, text: str) -> None:
    """Print the facts as JSON, or the text."""
    click.echo(orjson.dumps(facts).decode() if as_json else text)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
