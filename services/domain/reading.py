"""Reading plain data field by field: everything wrong is gathered and named by its path."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from services.domain.errors import Invalid
from services.domain.ist import MINUTES_A_DAY, Span

_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


class Reader:
    """One mapping at one path; children share the list of what is wrong, `finish` raises it."""

    def __init__(self, data: object, path: str, wrong: dict[str, str] | None = None) -> None:
        self.path = path
        self.wrong: dict[str, str] = {} if wrong is None else wrong
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self.wrong[path] = "not_an_object"

    def finish(self) -> None:
        """Raise `Invalid` with a code for every field that was wrong, if any was."""
        if self.wrong:
            raise Invalid(**self.wrong)

    def fail(self, name: str, code: str) -> None:
        """Note that a field is wrong; the first finding stays."""
        self.wrong.setdefault(f"{self.path}.{name}", code)

    def only(self, names: Collection[str]) -> None:
        """Refuse fields outside `names`."""
        for name in self._data:
            if name not in names:
                self.fail(name, "unknown_field")

    def names_present(self) -> tuple[str, ...]:
        """Return the names that are present."""
        return tuple(self._data)

    def has(self, name: str) -> bool:
        """Tell whether a field is there and not null."""
        return self._data.get(name) is not None

    def child(self, name: str) -> Reader:
        """Return a reader of an object inside this one."""
        if name not in self._data:
            self.fail(name, "required")
            return Reader({}, f"{self.path}.{name}", self.wrong)
        return Reader(self._data[name], f"{self.path}.{name}", self.wrong)

    def plain(self, name: str) -> Mapping[str, Any]:
        """Return an object inside this one as it is."""
        value = self._data.get(name)
        if isinstance(value, Mapping):
            return value
        self.fail(name, "not_an_object")
        return {}

    def children(self, name: str) -> list[Reader]:
        """Return readers of a list of objects, `path.0` and on."""
        rows = self._data.get(name)
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            self.fail(name, "not_a_list")
            return []
        return [Reader(row, f"{self.path}.{name}.{number}", self.wrong) for number, row in enumerate(rows)]

    def integer(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number in `[low, high]`."""
        value = self._data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(name, "required" if value is None else "not_a_whole_number")
            return low
        if not low <= value <= high:
            self.fail(name, "out_of_range")
        return value

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            self.fail(name, "required" if value is None else "not_a_boolean")
        return value is True

    def text(self, name: str) -> str:
        """Return a non-empty text."""
        value = self._data.get(name)
        if not isinstance(value, str) or not value:
            self.fail(name, "required" if value is None else "not_a_text")
            return ""
        return value

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Return one name out of `allowed`."""
        value = self.text(name)
        if value and value not in allowed:
            self.fail(name, "unknown_name")
        return value

    def names(self, name: str, *, allowed: Collection[str]) -> frozenset[str]:
        """Return a set of names out of `allowed`; an absent list is empty."""
        values = self._data.get(name, ())
        if isinstance(values, str) or not isinstance(values, Collection):
            self.fail(name, "not_a_list")
            return frozenset()
        if not all(isinstance(value, str) and value in allowed for value in values):
            self.fail(name, "unknown_name")
        return frozenset(value for value in values if isinstance(value, str))

    def moment(self, name: str) -> datetime:
        """Return an aware UTC time from an RFC 3339 text or a datetime."""
        value = self._data.get(name)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = "malformed"
        if isinstance(value, datetime) and value.tzinfo is not None:
            with suppress(OverflowError):
                return value.astimezone(UTC)
        self.fail(name, "required" if value is None else "not_a_time")
        return datetime.min.replace(tzinfo=UTC)

    def sound(self) -> bool:
        """Tell whether nothing wrong was found so far at this path or below it."""
        return not any(name == self.path or name.startswith(f"{self.path}.") for name in self.wrong)

    def span(self, *, wraps: bool = False, beside: Collection[str] = ()) -> Span:
        """Return this object's `{from, to}` as a span of the day; only some may pass midnight or hold more fields."""
        self.only({"from", "to", *beside})
        start, end = self._clock("from"), self._clock("to")
        if start == end or (end < start and not wraps):
            self.fail("to", "not_after_from")
        return Span(start, end)

    def _clock(self, name: str) -> int:
        value = self._data.get(name)
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        minute = int(match[1]) * 60 + int(match[2]) if match else MINUTES_A_DAY + 1
        if minute > MINUTES_A_DAY:
            self.fail(name, "required" if value is None else "not_a_clock_time")
            return 0
        return minute
