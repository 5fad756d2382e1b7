"""The filter of an audience: conditions that all must hold, on places, roll fields, tags, reach, standing and outcomes.

There is no condition on how somebody means to vote. What a person told of their support can only keep them out, and
only so that those who oppose go first: a filter that leaves opponents and takes supporters away would find opponents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.domain.identifiers.channels import serves

Document = Mapping[str, Any]
Filter = Mapping[str, Any]
STATES = ("open", "done")
# What a filter of places alone may hold: its figures come from tallies.
_PLACES = frozenset({"areas", "exclude_areas"})
_OPPOSED = (4, 5)
# Fields of stored contacts and targets that filters ask about.
CONTACT_FIELDS = ("age", "gender", "language", "tags", "serial_no", "sources", "addresses", "state")
TARGET_FIELDS = ("state", "total", "last_at", "last_disposition", "batch_id", "callback_at", "marks", "results")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may belong: stored contact and target, and what was opened of them where the filter needs it."""

    contact: Document
    target: Document
    support: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def of_places_alone(wanted: Filter) -> bool:
    """Tell whether a filter asks about places only."""
    return _PLACES.issuperset(wanted)


def covers(wanted: Filter, path: Collection[str]) -> bool:
    """Tell whether a place, given with all above it, lies in a filter's places."""
    areas, excluded = wanted.get("areas"), wanted.get("exclude_areas") or ()
    inside = not areas or not set(areas).isdisjoint(path)
    return inside and set(excluded).isdisjoint(path)


def selects_opponents(excluded: Collection[int]) -> bool:
    """Tell whether leaving out these degrees of support would leave opponents where others are left out."""
    return bool(excluded) and any(degree not in excluded for degree in _least(excluded))


def _least(excluded: Collection[int]) -> Sequence[int]:
    return (5,) if set(excluded) <= {5} else _OPPOSED


def belongs(wanted: Filter, candidate: Candidate) -> bool:
    """Tell whether somebody meets every condition of a filter, those of place left to `covers`."""
    return all(_CONDITIONS[name](value, candidate) for name, value in wanted.items() if name in _CONDITIONS)


def _between(value: int | None, bounds: Mapping[str, int]) -> bool:
    return value is not None and bounds.get("from", value) <= value <= bounds.get("to", value)


def _sets(held: Collection[Any], asked: Mapping[str, Sequence[Any]]) -> bool:
    """Tell whether something holds any, all and none of what is asked, as far as it is asked."""
    any_of, all_of, none_of = (asked.get(name) or () for name in ("any", "all", "none"))
    return (
        (not any_of or any(one in held for one in any_of))
        and all(one in held for one in all_of)
        and (all(one not in held for one in none_of))
    )


def _channels(contact: Document, channels: Collection[str]) -> set[str]:
    """Return those of some channels that a person has a usable address for; suppressions are the funnel's to say."""
    usable = [one for one in contact["addresses"] if one["state"] == "ok"]
    return {
        channel
        for channel in channels
        if any(serves(one["kind"], channel) and channel not in (one.get("dead_channels") or ()) for one in usable)
    }


def _reach(asked: Mapping[str, Sequence[str]], candidate: Candidate) -> bool:
    named = {channel for channels in asked.values() for channel in channels}
    return _sets(_channels(candidate.contact, named), asked)


def _sources(asked: Sequence[str], candidate: Candidate) -> bool:
    told = candidate.contact.get("sources") or ()
    return any(one["source_id"] in asked or one["import_id"] in asked for one in told)


def _standing(asked: Mapping[str, Any], candidate: Candidate) -> bool:
    target = candidate.target
    last_at: datetime | None = target.get("last_at")
    checks: Mapping[str, Callable[[Any], bool]] = {
        "state": lambda state: target.get("state", "open") == state,
        "attempts": lambda bounds: _between(target.get("total") or 0, bounds),
        "planned": lambda planned: (target.get("batch_id") is not None) is planned,
        "callback": lambda agreed: (target.get("callback_at") is not None) is agreed,
        "last_attempt_before": lambda moment: last_at is not None and last_at < moment,
        "last_attempt_after": lambda moment: last_at is not None and last_at >= moment,
    }
    return all(checks[name](value) for name, value in asked.items())


def _outcomes(asked: Mapping[str, Sequence[str]], candidate: Candidate) -> bool:
    target = candidate.target
    ever = {mark["disposition"] for mark in target.get("marks") or ()}
    result = (target.get("results") or {}).get("all")
    checks: Mapping[str, Callable[[Sequence[str]], bool]] = {
        "last": lambda names: target.get("last_disposition") in names,
        "ever": lambda names: not ever.isdisjoint(names),
        "never": ever.isdisjoint,
        "result": lambda names: result in names,
    }
    return all(checks[name](names) for name, names in asked.items())


def _custom(asked: Mapping[str, Mapping[str, Any]], candidate: Candidate) -> bool:
    return all(_holds(candidate.fields.get(name), condition) for name, condition in asked.items())


def _holds(value: Any, condition: Mapping[str, Any]) -> bool:
    if "is" in condition and value not in condition["is"]:
        return False
    if "known" in condition and (value is not None) is not condition["known"]:
        return False
    bounds = {name: condition[name] for name in ("from", "to") if name in condition}
    if not bounds:
        return True
    # Days are kept as ISO texts, which sort as days do.
    return value is not None and bounds.get("from", value) <= value <= bounds.get("to", value)


_CONDITIONS: Mapping[str, Callable[[Any, Candidate], bool]] = {
    "age": lambda asked, one: _between(one.contact.get("age"), asked),
    "gender": lambda asked, one: one.contact.get("gender") in asked,
    "language": lambda asked, one: one.contact.get("language") in asked,
    "serial_no": lambda asked, one: _between(one.contact.get("serial_no"), asked),
    "tags": lambda asked, one: _sets(one.contact.get("tags") or (), asked),
    "reach": _reach,
    "sources": _sources,
    "standing": _standing,
    "outcomes": _outcomes,
    "exclude_support": lambda asked, one: one.support not in asked,
    "fields": _custom,
}
