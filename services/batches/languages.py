"""People whom their caller could not speak with: they go on to somebody who has their language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.campaigns.rulebook import Ruling
from services.domain.batches.batches import NORMAL, Origin, carried, make_batch, target_ids
from services.domain.outcomes.dispositions import Catalogue, next_at
from services.store.batches.batches import BatchStore
from services.store.batches.target_marks import TargetMarkStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.effects import ContactEffectStore
from services.store.people.users import UserStore

Document = dict[str, Any]
_EFFECT = "language"


class LanguageHandover:
    """Puts such items into the pool of their place, for volunteers of one language, when the next try is due."""

    def __init__(
        self,
        *,
        batches: BatchStore,
        marks: TargetMarkStore,
        users: UserStore,
        contacts: ContactStore,
        effects: ContactEffectStore,
        catalogue: Catalogue,
    ) -> None:
        self._batches = batches
        self._marks = marks
        self._users = users
        self._contacts = contacts
        self._effects = effects
        self._catalogue = catalogue

    def pass_on(self, outcomes: Sequence[Document], rulings: Mapping[str, Ruling]) -> None:
        """Pass on what these outcomes were told of; the same batches are made however often it is done.

        The batch goes first and waits: its targets are moved before anybody can claim it. Whose language is not
        known is left to the next plan.
        """
        barred = [one for one in outcomes if one["status"] == "stored" and self._is_barrier(one["disposition"])]
        if not barred:
            return
        batches = self._batches.by_ids([one["batch_id"] for one in barred])
        people = self._contacts.by_ids([contact for one in barred for contact in one["contact_ids"]])
        callers = self._users.by_ids([one["user_id"] for one in barred])
        for outcome in barred:
            batch = batches[outcome["batch_id"]]
            item = next(item for item in batch["items"] if item["id"] == outcome["item_id"])
            known = {one.language for key, one in people.items() if key in outcome["contact_ids"] and one.language}
            caller = callers.get(outcome["user_id"])
            spoken = set(caller.languages) if caller else set()
            language = outcome.get("language") or next(iter(sorted(known - spoken)), None)
            # A later correction may have made something else of the item.
            if language is not None and item["state"] == "done" and self._is_barrier(item["last_disposition"]):
                self._pass(batch, item, outcome, language, self._due(outcome, rulings[outcome["campaign_id"]]))

    def _pass(self, batch: Document, item: Document, outcome: Document, language: str, due: datetime) -> None:
        origin = Origin(
            run_id=f"{batch['_id']}/language-{outcome['_id']}",
            number=0,
            campaign_id=batch["campaign_id"],
            channel=batch["channel"],
            created_by=batch["created_by"],
            at=outcome["received_at"],
        )
        made = make_batch(origin, [carried(item)]) | {
            "parent_id": batch["_id"],
            "plan_id": batch["plan_id"],
            "pool_districts": batch["pool_districts"],
            "priority": batch.get("priority") or NORMAL,
            "languages": [language],
            "pool_from": due,
        }
        self._batches.insert_new([made])
        self._marks.move(target_ids(batch, [item]), from_batch=batch["_id"], to_batch=made["_id"])
        if outcome.get("language"):
            self._effects.note_language(outcome["contact_ids"], language)

    def _due(self, outcome: Document, ruling: Ruling) -> datetime:
        at = outcome["occurred_at"]
        rules = ruling.rules_at(at).at(outcome["part_id"], outcome["constituency_id"])
        found = next_at(self._catalogue.by_name[outcome["disposition"]], occurred_at=at, rules=rules)
        return found if found is not None else at + rules.caps.cooldown

    def _is_barrier(self, disposition: str | None) -> bool:
        row = self._catalogue.find(disposition or "")
        return row is not None and _EFFECT in row.effects
