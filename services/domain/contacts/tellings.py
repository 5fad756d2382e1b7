"""What sources tell of one person, settled: the later telling holds, what another told differently stays beside it."""

from __future__ import annotations

from typing import Any

from services.domain.contacts.contacts import EDITED, OPEN_FACTS, SEALED_FACTS, UNKNOWN_GENDER, Also, Contact, Mention
from services.domain.sheets.people import PersonRow
from services.domain.text import fold

_MOST_ALSO = 40
_NAMES = frozenset({"name", "name_hi", "relative_name"})
# Facts that tell of one thing together: half of one person's beside half of another's would be nobody's.
TOGETHER = (("name", "name_hi"), ("relative_name", "relation"))


def settle_facts(contact: Contact, person: PersonRow, mention: Mention) -> dict[str, Any]:
    """Return the facts of a contact after a row told of them, those that are kept beside included."""
    settling = _Settling(contact, mention)
    for pair in TOGETHER:
        settling.take_pair(pair, {name: value for name in pair if (value := getattr(person, name))})
    for name in (*SEALED_FACTS, *OPEN_FACTS):
        told = getattr(person, name)
        if told is not None and told != UNKNOWN_GENDER:
            settling.take(name, told)
    also = tuple(settling.also[:_MOST_ALSO])
    return {"facts": settling.facts, "facts_from": settling.origin, "also": also, **settling.opened}


class _Settling:
    """The facts of a contact while those of a row are taken in one by one."""

    def __init__(self, contact: Contact, mention: Mention) -> None:
        self._contact = contact
        self._mention = mention
        self._first_source = contact.sources[0].source_id
        self.facts = dict(contact.facts)
        self.origin = dict(contact.facts_from)
        self.also = list(contact.also)
        self.opened: dict[str, Any] = {}
        self._settled: set[str] = set()

    def take_pair(self, pair: tuple[str, str], told: dict[str, str]) -> None:
        """Settle two facts as one where something else is told by them; else each stands by itself."""
        first = pair[0]
        known = {name: self.facts[name] for name in pair if name in self.facts}
        if first not in known or first not in told or _agree(pair, known, told):
            return
        self._settled.update(pair)
        if self._is_beside(first, told[first]):
            return
        source_of_known = self._source_of(first)
        if not self._is_later_than(source_of_known):
            self.also += [Also(name, value, self._mention.source_id) for name, value in told.items()]
            return
        self.also += [Also(name, value, self.origin.get(name, source_of_known)) for name, value in known.items()]
        for name in pair:
            self.facts.pop(name, None)
            self.origin.pop(name, None)
        for name, value in told.items():
            self._keep(name, value)

    def take(self, name: str, told: Any) -> None:
        """Settle one fact: it is the known value from now on, or stays beside it, or was known."""
        if name in self._settled:
            return
        known = self.facts.get(name) if name in SEALED_FACTS else getattr(self._contact, name)
        if known is None or known == UNKNOWN_GENDER:
            self._keep(name, told)
        elif same_fact(name, known, told):
            other_script = name == "name" and told.isascii() != known.isascii()
            if other_script and not told.isascii() and "name_hi" not in self.facts:
                self._keep("name_hi", told)
        elif not self._is_beside(name, told):
            source_of_known = self._source_of(name)
            if self._is_later_than(source_of_known):
                self.also.append(Also(name, known, source_of_known))
                self._keep(name, told)
            else:
                self.also.append(Also(name, told, self._mention.source_id))

    def _keep(self, name: str, told: Any) -> None:
        if name in SEALED_FACTS:
            self.facts[name] = told
        else:
            self.opened[name] = told
        if self._mention.source_id != self._first_source:
            self.origin[name] = self._mention.source_id

    def _is_beside(self, name: str, told: Any) -> bool:
        return any(one.field == name and same_fact(name, one.value, told) for one in self.also)

    def _source_of(self, name: str) -> str:
        return self.origin.get(name, self._first_source)

    def _is_later_than(self, source_id: str) -> bool:
        if source_id.startswith(EDITED):
            return self._mention.on > source_id.removeprefix(EDITED)
        mentions = self._contact.sources
        return self._mention.on > max((one.on for one in mentions if one.source_id == source_id), default="")


def _agree(pair: tuple[str, str], known: dict[str, str], told: dict[str, str]) -> bool:
    """Tell whether both tell of the same: a name in either script, a relative by the name alone."""
    first = pair[0]
    if pair == TOGETHER[0]:
        return any(same_fact(first, one, other) for one in known.values() for other in told.values())
    return same_fact(first, known[first], told[first])


def same_fact(name: str, known: Any, told: Any) -> bool:
    """Tell whether two tellings of a fact are the same: names in either script, other texts in any case."""
    if known == told:
        return True
    if name not in _NAMES:
        return isinstance(known, str) and isinstance(told, str) and known.casefold() == told.casefold()
    return fold(known) == fold(told)
