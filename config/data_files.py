"""The data files that ship with Sampark, as plain values: the domain gives them meaning."""

from __future__ import annotations

from typing import Any

from config.paths import read_json


def default_rules() -> dict[str, Any]:
    """Return the rules that hold where no campaign says otherwise."""
    return _read("rules.json")


def dispositions() -> dict[str, Any]:
    """Return the catalogue of call results and message steps."""
    return _read("dispositions.json")


def sheet_headers() -> dict[str, Any]:
    """Return the headings that sheets use for our import fields, and those that are forbidden."""
    return _read("sheet_headers.json")


def cell_words() -> dict[str, Any]:
    """Return the words that people write into the cells of sheets."""
    return _read("cell_words.json")


def row_problems() -> dict[str, Any]:
    """Return the texts, in Hindi and English, of the codes by which rows are refused."""
    return _read("row_problems.json")


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = read_json(name)
    return data
