"""Taking an import back: what it alone made goes, what it changed last is as before, what was worked on stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.contacts.target_counts import TargetCounts
from services.domain.jobs import Run
from services.imports.job import Progress
from services.imports.writer import NO_PART
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.targets import TargetStore
from services.store.jobs import JobStore

KIND = "import_undo"
REMOVED, RESTORED, KEPT = "removed", "restored", "kept"
_FIELDS = ("sources", "touches", "gone", "history", "version", "undo", "state")
_TARGET_FIELDS = ("contact_id", "total", "batch_id", "applied", "marks")
_AT_ONCE = 500

Document = dict[str, Any]


class ImportUndo:
    """Handles jobs of kind "import_undo", part by part; params name the import."""

    def __init__(
        self,
        *,
        jobs: JobStore,
        contacts: ContactStore,
        targets: TargetStore,
        campaigns: CampaignStore,
        target_counts: TargetCounts,
    ) -> None:
        self._jobs = jobs
        self._contacts = contacts
        self._targets = targets
        self._campaigns = campaigns
        self._target_counts = target_counts

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Undo every part of the import and return how many contacts were removed, restored and kept.

        The counts of a part are kept before it is changed: after a kill in the middle fewer would be found.
        """
        import_id = run.job.params["import_id"]
        imported = self._jobs.find(import_id)
        parts = sorted(Progress.read(imported.checkpoint if imported else {}).parts)
        state = {"at": 0, "planned": None, REMOVED: 0, RESTORED: 0, KEPT: 0, **run.job.checkpoint}
        campaigns = self._campaigns.list_all()
        since = imported.created_at if imported else run.job.created_at
        for at in range(state["at"], len(parts)):
            fates = self._fates(import_id, parts[at] or None, campaigns, since)
            if state["planned"] is None:
                state["planned"] = dict(Counter(fate for _, fate in fates))
                run.save(state, done=at, total=len(parts))
            self._carry_out(fates, campaigns, part_id=parts[at])
            done = {name: state[name] + state["planned"].get(name, 0) for name in (REMOVED, RESTORED, KEPT)}
            state = {"at": at + 1, "planned": None, **done}
            run.save(state, done=at + 1, total=len(parts))
        return {name: state[name] for name in (REMOVED, RESTORED, KEPT)}

    def _fates(
        self, import_id: str, part_id: str | None, campaigns: Sequence[Document], since: datetime
    ) -> list[tuple[Document, str]]:
        """Return what becomes of each contact of a part that the import made or changed."""
        stored = self._contacts.documents_in_part(part_id, fields=_FIELDS)
        mine = [one for one in stored if any(mention["import_id"] == import_id for mention in one["sources"])]
        worked = self._worked(mine, campaigns, since)
        return [(one, KEPT if one["_id"] in worked else _fate(one, import_id)) for one in mine]

    def _worked(self, stored: Sequence[Document], campaigns: Sequence[Document], since: datetime) -> set[str]:
        """Return the ids of those whom somebody has contacted, planned or corrected since."""
        worked = {
            one["_id"]
            for one in stored
            if one.get("gone")
            or any(touch["at"] >= since for touch in one["touches"])
            or any(change["at"] >= since for change in one.get("history", ()))
        }
        campaign_ids = [campaign["_id"] for campaign in campaigns]
        for some in _some([one["_id"] for one in stored]):
            targets = self._targets.of_contacts(campaign_ids, some, fields=_TARGET_FIELDS).values()
            worked |= {
                target["contact_id"]
                for target in targets
                if target["batch_id"] or target["total"] or target["applied"] or target.get("marks")
            }
        return worked

    def _carry_out(self, fates: Sequence[tuple[Document, str]], campaigns: Sequence[Document], *, part_id: str) -> None:
        campaign_ids = [campaign["_id"] for campaign in campaigns]
        self._contacts.restore([one for one, fate in fates if fate == RESTORED])
        for some in _some([one["_id"] for one, fate in fates if fate == REMOVED]):
            self._targets.remove(campaign_ids, some)
            self._contacts.delete(some)
        if part_id != NO_PART:
            for campaign in campaigns:
                self._target_counts.recount(campaign, [part_id])


def _fate(stored: Document, import_id: str) -> str:
    others = [mention for mention in stored["sources"] if mention["import_id"] != import_id]
    if not others and stored["state"] == "active":
        return REMOVED
    undo = stored.get("undo")
    last = stored["sources"][-1]["import_id"] == import_id
    return RESTORED if undo and undo["import_id"] == import_id and last else KEPT


def _some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), _AT_ONCE):
        yield ids[at : at + _AT_ONCE]
