"""What an entry of the audit trail says: a subject by kind and id, and facts without anybody's number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

Document = Mapping[str, Any]
# Ten digits as India writes mobile numbers, with or without the country's code; ids and times have none such.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\+?91[ -]?|0)?[6-9][0-9]{4}[ -]?[0-9]{5}(?![0-9A-Za-z])")
HIDDEN = "[number]"


class Disclosure(NamedTuple):
    """That one contact's data was shown or handed out; `contact_id` is empty where it was a file of many."""

    at: datetime
    action: str
    contact_id: str
    actor: str | None
    role: str | None
    session_id: str | None
    address: str | None
    request_id: str | None
    subject: str
    entry_id: str


class Subjects:
    """Gives every subject the form `kind:id`; kinds are the first words of actions, or what `audit.json` says."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._kinds: Mapping[str, str] = data["subjects"]
        self._whole = frozenset(data["whole"])
        self._all = sorted({*data["kinds"], *self._kinds.values()})

    def qualified(self, action: str, subject: str) -> str:
        """Return the subject of an action as it is kept."""
        kind, colon, rest = subject.partition(":")
        if colon:
            return f"{self._kinds.get(kind, kind)}:{rest}"
        if subject in self._whole:
            return subject
        verb = action.partition(".")[0]
        return f"{self._kinds.get(verb, verb)}:{subject}"

    def named(self, subject: str) -> Any:
        """Return the condition that finds a subject: by kind and id, or by the id alone whatever its kind."""
        kind, colon, rest = subject.partition(":")
        if colon:
            return f"{self._kinds.get(kind, kind)}:{rest}"
        return {"$in": [subject, *(f"{kind}:{subject}" for kind in self._all)]}


def scrubbed(value: Any) -> Any:
    """Return facts with whatever looks like a phone number taken out, should somebody have typed one into a reason."""
    if isinstance(value, str):
        return _NUMBER.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {name: scrubbed(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [scrubbed(inner) for inner in value]
    return value


def disclosures(entries: Sequence[Document]) -> Iterator[Disclosure]:
    """Give, for entries that tell of data shown or handed out, one line a contact; a file of many is one line."""
    told = [name for name in Disclosure._fields if name not in {"contact_id", "entry_id"}]
    for entry in entries:
        kind, _, key = entry["subject"].partition(":")
        facts: dict[str, Any] = {name: entry.get(name) for name in told}
        contacts = entry["facts"].get("contacts") or ([key] if kind == "contact" else [""])
        for contact_id in contacts:
            yield Disclosure(contact_id=contact_id, entry_id=entry["_id"], **facts)
