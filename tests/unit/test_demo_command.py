"""`sampark demo`: where it must not play, and what it is asked for."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from api.cli.demo import demo


def test_demo_refuses_production_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPARK_ENV", "production")
    result = CliRunner().invoke(demo, ["--once"])
    assert result.exit_code == 1
    assert result.stderr.startswith("sampark: the demo plays with made-up people")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("size", [("--contacts", "1"), ("--volunteers", "3")])
def test_demo_too_small_to_show_anything_is_a_usage_error(size: tuple[str, str]) -> None:
    assert CliRunner().invoke(demo, size).exit_code == 2
