"""The house keeps its rooms: import contracts, no ambient state below api, files that fit on a few screens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
LONGEST = 250
# A file of tests is read by its names, one circumstance at a time: it may be longer, as long as it has one subject.
LONGEST_OF_TESTS = 350
# File → why it is longer.
LONGER: dict[str, str] = {}


def test_imports_run_down(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def test_nothing_below_api_reads_ambient_state() -> None:
    ambient = re.compile(r"\bos\.(environ|getenv|putenv)\b|\bfrom os import .*\b(environ|getenv)\b|\bcurrent_app\b")
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("schemas", "services")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if ambient.search(line)
    ]
    assert offenders == []


def test_files_are_short() -> None:
    too_long = {
        str(path.relative_to(ROOT)): length
        for path in sources("api", "schemas", "services", "config", "tests", "bench")
        if (length := len(path.read_text(encoding="utf-8").splitlines()))
        > (LONGEST_OF_TESTS if path.name.startswith("test_") else LONGEST)
    }
    assert {name: length for name, length in too_long.items() if name not in LONGER} == {}
    assert [name for name in LONGER if name not in too_long] == [], "no longer an exception"


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))
