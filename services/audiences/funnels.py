"""How many people of an audience could be contacted now, and why the others not: from tallies, or by a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.audiences.counting import PeopleCounter
from services.audiences.membership import Membership, Memberships
from services.batches.desk import gate_for
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook, Ruling
from services.domain.audiences.filters import of_places_alone
from services.domain.audiences.funnels import Funnel
from services.domain.batches.cutting import slabs
from services.domain.contacts.contacts import Place
from services.domain.errors import Invalid
from services.domain.ids import derived_id
from services.domain.jobs import Job, Run
from services.domain.people.actor import Actor
from services.domain.rules.eligibility import Gate
from services.gateways.clock import Clock
from services.operations.jobs import Jobs
from services.reports.scope import ReportScope
from services.store.audiences.audiences import AudienceStore
from services.store.audiences.funnel_tallies import FunnelTallyStore, PartTally
from services.store.outcomes.result_tallies import ResultTallyStore
from services.store.outcomes.target_tallies import TargetTallyStore

Document = dict[str, Any]
KIND = "audience_count"
# So many people are looked at within a request: few reads, some twenty milliseconds.
_AT_ONCE = 1000
# Figures that are older are counted again, whoever asks; what nothing tells of (an edited contact) shows by then.
_FRESH = timedelta(minutes=10)
# Of everybody who asks within this time for the same figures there is one job.
_SLOT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question understood; `parts` are those with targets, with how many."""

    ruling: Ruling
    gate: Gate
    parts: tuple[tuple[str, str, int], ...]
    membership: Membership | None
    by_place: bool
    key: tuple[str, ...]
    params: Document

    @property
    def campaign_id(self) -> str:
        """Whose people are asked about."""
        return str(self.params["campaign_id"])


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    """Figures (None: not counted yet) with the time they are of, and the job that counts them anew, if one does."""

    channel: str
    figures: Document | None
    job: Job | None = None


