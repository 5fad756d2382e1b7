"""Custom fields: what a campaign keeps of its people beyond the roll, each of one type, none of a forbidden topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.audiences.tag_rules import TagRules
from services.contacts.contacts import Contacts
from services.domain.contacts.custom_fields import KINDS, CustomValues, wrong_value
from services.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from services.domain.ist import IST
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.audiences.custom_fields import CustomFieldStore
from services.store.campaigns.campaigns import CampaignStore

__all__ = ["KINDS", "CustomFields"]

Document = dict[str, Any]
MOST_FIELDS = 50
_TRIES = 5


class CustomFields:
    """Defined by headquarters, filled by whoever may correct the contact; kept sealed beside the person's standing."""

    def __init__(
        self,
        *,
        store: CustomFieldStore,
        campaigns: CampaignStore,
        contacts: Contacts,
        rules: TagRules,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._campaigns = campaigns
        self._contacts = contacts
        self._rules = rules
        self._audit = audit
        self._clock = clock

    def list_all(self, campaign_id: str) -> list[Document]:
        """Return the fields of a campaign; raise NotFound for no such campaign."""
        self._campaigns.get(campaign_id)
        return self._store.of_campaign(campaign_id)

    def define(self, actor: Actor, campaign_id: str, facts: Mapping[str, Any]) -> Document:
        """Define a field; raise Invalid for a forbidden topic, Conflict where the name is taken or there are enough."""
        self._campaigns.get(campaign_id)
        topic = self._rules.topic_of(facts["name"].replace("_", " "))
        wrong = {"name": f"forbidden_{topic}"} if topic else {}
        for language, label in facts["label"].items():
            if topic := self._rules.topic_of(label):
                wrong[f"label.{language}"] = f"forbidden_{topic}"
        options = facts["options"] or []
        if (facts["kind"] == "choice") is not bool(options):
            wrong["options"] = "required" if facts["kind"] == "choice" else "invalid"
        for option in options:
            if topic := self._rules.topic_of(option):
                wrong["options"] = f"forbidden_{topic}"
        if wrong:
            raise Invalid(**wrong)
        if len(self._store.of_campaign(campaign_id)) >= MOST_FIELDS:
            raise Conflict("state_conflict")
        named = {name: facts[name] for name in ("name", "label", "kind")}
        field = {**named, "options": list(options), "created_by": actor.user_id, "created_at": self._clock.now()}
        if not self._store.insert_once(campaign_id, field):
            raise Conflict("duplicate")
        self._audit.record(actor, "field.define", subject=f"campaign:{campaign_id}", name=facts["name"])
        return field

    def values(self, actor: Actor, contact_id: str, *, campaign_id: str) -> CustomValues:
        """Return what is known of a person by field; raise NotFound for one out of reach."""
        self._contacts.get(actor, contact_id)
        known = self._store.values(campaign_id, contact_id)
        return known[0] if known else CustomValues()

    def fill(self, actor: Actor, contact_id: str, *, campaign_id: str, values: Mapping[str, Any]) -> CustomValues:
        """Change what is known of a person (None takes a field away).

        Raises Invalid for a value of another type, NotFound for somebody out of reach or not enrolled.
        """
        self._contacts.get(actor, contact_id)
        known = {one["name"]: one for one in self._store.of_campaign(campaign_id)}
        wrong = {
            f"values.{name}": code
            for name, value in values.items()
            if (code := wrong_value(known.get(name), value)) is not None
        }
        if wrong:
            raise Invalid(**wrong)
        for _ in range(_TRIES):
            known_now = self._store.values(campaign_id, contact_id)
            if known_now is None:
                raise NotFound
            before, rev = known_now
            now = self._clock.now()
            after = before.edited(values, now.astimezone(IST).date())
            if self._store.replace_values(campaign_id, contact_id, after, rev=rev, at=now):
                self._audit.record(actor, "contact.fields", subject=contact_id, fields=sorted(values))
                return after
        raise StaleVersion

    def wrong_with(self, campaign_id: str, asked: Mapping[str, Mapping[str, Any]], *, path: str) -> dict[str, str]:
        """Return codes by path for conditions on fields that are not there or cannot be met."""
        if not asked:
            return {}
        known = {one["name"]: one for one in self._store.of_campaign(campaign_id)}
        wrong: dict[str, str] = {}
        for name, condition in asked.items():
            if name not in known:
                topic = self._rules.topic_of(name.replace("_", " "))
                wrong[f"{path}.{name}"] = f"forbidden_{topic}" if topic else "unknown_field"
                continue
            bounds = [condition[side] for side in ("from", "to") if side in condition]
            if bounds and known[name]["kind"] not in {"number", "date"}:
                wrong[f"{path}.{name}"] = "invalid"
            for value in [*bounds, *condition.get("is", ())]:
                if code := wrong_value(known[name], value):
                    wrong[f"{path}.{name}"] = code
            if f"{path}.{name}" not in wrong and len(bounds) == len(("from", "to")) and bounds[0] > bounds[1]:
                wrong[f"{path}.{name}"] = "before_from"
        return wrong
