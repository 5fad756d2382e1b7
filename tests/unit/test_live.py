"""A stream of figures: told when they change, kept alive when not, ended in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.domain.errors import Unauthenticated
from services.domain.reports.digest import grouped
from services.reports.live import Event, Watching, version_of, watch

LIMIT = ((300.0, "time_limit"),)


class Ticking:
    """Time that passes only by waiting."""

    def __init__(self, *, stops_after: float = 1e9) -> None:
        self.at = 0.0
        self._stops_after = stops_after

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> bool:
        self.at += seconds
        return self.at >= self._stops_after


def told(looks: Callable[[], dict[str, Any]], time: Ticking, **more: Any) -> Iterator[Event]:
    return watch(Watching(look=looks, wait=time.wait, now=time.now, **{"ends_at": LIMIT, **more}))


def rows(number: int) -> dict[str, Any]:
    return {"rows": [{"key": "ac-24", "attempts": number}], "as_of": number}


def test_figures_are_told_when_they_change() -> None:
    time = Ticking()
    events = told(lambda: rows(int(time.at // 7)), time)
    first = [next(events) for _ in range(3)]
    assert [event.data["rows"][0]["attempts"] for event in first if event.data] == [0, 1, 2]
    assert len({event.id for event in first}) == 3


def test_figures_seen_before_are_not_told_again() -> None:
    time = Ticking()
    events = told(lambda: rows(1), time, seen=version_of(rows(1)))
    assert next(events).kind == "heartbeat"
    assert time.at >= 15


def test_silence_is_broken_by_heartbeats_until_the_time_is_over() -> None:
    time = Ticking()
    kinds = [event.kind for event in told(lambda: rows(1), time)]
    assert kinds[0] == "progress"
    assert kinds[-1] == "end"
    assert kinds.count("heartbeat") == 20  # one for each 15 of 300 seconds
    assert time.at == 300


def test_stream_ends_with_its_token() -> None:
    last = list(told(lambda: rows(1), Ticking(), ends_at=((40.0, "token_expired"), (300.0, "time_limit"))))[-1]
    assert last == Event("end", data={"reason": "token_expired"})


def test_stream_ends_when_its_reader_may_no_longer_see() -> None:
    time = Ticking()

    def look() -> dict[str, Any]:
        if time.at > 10:
            raise Unauthenticated("session_revoked")
        return rows(1)

    assert list(told(look, time))[-1] == Event("end", data={"reason": "session_revoked"})


def test_stream_ends_when_the_process_stops() -> None:
    assert list(told(lambda: rows(1), Ticking(stops_after=5)))[-1] == Event("end", data={"reason": "stopping"})


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0"), (999, "999"), (1000, "1,000"), (100000, "1,00,000"), (997633, "9,97,633")]
)
def test_numbers_are_grouped_as_in_india(number: int, written: str) -> None:
    assert grouped(number) == written
