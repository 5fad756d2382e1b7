"""A contact: one person with their facts, addresses, sources and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ACTIVE, ERASED, MERGED = "active", "erased", "merged"
# Somebody of no roll of whom nothing need be kept any more; the next sheet that tells of them brings them back.
RETIRED = "retired"
# Facts that are kept sealed, each a text.
SEALED_FACTS = ("name", "name_hi", "relative_name", "relation", "house_no", "section", "epic", "home_address")
# Facts that lie open beside them.
OPEN_FACTS = ("gender", "age", "language")
UNKNOWN_GENDER = "unknown"
# Why an address is not used: the person took their consent back.
WITHDRAWN = "withdrawn"
# Before the day: the source of a fact that somebody here has corrected.
EDITED = "edited-"


class Place(NamedTuple):
    """Where a contact belongs, as far as it is known."""

    state_id: str | None = None
    district_id: str | None = None
    constituency_id: str | None = None
    part_id: str | None = None


NOWHERE = Place()


class Also(NamedTuple):
    """A fact that another source told differently."""

    field: str
    value: Any
    source_id: str


class Mention(NamedTuple):
    """A row that made or changed the contact; `on` is when its source was collected, `group` its list."""

    source_id: str
    import_id: str
    line: int
    on: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAddress:
    """What a channel reaches the person by. `why` tells what keeps a quarantined one from use.

    `dead_by` is the outcome that ended it or one of its channels: when that is taken back, it lives again.
    """

    key: str
    kind: str
    value: str
    basis: str
    source_id: str
    collected_on: str
    notice_version: str | None = None
    state: str = "ok"
    why: str | None = None
    dead_channels: tuple[str, ...] = ()
    dead_by: str | None = None
    preferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One person. `keys` are all blind keys that lead to them, `stripped` those of addresses that opted out before.

    `facts_from` names the source of a fact that is not the first source's; `roll_group` the roll that has the person.
    `merged_into` is the contact that one who is `merged` was found to be, `merges` what each of such brought.
    """

    id: str
    place: Place = NOWHERE
    serial_no: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    facts_from: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Also, ...] = ()
    addresses: tuple[ContactAddress, ...] = ()
    gender: str = UNKNOWN_GENDER
    age: int | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    stripped: tuple[str, ...] = ()
    sources: tuple[Mention, ...] = ()
    roll_group: str | None = None
    touches: tuple[Mapping[str, Any], ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()
    state: str = ACTIVE
    merged_into: str | None = None
    merges: tuple[Mapping[str, Any], ...] = ()
    version: int = 1

    def address_keys(self) -> list[str]:
        """Return the keys of all addresses, usable or not."""
        return [address.key for address in self.addresses]

    def told_by(self, import_id: str, line: int) -> str | None:
        """Tell what a row did to this contact: `created`, `updated`, or None for nothing."""
        for at, mention in enumerate(self.sources):
            if mention.import_id == import_id and mention.line == line:
                return "updated" if at else "created"
        return None
