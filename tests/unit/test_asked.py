"""The plugin that names routes without a test judges whole runs only, and from every process's notes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import asked
from tests.asked import unproven


def test_a_route_that_never_succeeded_is_named() -> None:
    assert unproven({"GET /a", "POST /b"}, {"GET /a"}) == ["POST /b"]


@pytest.mark.parametrize(
    ("arguments", "narrowed", "whole"),
    [
        (["tests"], {}, True),
        (["tests/api"], {}, True),
        (["tests/unit"], {}, False),
        (["tests/api/test_areas.py"], {}, False),
        (["tests"], {"keyword": "areas"}, False),
        (["tests"], {"deselect": ["x"]}, False),
        (["tests"], {"lf": True}, False),
    ],
)
def test_a_run_of_some_tests_is_not_judged(
    pytestconfig: pytest.Config, arguments: list[str], narrowed: dict[str, object], *, whole: bool
) -> None:
    option = SimpleNamespace(**{"keyword": "", "markexpr": "", "deselect": None, "lf": False, **narrowed})
    started = SimpleNamespace(dir=pytestconfig.rootpath)
    assert asked._is_whole(SimpleNamespace(option=option, args=arguments, invocation_params=started)) is whole


def test_another_processs_notes_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    notes: dict[str, set[str]] = {"declared": set(), "answered": {"GET /a"}}
    monkeypatch.setattr(asked, "_noted", notes)
    asked.pytest_testnodedown(SimpleNamespace(workeroutput={"routes": {"answered": ["POST /b"]}}))
    assert notes["answered"] == {"GET /a", "POST /b"}
