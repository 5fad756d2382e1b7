"""Finding contacts: part by part, by name, relative or house in either script, or by an exact number or EPIC."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.domain.contacts.contacts import ERASED, MERGED, RETIRED, Contact
from services.domain.contacts.keys import ContactKeys
from services.domain.errors import Invalid
from services.domain.identifiers.handles import normalise_handle
from services.domain.identifiers.phones import parse_phones
from services.domain.paging import Page, PageRequest, page_of
from services.domain.sheets.cells import CellRefused, read_epic
from services.domain.sheets.row_addresses import HANDLES
from services.domain.text import tokens
from services.store.contacts.contacts import ContactStore

# Parts that hold little are asked for many at a time, those that hold much one by one; a word is in few of a part.
_FIRST_WINDOW = 1
_FIRST_OF_WORD = 16
_MOST_WINDOWS = 8
_ROOM = 4
_NOBODY = frozenset({ERASED, MERGED, RETIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which contacts: in these parts (in the order of their ids), of this name or number, house, relative, tag.

    `anywhere` lets an exact number find people of no part as well; `keep` picks from contacts that were read together.
    """

    parts: Sequence[str]
    text: str | None = None
    house: str | None = None
    relative: str | None = None
    tag: str | None = None
    quarantined: bool | None = None
    anywhere: bool = False
    keep: Callable[[Sequence[Contact]], Sequence[Contact]] = tuple


class ContactSearch:
    """Answers pages whose cost depends on the parts that they walk through, not on how many contacts there are."""

    def __init__(self, store: ContactStore, keys: ContactKeys) -> None:
        self._store = store
        self._keys = keys

    def page(self, wanted: Wanted, page: PageRequest) -> Page[Contact]:
        """Return a page in the order of part and id; it may be short, or empty, with a cursor to go on from."""
        exact = self._exact_keys(wanted.text) if wanted.text else []
        if exact:
            return self._exact(wanted, exact, page)
        words = tokens(wanted.text)[:4] if wanted.text else []
        if wanted.text and not words:
            return Page([])
        # The longest word is the rarest as a rule.
        rarest = max(words, key=len) if words else None
        return self._walk(wanted, page, rarest, self._test(wanted, words))

    def _exact_keys(self, text: str) -> list[str]:
        """Return the keys under which this very number, handle or EPIC would be kept; none if it reads as a name."""
        phones = parse_phones(text)
        if phones.numbers and not phones.problems:
            return [self._keys.address(phone.kind, phone.e164) for phone in phones.numbers]
        try:
            return [self._keys.epic(read_epic(text))]
        except CellRefused:
            pass
        if text.startswith("@"):
            handles = ((platform, normalise_handle(platform, text)) for platform in HANDLES)
            return [self._keys.address(platform, handle) for platform, handle in handles if handle]
        return []

    def _exact(self, wanted: Wanted, keys: Sequence[str], page: PageRequest) -> Page[Contact]:
        parts = set(wanted.parts)
        test = self._test(wanted, [])
        reached = [one for one in self._store.with_keys(keys) if wanted.anywhere or one.place.part_id in parts]
        found = sorted(wanted.keep([one for one in reached if test(one)]), key=_order)
        after = _after(page)
        later = [one for one in found if after is None or _order(one) > after]
        return page_of(later[: page.limit + 1], page, _order)

    def _walk(
        self, wanted: Wanted, page: PageRequest, word: str | None, test: Callable[[Contact], bool]
    ) -> Page[Contact]:
        after = _after(page)
        at = bisect_left(wanted.parts, after[0]) if after else 0
        found: list[Contact] = []
        first = size = _FIRST_OF_WORD if word else _FIRST_WINDOW
        for _ in range(_MOST_WINDOWS):
            parts = wanted.parts[at : at + size]
            if not parts or len(found) > page.limit:
                break
            room = page.limit + 1 - len(found)
            # One more than fits tells that there is more; what a further word or tag rules out needs room as well.
            limit = room * _ROOM
            some = self._read(parts, word, after=after, limit=limit)
            found += wanted.keep([one for one in some if test(one)])
            if len(some) == limit:
                # The window holds more than was read: the page ends where reading ended.
                return _cut(found, page, last=_order(some[-1]))
            at += len(parts)
            after = None
            size = size * 2 if len(some) <= room else first
        if len(found) > page.limit:
            return page_of(found[: page.limit + 1], page, _order)
        if at < len(wanted.parts):
            return _cut(found, page, last=(wanted.parts[at - 1], "~"))
        return Page(found)

    def _read(
        self, parts: Sequence[str], word: str | None, *, after: tuple[str, str] | None, limit: int
    ) -> list[Contact]:
        if word is None:
            inside = after[1] if after is not None and parts[0] == after[0] else None
            return self._store.window(parts, after=inside, limit=limit)
        return self._store.named(self._keys.searched(parts, word), after=after, limit=limit)

    def _test(self, wanted: Wanted, words: Sequence[str]) -> Callable[[Contact], bool]:
        asked = {
            name: set(tokens(text))
            for name, text in (("house_no", wanted.house), ("relative_name", wanted.relative))
            if text is not None
        }

        def test(contact: Contact) -> bool:
            if any(not told <= set(tokens(contact.facts.get(name, ""))) for name, told in asked.items()):
                return False
            if contact.state in _NOBODY or (wanted.tag is not None and wanted.tag not in contact.tags):
                return False
            waiting = any(address.state == "quarantined" for address in contact.addresses)
            if wanted.quarantined is not None and waiting != wanted.quarantined:
                return False
            keys = set(contact.keys) if words else set()
            part = contact.place.part_id or ""
            return all(self._keys.searched([part], word)[0] in keys for word in words)

        return test


def _order(contact: Contact) -> tuple[str, str]:
    return contact.place.part_id or "", contact.id


def _after(page: PageRequest) -> tuple[str, str] | None:
    if page.after is None:
        return None
    if len(page.after) != 2 or not all(isinstance(part, str) for part in page.after):  # noqa: PLR2004
        raise Invalid(cursor="cursor_invalid")
    return page.after[0], page.after[1]


def _cut(found: Sequence[Contact], page: PageRequest, *, last: tuple[str, str]) -> Page[Contact]:
    """A page that ends before the list does: at its limit, or at the place that was read last."""
    if len(found) > page.limit:
        return page_of(found[: page.limit + 1], page, _order)
    return Page(found, page_of([last, last], PageRequest(limit=1), lambda place: place).next_cursor)
