"""The blind keys under which contacts are kept and found: roll identity, EPIC, addresses, names beside them, words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice

from services.domain.cipher import Cipher
from services.domain.sheets.people import PersonRow
from services.domain.text import tokens

PHONE_KINDS = frozenset({"mobile", "landline", "whatsapp"})
_MOST_WORDS = 12
_KEPT_WORDS = 1 << 16


@lru_cache(maxsize=1 << 14)
def _tokens(name: str) -> tuple[str, ...]:
    """The folded words of a name; sheets repeat names, so most are folded once."""
    return tuple(tokens(name))


@lru_cache(maxsize=1 << 14)
def _folded(name: str) -> str:
    """A name folded, its words in a fixed order."""
    return " ".join(sorted(_tokens(name)))


class ContactKeys:
    """Makes keys with the index key of the installation; equal input gives equal keys, nothing else does."""

    def __init__(self, cipher: Cipher) -> None:
        self._index = cipher.index
        self._word = lru_cache(maxsize=_KEPT_WORDS)(self._make_word)

    def address(self, kind: str, value: str) -> str:
        """Return the key of a phone (whatever it serves) or of a handle."""
        return self._index("phone" if kind in PHONE_KINDS else kind, value)

    def epic(self, number: str) -> str:
        """Return the key of an EPIC number as `read_epic` writes it."""
        return self._index("epic", number)

    def identities(self, person: PersonRow, part_id: str | None, *, of_roll: bool) -> tuple[str, ...]:
        """Return every key under which this person may be known already, the surest first.

        Roll identity (constituency, part, serial) as the roll itself tells it, EPIC, each number or handle with the
        name. Without any of these a name counts within its part, house and family. Of a serial that another sheet
        claims the key stands last: it finds whom the name agrees with, and never names anybody by itself.
        """
        found = []
        place = None if person.serial_no is None or part_id is None else f"{part_id}/{person.serial_no}"
        names = self.names(person.name, person.name_hi) or [""]
        if place is not None and of_roll:
            found.append(self._index("roll", place))
        if person.epic:
            found.append(self.epic(person.epic))
        if place is not None and not of_roll:
            found += self._claims(place, names)
        found += [self._index("known_by", f"{address.value}|{name}") for address in person.addresses for name in names]
        if not found:
            relative = " ".join(tokens(person.relative_name or ""))
            found.append(self._index("name", f"{part_id}|{names[0]}|{relative}|{person.house_no or ''}"))
        if place is not None and not of_roll:
            found.append(self._index("roll", place))
        return tuple(dict.fromkeys(found))

    def claims(self, person: PersonRow, part_id: str | None) -> list[str]:
        """Return the keys by which another sheet's serial and name mean this person."""
        if person.serial_no is None or part_id is None:
            return []
        return self._claims(f"{part_id}/{person.serial_no}", self.names(person.name, person.name_hi) or [""])

    def _claims(self, place: str, names: Iterable[str]) -> list[str]:
        return [self._index("claimed", f"{place}|{name}") for name in names]

    def apart(self, first: str, person: PersonRow) -> str:
        """Return the key of somebody who is another person than the one that has `first`: father and son, say."""
        return self._index("apart", f"{first}|{person.gender}|{person.age}")

    def names(self, *names: str | None) -> list[str]:
        """Return each name folded, its words in a fixed order; the same name in two scripts is one."""
        return [name for name in dict.fromkeys([_folded(name) for name in names if name]) if name]

    def words(self, area_id: str | None, names: Iterable[str | None]) -> tuple[str, ...]:
        """Return the keys of the words of names within one part, by which a search finds them."""
        scope = area_id or "-"
        words = dict.fromkeys(chain.from_iterable([_tokens(name) for name in names if name]))
        return tuple([self._word(scope, word) for word in islice(words, _MOST_WORDS)])

    def searched(self, area_ids: Sequence[str], word: str) -> list[str]:
        """Return the keys of one folded word in several parts."""
        return [self._word(area_id, word) for area_id in area_ids]

    def _make_word(self, scope: str, word: str) -> str:
        return self._index("word", f"{scope}|{word}")
