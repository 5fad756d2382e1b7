"""Rules in layers: the file's defaults, then the state's changes, then a campaign's, each in force from its own time.

A change keeps only what it changes. So what the state sets reaches a campaign that says nothing about it, and a change
that begins later takes nothing back that another has set meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.domain.rules.rules import FIELDS, Rules, merge
from services.domain.wire_time import utc_text

Document = dict[str, Any]
Data = Mapping[str, Any]
_ENDS = frozenset({"from", "to"})
_RETRY = "retry"


class Change(NamedTuple):
    """One version of a layer: what it lays over the versions before it, and from when."""

    id: str
    version: int
    starts_at: datetime
    override: Data


Layer = Sequence[Change]


def live_changes(entries: Sequence[Document]) -> tuple[Change, ...]:
    """Return the changes among stored versions that nobody has to approve any more."""
    live = (entry for entry in entries if entry["state"] == "live")
    return tuple(Change(entry["id"], entry["version"], entry["starts_at"], entry["override"]) for entry in live)


def timeline(defaults: Data, *layers: Layer) -> tuple[Rules, ...]:
    """Return the rules from the defaults on, one for each time at which they change; raise Invalid if any is wrong.

    A later layer beats an earlier one. The version is the last layer's: the one that answers by these rules.
    """
    starts = sorted({change.starts_at for layer in layers for change in layer})
    return (Rules.parse(defaults), *(_in_force(defaults, layers, moment) for moment in starts))


def _in_force(defaults: Data, layers: Sequence[Layer], moment: datetime) -> Rules:
    data, version = dict(defaults), defaults["version"]
    for layer in layers:
        begun = sorted((change for change in layer if change.starts_at <= moment), key=_order)
        override: Document = {}
        for change in begun:
            override = laid_over(override, change.override)
        data = merge(data, override)
        version = max((change.version for change in begun), default=defaults["version"])
    return Rules.parse({**data, "version": version, "effective_from": utc_text(moment)})


def _order(change: Change) -> tuple[datetime, int]:
    return change.starts_at, change.version


def laid_over(below: Data, above: Data, *, retries: bool = False) -> Document:
    """Lay one override over another; `null` takes back what was set, so that it is inherited again.

    Only among retries it stays: there it says that a result is not tried again by a rule of its own.
    """
    found = dict(below)
    for name, value in above.items():
        old = found.get(name)
        if value is None and not retries:
            found.pop(name, None)
        elif isinstance(value, Mapping):
            found[name] = laid_over(old if isinstance(old, Mapping) else {}, value, retries=name == _RETRY)
        else:
            found[name] = value
    return found


def changed_by(current: Data, wanted: Data, *, within: str = "") -> Document:
    """Return what of `wanted` differs from the rules as they are: who sends all fields back changes one.

    The two ends of a span stay together, and so does a retry: a half of either means nothing on other rules below.
    """
    found: Document = {}
    for name, value in wanted.items():
        old = current.get(name)
        if not isinstance(value, Mapping) or not isinstance(old, Mapping):
            if value is None or value != old:
                found[name] = value
            continue
        inner = changed_by(old, value, within=name)
        if within == _RETRY and inner:
            inner = {**old, **value}
        elif _ENDS & inner.keys():
            inner |= {end: value.get(end, old.get(end)) for end in _ENDS}
        if inner:
            found[name] = inner
    return found


def unknown_fields(override: Data, shown: frozenset[str]) -> dict[str, str]:
    """Return, by path, the fields of an override that rules do not have and answers do not show."""
    return {f"rules.{name}": "unknown_field" for name in override if name not in FIELDS and name not in shown}


def misplaced_nulls(override: Data) -> dict[str, str]:
    """Return, by path, the nulls of an override that give nothing back: half of a span, or one of several caps.

    A whole field may be given back, everything of an area, a retry, and the silence of one channel.
    """
    return {f"rules.{'.'.join(path)}": "required" for path in _nulls(override, ()) if not _may_be_null(path)}


def _nulls(data: Data, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in data.items():
        if value is None:
            yield (*above, name)
        elif isinstance(value, Mapping):
            yield from _nulls(value, (*above, name))


def _may_be_null(path: tuple[str, ...]) -> bool:
    inside = path[2:] if path[0] == "areas" else path
    return len(inside) <= 1 or (len(inside) == 2 and inside[0] in {_RETRY, "silence_hours"})  # noqa: PLR2004
