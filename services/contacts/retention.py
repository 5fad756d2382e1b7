"""What becomes of people's data after the poll: when a campaign's time is over, part by part it is let go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.contacts.suppressions import Suppressions
from services.domain.contacts.contacts import Contact
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.retention import retained
from services.domain.ist import IST
from services.domain.jobs import Run
from services.domain.people.actor import Actor
from services.domain.rules.calendar import Controls
from services.domain.sheets.sources import ROLL
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.store.stores import Stores

KIND = "retention"
# Who the audit trail names as having let data go.
BY = Actor(user_id="retention", role="system", session_id="retention")
_COUNTS = ("people", "addresses", "said")
_AT_ONCE = 500
_TRIES = 5

Document = dict[str, Any]
Pairs = list[tuple[Contact, Contact]]


class Retention:
    """Begins a job for each campaign whose time is over, and does it; done again it finds nothing left to take."""

    def __init__(
        self,
        *,
        stores: Stores,
        jobs: Jobs,
        suppressions: Suppressions,
        keys: ContactKeys,
        places: Places,
        rulebook: Rulebook,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._stores = stores
        self._jobs = jobs
        self._suppressions = suppressions
        self._keys = keys
        self._places = places
        self._rulebook = rulebook
        self._audit = audit
        self._clock = clock
        self._begun: set[str] = set()

    def begin_due(self) -> int:
        """Begin a job for each campaign whose retention has run out, one a day until it succeeds; the worker's step."""
        now = self._clock.now()
        waiting = [one for one in self._stores.campaigns.list_closed() if one.get("retained_at") is None]
        controls = self._rulebook.controls() if waiting else Controls()
        begun = 0
        for campaign in waiting:
            job_id = f"retention-{campaign['_id']}-{now.astimezone(IST).date()}"
            if job_id not in self._begun and self._ends_at(campaign, controls) <= now:
                self._jobs.begin(BY, KIND, {"campaign_id": campaign["_id"]}, job_id=job_id)
                self._begun.add(job_id)
                begun += 1
        return begun

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Take what need not be kept and return how many people, addresses and sayings it was about.

        The counts of a part are kept before it is changed: after a kill in the middle fewer would be found.
        """
        campaign = self._stores.campaigns.get(run.job.params["campaign_id"])
        seats = self._uncovered(campaign)
        parts = sorted(part.id for seat in seats for part in self._places.children(seat) if part.kind == "part")
        # What was told of support is counted for good before it is forgotten who said so.
        self._stores.cells.freeze(campaign["_id"], frozenset(parts))
        steps: list[str | None] = [*parts, None]
        state = {"at": 0, "planned": None, **dict.fromkeys(_COUNTS, 0), **run.job.checkpoint}
        for at in range(state["at"], len(steps)):
            pairs = self._pairs(steps[at], seats)
            if state["planned"] is None:
                said = self._stores.outcomes.count_said(campaign["_id"], steps[at])
                state["planned"] = {**_counted(pairs), "said": said}
                run.save(state, done=at, total=len(steps))
            self._take(pairs, steps[at], seats)
            self._take_beside(campaign["_id"], steps[at], seats)
            done = {name: state[name] + state["planned"].get(name, 0) for name in _COUNTS}
            state = {"at": at + 1, "planned": None, **done}
            run.save(state, done=at + 1, total=len(steps))
        counts = {name: state[name] for name in _COUNTS}
        self._stores.campaigns.note_retained(campaign["_id"], at=self._clock.now())
        self._audit.record(BY, "campaign.retain", subject=campaign["_id"], **counts)
        return {**counts, "seats": sorted(seats)}

    def _take_beside(self, campaign_id: str, part_id: str | None, seats: set[str]) -> None:
        """Take what lies elsewhere about the people of a part, whether or not anything of themselves had to go."""
        said = self._stores.outcomes.ids_of_part(campaign_id, part_id)
        for at in range(0, len(said), _AT_ONCE):
            self._stores.reviews.forget(said[at : at + _AT_ONCE])
        self._stores.outcomes.forget_part(campaign_id, part_id)
        if part_id is not None:
            for seat in seats.intersection(self._places.get(part_id).path):
                for one in self._stores.campaigns.of_constituency(seat):
                    self._stores.targets.forget_part(one["_id"], part_id)

    def _ends_at(self, campaign: Document, controls: Controls) -> datetime:
        """Return when the retention of a closed campaign ends: so long after its close and its last close of poll."""
        rules = self._rulebook.about(campaign, self._clock.now(), controls=controls).rules
        closes = [poll.closes_at for area, poll in controls.polls.items() if self._lies_in(area, campaign)]
        closed_at: datetime = campaign["closed_at"]
        return max([closed_at, *closes]) + rules.retention

    def _lies_in(self, area_id: str, campaign: Document) -> bool:
        area = self._places.find(area_id)
        return area is not None and not set(campaign["constituencies"]).isdisjoint(area.path)

    def _uncovered(self, campaign: Document) -> set[str]:
        """Return those of a campaign's constituencies for which no other campaign's time still runs."""
        now, controls = self._clock.now(), self._rulebook.controls()
        covered = {
            seat
            for other in self._stores.campaigns.list_all()
            if other["_id"] != campaign["_id"] and (other["state"] != "closed" or self._ends_at(other, controls) > now)
            for seat in other["constituencies"]
        }
        return set(campaign["constituencies"]) - covered

    def _pairs(self, part_id: str | None, seats: set[str]) -> Pairs:
        """Return the people of a part from whom something is to be taken, as they are and as they would be."""
        people = self._stores.contacts.in_part(part_id)
        if part_id is None:
            people = [one for one in people if one.place.constituency_id in seats]
        rolls = self._rolls(people)
        now = self._clock.now()
        changed = ((one, retained(one, rolls, keys=self._keys, by=BY.user_id, at=now)) for one in people)
        return [(before, after) for before, after in changed if after is not before]

    def _rolls(self, people: Sequence[Contact]) -> frozenset[str]:
        told = {mention.source_id for one in people for mention in one.sources}
        told |= {source_id for one in people for source_id in one.facts_from.values()}
        return frozenset(key for key, one in self._stores.sources.by_ids(told).items() if one["kind"] == ROLL)

    def _take(self, pairs: Pairs, part_id: str | None, seats: set[str]) -> None:
        """Write what is left of people; a number that was shown is forgotten first, while they still name it."""
        for _ in range(_TRIES):
            overtaken: set[str] = set()
            for some in _some(pairs):
                self._suppressions.forget_shown([key for before, _ in some for key in before.address_keys()])
                overtaken |= self._stores.contacts.replace(some, at=self._clock.now())
            if not overtaken:
                return
            # Somebody wrote one of them meanwhile: what is still to be taken is taken from what is there now.
            pairs = self._pairs(part_id, seats)


def _counted(pairs: Pairs) -> Counter[str]:
    return Counter(people=len(pairs), addresses=sum(len(before.addresses) for before, _ in pairs))


def _some(pairs: Pairs) -> Iterator[Pairs]:
    for at in range(0, len(pairs), _AT_ONCE):
        yield pairs[at : at + _AT_ONCE]
