"""Fails a whole run in which some route was never answered with success by a test of tests/api, and names it.

A pytest plugin: each process notes what it asked, the one that reports joins the notes. A run of some tests alone is
not judged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_TESTS = Path(__file__).parent / "api"
_noted: dict[str, set[str]] = {"declared": set(), "answered": set()}


def declare(name: str) -> None:
    """Note that a route is there."""
    _noted["declared"].add(name)


def answer(name: str, status: int) -> None:
    """Note what a route answered to a test."""
    if status < 300:
        _noted["answered"].add(name)


def unproven(declared: set[str], answered: set[str]) -> list[str]:
    """Return the routes that no test has seen succeed."""
    return sorted(declared - answered)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of a parallel run has noted."""
    for name, routes in getattr(node, "workeroutput", {}).get("routes", {}).items():
        _noted[name] |= set(routes)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Hand the notes over, or judge them."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["routes"] = {name: sorted(routes) for name, routes in _noted.items()}
        return
    if exitstatus == pytest.ExitCode.OK and _is_whole(session.config) and unproven(**_noted):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name the routes without a test of their own."""
    missing = unproven(**_noted) if _is_whole(config) else []
    if missing:
        terminalreporter.section("routes that no test in tests/api has seen succeed", red=True)
        for name in missing:
            terminalreporter.line(name)


def _is_whole(config: pytest.Config) -> bool:
    """Tell whether all of tests/api was to run."""
    option = config.option
    narrowed = option.keyword or option.markexpr or option.deselect or getattr(option, "lf", False)
    given = [Path(str(config.invocation_params.dir), argument.split("::")[0]) for argument in config.args]
    return not narrowed and any(path == _TESTS or path in _TESTS.parents for path in given)
