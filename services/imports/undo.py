"""Taking an import back: what it alone made goes, what it changed last is as before, what was worked on stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contacts.target_counts import TargetCounts
from services.domain.contacts.undoing import (
    FATES,
    KEPT,
    REMOVED,
    RESTORED,
    UNENROLLED,
    as_it_befell,
    fate,
    restored_keys,
    unattested_sources,
)
from services.domain.jobs import Run
from services.imports.job import Progress
from services.imports.writer import NO_PART
from services.store.audiences.custom_fields import CustomFieldStore
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.sources import SourceStore
from services.store.contacts.targets import TargetStore
from services.store.jobs import JobStore

KIND = "import_undo"
_FIELDS = ("sources", "touches", "gone", "history", "version", "undo", "state", "addresses")
_TARGET_FIELDS = ("contact_id", "total", "batch_id", "applied", "marks", "custom_edited_at")
_AT_ONCE = 500

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Undoing:
    """What is undone: the import, its campaign if it had one, all campaigns, and since when work counts."""

    import_id: str
    campaign_id: str | None
    campaigns: Sequence[Document]
    since: datetime

    @property
    def campaign_ids(self) -> list[str]:
        return [campaign["_id"] for campaign in self.campaigns]


class ImportUndo:
    """Handles jobs of kind "import_undo", part by part; params name the import."""

    def __init__(
        self,
        *,
        jobs: JobStore,
        contacts: ContactStore,
        targets: TargetStore,
        custom: CustomFieldStore,
        sources: SourceStore,
        campaigns: CampaignStore,
        target_counts: TargetCounts,
    ) -> None:
        self._jobs = jobs
        self._contacts = contacts
        self._targets = targets
        self._custom = custom
        self._sources = sources
        self._campaigns = campaigns
        self._target_counts = target_counts

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Undo every part; return how many contacts were removed, restored and kept, and how many more unenrolled.

        The counts of a part are kept before it is changed: after a kill in the middle fewer would be found.
        """
        import_id = run.job.params["import_id"]
        imported = self._jobs.find(import_id)
        parts = sorted(Progress.read(imported.checkpoint if imported else {}).parts)
        state = {"at": 0, "planned": None, **dict.fromkeys(FATES, 0), **run.job.checkpoint}
        undoing = _Undoing(
            import_id,
            imported.params["campaign_id"] if imported else None,
            self._campaigns.list_all(),
            imported.created_at if imported else run.job.created_at,
        )
        for at in range(state["at"], len(parts)):
            fates = self._fates(undoing, parts[at] or None)
            if state["planned"] is None:
                state["planned"] = dict(Counter(fate for _, fate in fates))
                run.save(state, done=at, total=len(parts))
            self._carry_out(fates, undoing, part_id=parts[at])
            done = {name: state[name] + state["planned"].get(name, 0) for name in FATES}
            state = {"at": at + 1, "planned": None, **done}
            run.save(state, done=at + 1, total=len(parts))
        return {name: state[name] for name in FATES}

    def _fates(self, undoing: _Undoing, part_id: str | None) -> list[tuple[Document, str]]:
        """Return what becomes of each contact of a part that the import made, changed or enrolled."""
        stored = self._contacts.documents_in_part(part_id, fields=_FIELDS)
        mine = [one for one in stored if any(told["import_id"] == undoing.import_id for told in one["sources"])]
        worked = self._worked(mine, undoing)
        fates = [(one, KEPT if one["_id"] in worked else fate(one, undoing.import_id)) for one in mine]
        return fates + self._enrolled(undoing, part_id, {one["_id"]: end for one, end in fates})

    def _enrolled(self, undoing: _Undoing, part_id: str | None, fates: Mapping[str, str]) -> list[tuple[Document, str]]:
        """People whom the import told nothing new of, or who go back to what they were, are its targets no more."""
        if undoing.campaign_id is None or part_id is None:
            return []
        found = self._targets.enrolled_by(
            undoing.import_id, campaign_id=undoing.campaign_id, part_id=part_id, fields=_TARGET_FIELDS
        )
        return [
            ({"_id": contact_id}, UNENROLLED)
            for contact_id, target in found.items()
            if fates.get(contact_id, RESTORED) == RESTORED and not _is_worked(target, undoing.since)
        ]

    def _worked(self, stored: Sequence[Document], undoing: _Undoing) -> set[str]:
        """Return the ids of those whom somebody has contacted, planned or corrected since."""
        worked = {
            one["_id"]
            for one in stored
            if one.get("gone")
            or any(touch["at"] >= undoing.since for touch in one["touches"])
            or any(change["at"] >= undoing.since for change in one.get("history", ()))
        }
        for some in _some([one["_id"] for one in stored]):
            targets = self._targets.of_contacts(undoing.campaign_ids, some, fields=_TARGET_FIELDS).values()
            worked |= {target["contact_id"] for target in targets if _is_worked(target, undoing.since)}
        return worked

    def _carry_out(self, fates: Sequence[tuple[Document, str]], undoing: _Undoing, *, part_id: str) -> None:
        # Unenrolled first: who is not a target any more needs nothing else brought to it.
        for some in _some([one["_id"] for one, end in fates if end == UNENROLLED]):
            self._targets.remove([str(undoing.campaign_id)], some)
        self._restore([one for one, end in fates if end == RESTORED], undoing)
        for some in _some([one["_id"] for one, end in fates if end == REMOVED]):
            self._targets.remove(undoing.campaign_ids, some)
            self._contacts.delete(some)
        if part_id != NO_PART:
            for campaign in undoing.campaigns:
                self._target_counts.recount(campaign, [part_id])

    def _restore(self, stored: Sequence[Document], undoing: _Undoing) -> None:
        """Bring back people with what is kept beside them; they come last, as they tell what is left to do."""
        waiting = {source for one in stored for source in unattested_sources(one)}
        attested = {key for key, one in self._sources.by_ids(waiting).items() if one.get("attested_by")}
        restored = [as_it_befell(one, attested=attested) for one in stored]
        for some in _some([one["_id"] for one in restored]):
            self._custom.restore(undoing.campaign_ids, some, import_id=undoing.import_id)
        self._targets.put_keys(undoing.campaign_ids, restored_keys(restored))
        self._contacts.restore(restored)


def _is_worked(target: Mapping[str, Any], since: datetime) -> bool:
    edited = target.get("custom_edited_at")
    told = target["batch_id"] or target["total"] or target["applied"] or target.get("marks")
    return bool(told) or (edited is not None and edited >= since)


def _some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), _AT_ONCE):
        yield ids[at : at + _AT_ONCE]
