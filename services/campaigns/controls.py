"""Poll hours, the Model Code and kill switches: set by headquarters, true for all from the next request on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.campaigns.places import Places
from services.domain.errors import Conflict, Invalid, StaleVersion
from services.domain.ids import new_id
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.campaigns.campaigns import CampaignStore
from services.store.campaigns.controls import ControlStore, version_of

Document = dict[str, Any]
# Whose phones are to hear of a change: a campaign's, or with None all.
Changed = Callable[[Document | None], None]
_POLLING = frozenset({"constituency", "part"})


class StateControls:
    """Read and set what holds for the whole state."""

    def __init__(
        self,
        *,
        store: ControlStore,
        campaigns: CampaignStore,
        places: Places,
        audit: Audit,
        clock: Clock,
        changed: Changed,
    ) -> None:
        self._store = store
        self._campaigns = campaigns
        self._places = places
        self._audit = audit
        self._clock = clock
        self._changed = changed

    def poll(self, area_id: str) -> Document:
        """Return the poll hours that hold in a place (a part's own beat its constituency's), null while unannounced."""
        area = self._places.get(area_id)
        document = self._store.read()
        known = [place for place in reversed(area.path) if document["polls"].get(place)]
        hours = document["polls"][known[0]] if known else {"opens_at": None, "closes_at": None}
        version = version_of(document, f"polls.{area_id}")
        return {**hours, "area_id": area_id, "set_on": known[0] if known else None, "version": version}

    def set_poll(
        self,
        actor: Actor,
        area_id: str,
        *,
        opens_at: datetime | None,
        closes_at: datetime | None,
        version: int | None,
    ) -> Document:
        """Set or, with two nulls, withdraw the poll hours of a constituency or part."""
        area = self._places.get(area_id)
        if area.kind not in _POLLING:
            raise Invalid(area_id="area_has_no_poll")
        if (opens_at is None) != (closes_at is None):
            raise Invalid(**{"opens_at" if opens_at is None else "closes_at": "required"})
        if opens_at is not None and closes_at is not None and closes_at <= opens_at:
            raise Invalid(closes_at="not_after_opens_at")
        hours = {"opens_at": opens_at, "closes_at": closes_at} if opens_at else None
        self._set(f"polls.{area_id}", hours, version)
        self._audit.record(actor, "poll.set", subject=area_id, opens_at=opens_at, closes_at=closes_at)
        return self.poll(area_id)

    def model_code(self) -> Document:
        """Return `{from, to}`, both null while the Model Code was never announced."""
        document = self._store.read()
        version = version_of(document, "model_code")
        return {**(document["model_code"] or {"from": None, "to": None}), "version": version}

    def set_model_code(
        self, actor: Actor, *, starts_at: datetime | None, ends_at: datetime | None, version: int | None
    ) -> Document:
        """Set or, with two nulls, withdraw the time in which the Model Code is in force."""
        if starts_at is None and ends_at is not None:
            raise Invalid(**{"from": "required"})
        if starts_at is not None and ends_at is not None and ends_at <= starts_at:
            raise Invalid(to="not_after_from")
        self._set("model_code", {"from": starts_at, "to": ends_at} if starts_at else None, version)
        self._audit.record(actor, "model_code.set", subject="state", starts_at=starts_at, ends_at=ends_at)
        return self.model_code()

    def switch(self, actor: Actor, wanted: Mapping[str, Any], *, campaign_id: str | None = None) -> list[Document]:
        """Turn a kill switch on, or off (another person than the one who turned it on); return those that are on."""
        campaign = None if campaign_id is None else self._campaigns.get(campaign_id)
        switches = (campaign or self._store.read())["kill_switches"]
        if wanted["on"] and _same(switches, wanted):
            after: Sequence[Document] = switches
        elif wanted["on"]:
            after = self._turn_on(actor, wanted, campaign_id)
        else:
            after = self._turn_off(actor, wanted, campaign_id, switches)
        action = "kill_switch.on" if wanted["on"] else "kill_switch.off"
        subject = campaign_id or "state"
        facts = {"channel": wanted["channel"], "template_id": wanted["template_id"], "reason": wanted["reason"]}
        self._audit.record(actor, action, subject=subject, **facts)
        self._changed(campaign)
        return [switch for switch in after if switch["on"]]

    def _turn_on(self, actor: Actor, wanted: Mapping[str, Any], campaign_id: str | None) -> Sequence[Document]:
        entry = {
            "id": new_id(),
            "on": True,
            "channel": wanted["channel"],
            "template_id": wanted["template_id"],
            "reason": wanted["reason"],
            "set_by": actor.user_id,
            "set_at": self._clock.now(),
        }
        if campaign_id is None:
            return list(self._store.push_switch(entry)["kill_switches"])
        return self._change_campaign(campaign_id, {"$push": {"kill_switches": entry}})

    def _turn_off(
        self, actor: Actor, wanted: Mapping[str, Any], campaign_id: str | None, switches: Sequence[Document]
    ) -> Sequence[Document]:
        same = _same(switches, wanted)
        if not same:
            raise Conflict("state_conflict")
        if any(switch["set_by"] == actor.user_id for switch in same):
            raise Conflict("own_approval")
        lifted = {"on": False, "lifted_by": actor.user_id, "lifted_at": self._clock.now()}
        ids = [switch["id"] for switch in same]
        if campaign_id is None:
            return list([self._store.lift_switch(switch_id, lifted) for switch_id in ids][-1]["kill_switches"])
        after = [{**switch, **lifted} if switch["id"] in ids else switch for switch in switches]
        return self._change_campaign(campaign_id, {"$set": {"kill_switches": after}})

    def _change_campaign(self, campaign_id: str, change: Document) -> Sequence[Document]:
        changed = self._campaigns.change(campaign_id, {**change, "$inc": {"content_version": 1}})
        return list(changed["kill_switches"]) if changed else []

    def _set(self, path: str, value: Document | None, version: int | None) -> None:
        if self._store.set_one(path, value, version=version) is None:
            raise StaleVersion
        self._changed(None)


def _same(switches: Sequence[Document], wanted: Mapping[str, Any]) -> list[Document]:
    return [
        switch
        for switch in switches
        if switch["on"] and all(switch[name] == wanted[name] for name in ("channel", "template_id"))
    ]
