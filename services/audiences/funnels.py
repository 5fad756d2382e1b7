"""How many people of an audience could be contacted now, and why the others not: from standing surveys, or by a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.audiences.membership import Membership, Memberships
from services.batches.desk import gate_for
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook, Ruling
from services.contacts.standing_surveys import StandingSurveys
from services.contacts.surveying import Funnel, Surveyor
from services.domain.audiences.filters import of_places_alone
from services.domain.batches.cutting import slabs
from services.domain.errors import Invalid, Unavailable
from services.domain.ids import derived_id
from services.domain.jobs import Job, Run
from services.domain.people.actor import Actor
from services.domain.rules.eligibility import Gate
from services.domain.wire_time import utc_text
from services.gateways.clock import Clock
from services.operations.jobs import Jobs
from services.reports.scope import ReportScope
from services.store.audiences.audiences import AudienceStore
from services.store.outcomes.target_tallies import TargetTallyStore

Document = dict[str, Any]
# Part, constituency and how many targets it has.
_Part = tuple[str, str, int]
KIND = "audience_count"
# So many people are looked at within a request: few reads, some twenty milliseconds.
_AT_ONCE = 1000
# What was counted of an audience is counted again after this long, whoever asks.
_FRESH = timedelta(minutes=10)
# Of everybody who asks within this time for the same figures there is one job.
_SLOT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question understood; `parts` are those with targets, with how many."""

    ruling: Ruling
    gate: Gate
    parts: tuple[_Part, ...]
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
        surveyor: Surveyor,
        surveys: StandingSurveys,
        targets: TargetTallyStore,
        jobs: Jobs,
        places: Places,
        rulebook: Rulebook,
        clock: Clock,
    ) -> None:
        self._audiences = audiences
        self._memberships = memberships
        self._surveyor = surveyor
        self._surveys = surveys
        self._targets = targets
        self._jobs = jobs
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
            return self._from_surveys(actor, asked)
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
        return _figures(self._look(asked, asked.parts, Funnel()), asked.gate.now)

    def _from_surveys(self, actor: Actor, asked: _Asked) -> FunnelAnswer:
        """Return the figures of an area; parts that changed are counted anew at once if they are few, else by a job."""
        stale = self._surveys.stale(asked.ruling, asked.parts, old=True)
        job = None
        if sum(number for _, _, number in stale) <= _AT_ONCE:
            self._count(asked, stale)
        else:
            job = self._begin(actor, asked)
        return FunnelAnswer(asked.gate.channel, self._summed(asked), job)

    def _recounted(self, asked: _Asked, run: Run) -> Document:
        """Count the parts that are stale, and return the figures of all."""
        stale = self._surveys.stale(asked.ruling, asked.parts, old=True)
        done = len(asked.parts) - len(stale)
        for some in slabs(stale, weight=lambda part: part[2], most=_AT_ONCE):
            self._count(asked, some)
            done += len(some)
            run.save({}, done=done, total=len(asked.parts))
        figures = self._summed(asked)
        if figures is None:
            raise Unavailable("busy")  # people were enrolled meanwhile: the job is tried again
        return _plain(figures)

    def _walked(self, asked: _Asked, run: Run) -> Document:
        """Look at every member; what was counted is in the checkpoint."""
        state = {"at": 0, "matched": 0, "ready": 0, "blocked": {}, **run.job.checkpoint}
        funnel = Funnel(state["matched"], state["ready"], Counter(state["blocked"]))
        at = state["at"]
        for some in slabs(asked.parts[at:], weight=lambda part: part[2], most=_AT_ONCE):
            self._look(asked, some, funnel)
            at += len(some)
            run.save({"at": at, **funnel.to_wire()}, done=at, total=len(asked.parts))
        figures = _figures(funnel, asked.gate.now)
        self._audiences.keep_count("|".join(asked.key), figures)
        return _plain(figures)

    def _look(self, asked: _Asked, parts: Sequence[_Part], funnel: Funnel) -> Funnel:
        """Count the people of a few parts in, members only where there is an audience."""
        if parts:
            places = [(part_id, seat) for part_id, seat, _ in parts]
            for part in self._surveyor.parts(places, asked.gate, asked.campaign_id, audience=asked.membership):
                funnel.add(part.funnel)
        return funnel

    def _count(self, asked: _Asked, parts: Sequence[_Part]) -> None:
        if parts:
            self._surveys.count(asked.ruling, [(part_id, seat) for part_id, seat, _ in parts])

    def _summed(self, asked: _Asked) -> Document | None:
        """Return the sums of what stands counted, as old as its oldest part; None while a part is not counted."""
        counted = self._surveys.read(asked.ruling, asked.parts, asked.gate)
        if len(counted) < len(asked.parts):
            return None
        funnel = Funnel()
        for part in counted:
            funnel.add(part.funnel)
        return _figures(funnel, min(part.at for part in counted))

    def _begin(self, actor: Actor, asked: _Asked) -> Job:
        now = self._clock.now()
        slot = int(now.timestamp()) // _SLOT_SECONDS * _SLOT_SECONDS
        job_id = derived_id(datetime.fromtimestamp(slot, UTC), KIND, *asked.key)
        return self._jobs.begin(
            actor, KIND, asked.params, job_id=job_id, lane=f"{KIND}:{asked.campaign_id}", total=len(asked.parts)
        )


def _figures(funnel: Funnel, counted_at: datetime) -> Document:
    return {**funnel.to_wire(), "done": funnel.blocked["final"], "counted_at": counted_at}


def _shown(kept: Mapping[str, Any]) -> Document:
    return {name: kept[name] for name in ("matched", "ready", "blocked", "done", "counted_at")}


def _plain(figures: Document) -> Document:
    return {**figures, "counted_at": utc_text(figures["counted_at"])}
