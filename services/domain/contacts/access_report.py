"""The report that a person gets about their own data, in words of their language (DPDP 2023 s.11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Words = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAddress:
    """A number or handle that is kept, on which basis and from where."""

    kind: str
    value: str
    basis: str
    source: str
    collected_on: str
    notice_version: str | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAttempt:
    """One time that the person was contacted, and what they said."""

    at: str
    campaign: str
    channel: str
    result: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTelling:
    """A fact that another source told otherwise."""

    field: str
    value: Any
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPerson:
    """All that is kept about one person; `fields` are those that campaigns added, by label."""

    contact_id: str
    facts: Mapping[str, Any]
    told_differently: Sequence[HeldTelling] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    addresses: Sequence[HeldAddress]
    sources: Sequence[str]
    attempts: Sequence[HeldAttempt]
    stopped: bool


def lines(people: Sequence[HeldPerson], words: Words, locale: str) -> Iterator[str]:
    """Yield the report line by line, as it may be read out or handed over."""

    def say(name: str) -> str:
        return str(words[name][locale])

    def named(name: str) -> str:
        return str(words["fields"].get(name, {}).get(locale, name))

    yield say("title")
    if not people:
        yield say("nothing")
    for number, person in enumerate(people, start=1):
        yield ""
        yield f"{say('person')} {number}"
        yield f"{say('facts')}: " + "; ".join(f"{named(name)}: {value}" for name, value in person.facts.items())
        if person.told_differently:
            beside = (f"{named(one.field)}: {one.value} ({one.source})" for one in person.told_differently)
            yield f"{say('told_differently')}: " + "; ".join(beside)
        if person.fields:
            yield f"{say('fields_of_campaigns')}: " + "; ".join(f"{name}: {v}" for name, v in person.fields.items())
        yield f"{say('addresses')}: " + "; ".join(_address(one, words, locale) for one in person.addresses)
        yield f"{say('sources')}: " + "; ".join(person.sources)
        yield f"{say('contacted')}:"
        for attempt in person.attempts:
            said = "; ".join(f"{named(name)}: {value}" for name, value in attempt.said.items())
            yield f"- {attempt.at}, {attempt.campaign}, {attempt.result}" + (f" ({said})" if said else "")
        if person.stopped:
            yield say("stopped")
    yield ""
    yield say("rights")


def _address(address: HeldAddress, words: Words, locale: str) -> str:
    basis = words["bases"].get(address.basis, {}).get(locale, address.basis)
    return f"{address.value} ({basis}, {address.source}, {address.collected_on})"
