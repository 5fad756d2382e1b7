"""A phone's sync: what it does not know yet, what it must forget, and the rules until when they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.batches.desk import Desks
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook, Ruling, parse_controls
from services.domain.people.actor import Actor
from services.domain.sync.delta import SyncPage, difference
from services.domain.tasks.tasks import for_phone
from services.gateways.clock import Clock
from services.store.campaigns.campaigns import CampaignStore
from services.store.campaigns.controls import ControlStore
from services.store.sync.cursors import SyncCursorStore
from services.sync.batches import JSON, SyncBatches, stamp_of
from services.sync.content import KINDS as CONTENT
from services.sync.content import SyncContent
from services.sync.health import PhoneReport, SyncHealth
from services.sync.rules import PhoneRules, Place, Volunteer, rules_for
from services.tasks.tasks import Tasks

Document = dict[str, Any]
KINDS = ("campaigns", "batches", "tasks", *CONTENT)
# Each may have a hundred numbers, and households behind them.
_BATCHES = 4


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What there is for one volunteer now, as far as it was read: heads and stamps, no items."""

    now: datetime
    campaigns: Mapping[str, Document]
    tasks: Mapping[str, tuple[Document, Document]]
    rulings: Mapping[str, Ruling]
    rules: PhoneRules
    stamps: Mapping[str, Mapping[str, str]]

    def campaign(self, key: str) -> Document:
        """Return a campaign as the phone gets it."""
        shown = ("name", "state", "channels", "constituencies", "default_locale")
        return {"id": key, **{name: self.campaigns[key][name] for name in shown}}

    def task(self, key: str) -> Document:
        """Return a task as the phone gets it."""
        return for_phone(*self.tasks[key])