class Funnels:
    """Answers at once from what is counted, or from a look at few people; begins a job for the rest."""

    def __init__(
        self,
        *,
        audiences: AudienceStore,
        memberships: Memberships,
        counter: PeopleCounter,
        tallies: FunnelTallyStore,
        results: ResultTallyStore,
        targets: TargetTallyStore,
        jobs: Jobs,
        places: Places,
        rulebook: Rulebook,
        clock: Clock,
    ) -> None:
        self._audiences = audiences
        self._memberships = memberships
        self._counter = counter
        self._tallies = tallies
        self._results = results
        self._targets = targets
        self._jobs = jobs
        self._places = places
        self._scope = ReportScope(places)
        self._rulebook = rulebook
        self._clock = clock

    def ask(
        self, actor: Actor, *, campaign_id: str, channel: str | None, audience_id: str | None, area: str | None = None
    ) -> FunnelAnswer:
        """Return the funnel of an audience, or of an area, as far as the actor's places go.

        Raises NotFound for no such campaign, Invalid for a channel or an area that is none of it.
        """
        asked = self._understand(actor, campaign_id, channel, audience_id, area)
        if sum(number for _, _, number in asked.parts) <= _AT_ONCE:
            return FunnelAnswer(asked.gate.channel, self._looked_at(asked))
        if asked.by_place:
            return self._from_tallies(actor, asked)
        kept = self._audiences.find_count("|".join(asked.key))
        if kept is not None and self._clock.now() - kept["counted_at"] < _FRESH:
            return FunnelAnswer(asked.gate.channel, _shown(kept))
        return FunnelAnswer(asked.gate.channel, _shown(kept) if kept else None, self._begin(actor, asked))

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Do a job of kind "audience_count"; `done` and `total` count parts."""
        params = dict(run.job.params)
        actor = Actor(session_id="job", **{**params.pop("actor"), "areas": tuple(params.pop("areas"))})
        asked = self._understand(actor, params["campaign_id"], params["channel"], params["audience_id"], params["area"])
        return self._recounted(asked, run) if asked.by_place else self._walked(asked, run)

    def _understand(
        self, actor: Actor, campaign_id: str, channel: str | None, audience_id: str | None, area: str | None
    ) -> _Asked:
        now = self._clock.now()
        ruling = self._rulebook.of(campaign_id, now)
        channel = channel or ruling.campaign["channels"][0]
        if channel not in ruling.campaign["channels"]:
            raise Invalid(channel="channel_not_in_campaign")
        audience = self._audiences.find(audience_id) if audience_id else None
        membership = self._memberships.of(audience) if audience else None
        numbers = self._targets.numbers(campaign_id, by="part_id")
        parts = [
            (part.id, part.parent_id or "", numbers[part.id])
            for part in self._scope.of_parts(actor, ruling.campaign, area=area)
            if numbers.get(part.id) and (membership is None or membership.covers(part.path))
        ]
        sees = (actor.role, actor.home_area or "", *sorted(actor.areas))
        told = {"user_id": actor.user_id, "role": actor.role, "home_area": actor.home_area}
        named = {"campaign_id": campaign_id, "channel": channel, "audience_id": audience_id, "area": area}
        return _Asked(
            ruling=ruling,
            gate=gate_for(ruling, channel, now),
            parts=tuple(parts),
            membership=membership,
            by_place=audience is None or of_places_alone(audience["filter"]),
            key=(campaign_id, channel, audience_id or "", area or "", *sees),
            params={**named, "areas": list(actor.areas), "actor": told},
        )

    def _looked_at(self, asked: _Asked) -> Document:
        """Return the figures of few people, looked at now."""
        funnel = Funnel()
        places = [(part_id, seat) for part_id, seat, _ in asked.parts]
        counted = self._counter.count(places, asked.gate, asked.campaign_id, asked.membership) if places else {}
        for part_id, seat in places:
            funnel.add(counted[part_id], _common(asked.gate, part_id, seat), asked.gate.now)
        return {**funnel.to_wire(), "counted_at": asked.gate.now}

    def _from_tallies(self, actor: Actor, asked: _Asked) -> FunnelAnswer:
        """Return the figures of an area, parts that changed counted anew if they are few, else by a job."""
        tallies = self._tallies.read(asked.campaign_id, asked.gate.channel)
        changed = self._results.times(asked.campaign_id)
        oldest = asked.gate.now - _FRESH
        due = [part for part in asked.parts if _is_due(tallies.get(part[0]), oldest, changed.get(part[0]))]
        job = None
        if sum(number for _, _, number in due) <= _AT_ONCE:
            tallies |= self._counted(asked, due)
        else:
            job = self._begin(actor, asked)
        if any(part_id not in tallies for part_id, _, _ in asked.parts):
            return FunnelAnswer(asked.gate.channel, None, job)
        return FunnelAnswer(asked.gate.channel, _summed(asked, tallies), job)

    def _recounted(self, asked: _Asked, run: Run) -> Document:
        """Count what was not counted since the job was asked for."""
        tallies = self._tallies.read(asked.campaign_id, asked.gate.channel)
        since = run.job.created_at
        due = [part for part in asked.parts if part[0] not in tallies or tallies[part[0]].counted_at < since]
        done = len(asked.parts) - len(due)
        for some in slabs(due, weight=lambda part: part[2], most=_AT_ONCE):
            tallies |= self._counted(asked, some)
            done += len(some)
            run.save({}, done=done, total=len(asked.parts))
        return _plain(_summed(asked, tallies))

    def _walked(self, asked: _Asked, run: Run) -> Document:
        """Look at every member; what was counted is in the checkpoint."""
        state = {"at": 0, "matched": 0, "ready": 0, "done": 0, "blocked": {}, **run.job.checkpoint}
        funnel = Funnel(state["matched"], state["ready"], state["done"])
        funnel.blocked.update(state["blocked"])
        at = state["at"]
        for some in slabs(asked.parts[at:], weight=lambda part: part[2], most=_AT_ONCE):
            places = [(part_id, seat) for part_id, seat, _ in some]
            counted = self._counter.count(places, asked.gate, asked.campaign_id, asked.membership)
            for part_id, seat in places:
                funnel.add(counted[part_id], _common(asked.gate, part_id, seat), asked.gate.now)
            at += len(some)
            run.save({"at": at, **funnel.to_wire()}, done=at, total=len(asked.parts))
        figures = {**funnel.to_wire(), "counted_at": asked.gate.now}
        self._audiences.keep_count("|".join(asked.key), figures)
        return _plain(figures)

    def _counted(self, asked: _Asked, parts: Sequence[tuple[str, str, int]]) -> dict[str, PartTally]:
        if not parts:
            return {}
        places = [(part_id, seat) for part_id, seat, _ in parts]
        # Whatever the filter's places are, a part is counted whole: its tally is everybody's.
        counted = self._counter.count(places, asked.gate, asked.campaign_id, None)
        at = asked.gate.now
        counts = {Place(*self._places.get(part_id).path): groups for part_id, groups in counted.items()}
        self._tallies.put(asked.campaign_id, asked.gate.channel, counts, at=at)
        return {part_id: PartTally(groups, at) for part_id, groups in counted.items()}

    def _begin(self, actor: Actor, asked: _Asked) -> Job:
        now = self._clock.now()
        slot = int(now.timestamp()) // _SLOT_SECONDS * _SLOT_SECONDS
        job_id = derived_id(datetime.fromtimestamp(slot, UTC), KIND, *asked.key)
        return self._jobs.begin(
            actor, KIND, asked.params, job_id=job_id, lane=f"{KIND}:{asked.campaign_id}", total=len(asked.parts)
        )


def _is_due(tally: PartTally | None, oldest: datetime, changed: datetime | None) -> bool:
    return tally is None or tally.counted_at < oldest or (changed is not None and changed >= tally.counted_at)


def _common(gate: Gate, part_id: str, seat: str) -> frozenset[str]:
    return frozenset(blocked.reason for blocked in gate.common(part_id, seat))


def _summed(asked: _Asked, tallies: Mapping[str, PartTally]) -> Document:
    funnel = Funnel()
    for part_id, seat, _ in asked.parts:
        funnel.add(tallies[part_id].groups, _common(asked.gate, part_id, seat), asked.gate.now)
    counted_at = min((tallies[part_id].counted_at for part_id, _, _ in asked.parts), default=asked.gate.now)
    return {**funnel.to_wire(), "counted_at": counted_at}


def _shown(kept: Mapping[str, Any]) -> Document:
    return {name: kept[name] for name in ("matched", "ready", "blocked", "done", "counted_at")}


def _plain(figures: Document) -> Document:
    return {**figures, "counted_at": figures["counted_at"].isoformat().replace("+00:00", "Z")}
