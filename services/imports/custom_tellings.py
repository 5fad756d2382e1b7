"""What rows tell for a campaign's own fields: counted with the rows, kept sealed with the people's standing."""

from __future__ import annotations

from collections.abc import Sequence

from services.domain.batches.batches import target_id
from services.domain.contacts.custom_fields import CustomValues, Teller
from services.domain.contacts.matching import CREATED, DUPLICATES, UPDATED, Matched, Matcher
from services.domain.errors import Unavailable
from services.store.audiences.custom_fields import CustomFieldStore

_TRIES = 5


class CustomTellings:
    """A row that adds nothing but such a value counts as updated, and its person remembers the row for it."""

    def __init__(self, store: CustomFieldStore) -> None:
        self._store = store

    def counted(
        self, matcher: Matcher, matched: Sequence[Matched], *, campaign_id: str | None, seats: frozenset[str]
    ) -> list[Matched]:
        """Return how the rows count when what they tell of the fields is looked at too; told again they count alike."""
        telling = _telling(matcher, matched, seats) if campaign_id else []
        if not telling:
            return list(matched)
        known = self._known(str(campaign_id), telling)
        changed: set[int] = set()
        for at, one in telling:
            before = known.get(one.contact_id or "", CustomValues())
            after = before.with_row(*_told(one))
            known[one.contact_id or ""] = after
            if after is not before and one.kind == DUPLICATES:
                changed.add(at)
        return [matcher.remember(one) if at in changed else one for at, one in enumerate(matched)]

    def keep(
        self,
        matcher: Matcher,
        matched: Sequence[Matched],
        *,
        campaign_id: str,
        seats: frozenset[str],
        import_id: str,
    ) -> None:
        """Write what the rows tell of people who are enrolled; done again after a kill it changes nothing."""
        telling = _telling(matcher, matched, seats)
        for _ in range(_TRIES if telling else 0):
            wanted = [target_id(campaign_id, one.contact_id or "") for _, one in telling]
            read = self._store.of_targets(wanted)
            after = {key: values for key, (values, _) in read.items()}
            for key, (_, one) in zip(wanted, telling, strict=True):
                if key in after:
                    after[key] = after[key].with_row(*_told(one))
            changes = {
                key: (before, after[key], rev) for key, (before, rev) in read.items() if after[key] is not before
            }
            if not changes:
                return
            self._store.replace_many(changes, undo=import_id)
        if telling:
            raise Unavailable("database_unavailable")

    def _known(self, campaign_id: str, telling: Sequence[tuple[int, Matched]]) -> dict[str, CustomValues]:
        people = dict.fromkeys(one.contact_id or "" for _, one in telling)
        read = self._store.of_targets(target_id(campaign_id, person) for person in people)
        return {person: read[key][0] for person in people if (key := target_id(campaign_id, person)) in read}


def _telling(matcher: Matcher, matched: Sequence[Matched], seats: frozenset[str]) -> list[tuple[int, Matched]]:
    """The rows that tell of a field, as far as the campaign may keep it: of its own people who have not opted out."""
    found = []
    for at, one in enumerate(matched):
        if one.row.person.custom and one.contact_id is not None and one.kind in {CREATED, UPDATED, DUPLICATES}:
            place = matcher.get(one.contact_id).place
            if place.part_id is not None and place.constituency_id in seats:
                found.append((at, one))
    return found


def _told(one: Matched) -> tuple[dict[str, object], Teller]:
    mention = one.row.mention
    return dict(one.row.person.custom or {}), Teller(mention.source_id, mention.on)
