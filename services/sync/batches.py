"""A volunteer's batches for the phone: which it holds, whether they look different now, and how they look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from services.batches.desk import Desks, at_work, gate_for
from services.batches.disclosing import note_shown
from services.batches.view import BatchView
from services.campaigns.rulebook import Ruling
from services.domain.batches.batches import DONE, LIVE
from services.domain.people.actor import Actor
from services.domain.tasks.tasks import held
from services.operations.audit import Audit
from services.store.batches.batches import BatchStore
from services.store.contacts.facts import FactStore

Document = dict[str, Any]
JSON = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
_SHOWN = ("id", "campaign_id", "channel", "state", "size", "counts", "due_at", "assigned_at", "opened_at", "items")
# What an opened batch shows follows the hour too: the rules are asked again at least this often.
_LOOK_AGAIN_S = 3600


class Rendered(NamedTuple):
    """Batches as the phone gets them with the digest of each; of those asked for, which went, and which to wipe."""

    bodies: dict[str, bytes]
    gone: list[str]
    wiped: list[str]


class SyncBatches:
    """Reads little as long as nothing changed: heads alone, without items."""

    def __init__(self, *, batches: BatchStore, facts: FactStore, desks: Desks, view: BatchView, audit: Audit) -> None:
        self._audit = audit
        self._batches = batches
        self._facts = facts
        self._desks = desks
        self._view = view

    def heads(self, user_id: str) -> list[Document]:
        """Return the batches in a volunteer's hands without their items, the oldest first; none that is forming."""
        found = self._batches.of_assignee(user_id, LIVE, whole=False)
        return [batch for batch in found if batch["forming_since"] is None]

    def render(
        self,
        actor: Actor,
        *,
        changed: Sequence[str],
        missing: Sequence[str],
        rulings: Mapping[str, Ruling],
        now: datetime,
    ) -> Rendered:
        """Return changed batches as they look now, and which of the missing ones really went.

        A batch that changes its state while heads are read may be missed there; read by its id it never is.
        """
        user_id = actor.user_id
        found = self._batches.by_ids([*changed, *missing])
        whole = [
            found[key] for key in changed if held(found.get(key), user_id) and found[key]["campaign_id"] in rulings
        ]
        gone = [key for key in missing if not held(found.get(key), user_id)]
        wiped = [key for key in gone if key not in found or found[key]["state"] != DONE]
        for batch in whole:
            note_shown(self._audit, actor, batch, now=now)
        bodies = self._bodies(user_id, whole, rulings, now) if whole else {}
        return Rendered(bodies, gone, wiped)

    def _bodies(
        self, user_id: str, batches: Sequence[Document], rulings: Mapping[str, Ruling], now: datetime
    ) -> dict[str, bytes]:
        facts = self._facts.of_batches(batches, now=now)
        desk = self._desks.of(user_id, now) if any(_is_open(batch) for batch in batches) else None
        bodies = {}
        for batch in batches:
            known, ruling = facts[batch["campaign_id"]], rulings[batch["campaign_id"]]
            if desk is None or not _is_open(batch):
                shown = self._view.masked(batch, known)
            else:
                gate = gate_for(ruling, batch["channel"], now, at_work(desk.user))
                left = desk.left(ruling.rules, batch["channel"])
                shown = self._view.opened(batch, known, gate, cap_left=left, about=ruling, by=desk.user)
            bodies[batch["_id"]] = orjson.dumps(_thin(shown), option=JSON)
        return bodies


def stamp_of(
    head: Document, ruling: Ruling | None, *, controls_version: int, now: datetime, paused: bool = False
) -> str:
    """Return what stays the same as long as a batch need not be looked at again.

    Before it is opened only its own version counts; afterwards also the rules, what to say, and the hour.
    """
    if ruling is None or not _is_open(head):
        return str(head["version"])
    hour = int(now.timestamp()) // _LOOK_AGAIN_S
    campaign = ruling.campaign
    resting = ".paused" if paused else ""
    return f"{head['version']}.{campaign['version']}.{campaign['content_version']}.{controls_version}.{hour}{resting}"


def _is_open(batch: Document) -> bool:
    return batch["opened_at"] is not None


def _thin(shown: Document) -> Document:
    """Leave out what a phone has no use for, and what is empty."""
    return {name: shown[name] for name in _SHOWN if shown.get(name) is not None}