class Syncing:
    """Answers a phone by the difference to what its cursor says it knows."""

    def __init__(
        self,
        *,
        cursors: SyncCursorStore,
        health: SyncHealth,
        batches: SyncBatches,
        tasks: Tasks,
        content: SyncContent,
        campaigns: CampaignStore,
        controls: ControlStore,
        rulebook: Rulebook,
        desks: Desks,
        places: Places,
        clock: Clock,
    ) -> None:
        self._cursors = cursors
        self._health = health
        self._batches = batches
        self._tasks = tasks
        self._content = content
        self._campaigns = campaigns
        self._controls = controls
        self._rulebook = rulebook
        self._desks = desks
        self._places = places
        self._clock = clock

    def sync(self, actor: Actor, cursor: str | None, report: PhoneReport) -> Document | None:
        """Return the next page for the actor's phone, or None when nothing is new.

        A cursor that is unknown, expired or another's gets a fresh start. A session that was revoked is told to wipe
        everything, and nothing else.
        """
        now = self._clock.now()
        if actor.limited:
            return _wipe(now)
        self._health.note(actor, report, now)
        before = self._cursors.find(cursor, actor.user_id)
        scene = self._look(actor, now)
        page, wiped = self._page(actor, before["known"] if before else {}, scene)
        news = scene.rules.is_news(before["rules"] if before else None)
        if before is not None and not news and page.empty:
            if page.relearned:
                self._cursors.relearn(before["_id"], page.known)
            return None
        told = scene.rules.told() if news or before is None else before["rules"]
        return {
            "cursor": self._cursors.keep(actor.user_id, {"known": page.known, "rules": told}, after=before),
            "server_time": now,
            "fresh": before is None,
            **{kind: [orjson.Fragment(body) for body in page.bodies.get(kind, ())] for kind in KINDS},
            "removed": {kind: page.removed.get(kind, []) for kind in KINDS},
            "purge": {"all": False, "batches": wiped},
            "rules": scene.rules.wire if news else {"valid_until": min(told["until"].values())},
            "more": page.more,
        }

    def _look(self, actor: Actor, now: datetime) -> Scene:
        heads = self._batches.heads(actor.user_id)
        tasks = {task["_id"]: (task, receipt) for task, receipt in self._tasks.open_of(actor.user_id)}
        state = self._controls.read()
        controls = parse_controls(state)
        campaigns = self._visible(actor, heads)
        rulings = {key: self._rulebook.about(one, now, controls=controls) for key, one in campaigns.items()}
        volunteer = Volunteer(paused=actor.paused, left_today=self._desks.left_today(actor, rulings, now))
        plain = self._rulebook.of_state(controls, now)
        places = {key: self._places_of(actor, campaign, heads) for key, campaign in campaigns.items()}
        batches = {
            head["_id"]: stamp_of(
                head,
                rulings.get(head["campaign_id"]),
                controls_version=state["version"],
                now=now,
                paused=actor.paused,
            )
            for head in heads
        }
        return Scene(
            now=now,
            campaigns=campaigns,
            tasks=tasks,
            rulings=rulings,
            rules=rules_for(
                list(rulings.values()), places, defaults=plain, controls=controls, volunteer=volunteer, now=now
            ),
            stamps={
                "campaigns": {key: str(campaign["version"]) for key, campaign in campaigns.items()},
                "batches": batches,
                "tasks": {key: f"{task['version']}.{receipt['version']}" for key, (task, receipt) in tasks.items()},
                **self._content.stamps(rulings, controls),
            },
        )

    def _visible(self, actor: Actor, heads: Sequence[Document]) -> dict[str, Document]:
        """Return the live campaigns where the actor may work, and those of batches in hand."""
        live = {campaign["_id"]: campaign for campaign in self._campaigns.list_live()}
        in_hand = {head["campaign_id"] for head in heads}
        found = {key: one for key, one in live.items() if key in in_hand or self._desks.seats(actor, one)}
        ended = in_hand - live.keys()
        return found | (self._campaigns.get_many(sorted(ended)) if ended else {})

    def _places_of(self, actor: Actor, campaign: Document, heads: Sequence[Document]) -> list[Place]:
        """Return where the actor's batches of a campaign are, or where one might be claimed."""
        parts = {part for head in heads if head["campaign_id"] == campaign["_id"] for part in head["part_ids"]}
        if not parts:
            return [("", seat.id) for seat in self._desks.seats(actor, campaign)]
        found = (self._places.find(part) for part in sorted(parts))
        return [(part.id, part.parent_id or "") for part in found if part is not None]

    def _page(self, actor: Actor, known: Document, scene: Scene) -> tuple[SyncPage, list[str]]:
        """Return the page, and the batches that the phone must wipe at once."""
        page = SyncPage(known)
        delta = difference(known, scene.stamps)
        for kind, shown in (("campaigns", scene.campaign), ("tasks", scene.task)):
            page.remove(kind, page.cut(delta.removed[kind]))
            for key in page.cut(delta.changed[kind]):
                page.send(kind, key, orjson.dumps(shown(key), option=JSON), stamp=scene.stamps[kind][key])
        for kind in CONTENT:
            page.remove(kind, page.cut(delta.removed[kind]))
            for key, content in self._content.bodies(kind, page.cut(delta.changed[kind])).items():
                page.send(kind, key, orjson.dumps(content, option=JSON), stamp=scene.stamps[kind][key])
        changed = page.cut(delta.changed["batches"], most=_BATCHES)
        missing = page.cut(delta.removed["batches"])
        if not changed and not missing:
            return page, []
        rendered = self._batches.render(actor, changed=changed, missing=missing, rulings=scene.rulings, now=scene.now)
        page.remove("batches", rendered.gone)
        for key, body in rendered.bodies.items():
            page.send("batches", key, body, stamp=scene.stamps["batches"][key])
        return page, rendered.wiped


def _wipe(now: datetime) -> Document:
    """Return the answer to a revoked session: nothing but the order to wipe the phone."""
    return {
        "cursor": None,
        "server_time": now,
        "fresh": False,
        **{kind: [] for kind in KINDS},
        "removed": {kind: [] for kind in KINDS},
        "purge": {"all": True, "batches": []},
        "rules": None,
        "more": False,
    }
