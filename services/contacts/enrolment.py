"""Enrolling people who are there already: the contacts of a campaign's parts become its targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.audiences.membership import Membership, Memberships
from services.campaigns.places import Places
from services.contacts.target_counts import TargetCounts
from services.domain.contacts.contacts import ACTIVE
from services.domain.errors import Conflict, Invalid
from services.domain.jobs import Job, Run
from services.domain.people.actor import Actor
from services.operations.jobs import Jobs
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.targets import TargetStore

KIND = "enrol"
_AT_ONCE = 1000


class Enrolment:
    """Begins and does jobs of kind "enrol": part by part, each part counted when it is done."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        campaigns: CampaignStore,
        contacts: ContactStore,
        targets: TargetStore,
        audiences: Memberships,
        target_counts: TargetCounts,
        places: Places,
    ) -> None:
        self._jobs = jobs
        self._campaigns = campaigns
        self._contacts = contacts
        self._targets = targets
        self._audiences = audiences
        self._target_counts = target_counts
        self._places = places

    def begin(self, actor: Actor, campaign_id: str, *, area: str | None, audience_id: str | None = None) -> Job:
        """Queue the enrolment of a campaign's contacts, an area's or an audience's; raise NotFound, Invalid."""
        campaign = self._campaigns.get(campaign_id)
        if campaign["state"] == "closed":
            raise Conflict("state_conflict")
        audience = self._audience(campaign_id, audience_id)
        parts = self._parts(campaign, area, audience)
        if area is not None and not parts:
            raise Invalid(area="area_not_in_campaign")
        params = {"campaign_id": campaign_id, "area": area, "audience_id": audience_id}
        return self._jobs.begin(actor, KIND, params, total=len(parts))

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Enrol part by part and return how many targets these parts now have; `done` and `total` count parts."""
        campaign = self._campaigns.get(run.job.params["campaign_id"])
        audience = self._audience(campaign["_id"], run.job.params.get("audience_id"))
        parts = self._parts(campaign, run.job.params["area"], audience)
        state = {"parts": 0, "targets": 0, **run.job.checkpoint}
        for part_id in parts[state["parts"] :]:
            contacts = [one for one in self._contacts.in_part(part_id) if one.state == ACTIVE]
            if audience is not None:
                members = audience.among([one.id for one in contacts])
                contacts = [one for one in contacts if one.id in members]
            for at in range(0, len(contacts), _AT_ONCE):
                self._targets.enrol(campaign["_id"], contacts[at : at + _AT_ONCE])
            targets = self._target_counts.recount(campaign, [part_id])
            state = {"parts": state["parts"] + 1, "targets": state["targets"] + targets}
            run.save(state, done=state["parts"], total=len(parts))
        return state

    def _audience(self, campaign_id: str, audience_id: str | None) -> Membership | None:
        if audience_id is None:
            return None
        found = self._audiences.find(audience_id, campaign_id=campaign_id)
        if found is None:
            raise Invalid(audience_id="audience_unknown")
        return found

    def _parts(self, campaign: Mapping[str, Any], area: str | None, audience: Membership | None) -> list[str]:
        """Return the ids of the campaign's parts, or of those within an area, in a fixed order."""
        seats = campaign["constituencies"]
        parts = [part for seat in seats for part in self._places.children(seat) if part.kind == "part"]
        inside = [part for part in parts if area is None or area in part.path]
        return [part.id for part in inside if audience is None or audience.covers(part.path)]
