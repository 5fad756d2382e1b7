"""Tags of contacts: one at a time, or many by a job that walks an audience, an area or named people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.audiences.membership import Memberships
from services.audiences.tag_rules import TagRules, read
from services.campaigns.places import Places
from services.contacts.contacts import Contacts
from services.domain.contacts.contacts import Contact
from services.domain.errors import Invalid
from services.domain.jobs import Job, Run
from services.domain.people.actor import Actor
from services.domain.sheets.cells import MAX_TAGS
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.reports.scope import ReportScope
from services.store.campaigns.campaigns import CampaignStore
from services.store.contacts.contacts import ContactStore
from services.store.contacts.tags import TagStore
from services.store.contacts.targets import TargetStore

KIND = "tag"
_AT_ONCE = 500
_ID = {"contact_id": 1}
Document = dict[str, Any]


class Tagging:
    """Begins and does jobs of kind "tag"; a coordinator reaches the constituencies where the own district helps."""

    def __init__(
        self,
        *,
        store: TagStore,
        contacts: Contacts,
        found: ContactStore,
        targets: TargetStore,
        campaigns: CampaignStore,
        memberships: Memberships,
        rules: TagRules,
        jobs: Jobs,
        places: Places,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._found = found
        self._targets = targets
        self._campaigns = campaigns
        self._memberships = memberships
        self._rules = rules
        self._jobs = jobs
        self._places = places
        self._scope = ReportScope(places)
        self._audit = audit
        self._clock = clock

    def one(self, actor: Actor, contact_id: str, tag: str, *, on: bool) -> Contact:
        """Put a tag on a person or take it off; raise NotFound, Invalid for a forbidden or one too many."""
        [name] = self._read([tag], field="tag")
        contact, _ = self._contacts.get(actor, contact_id)
        if on and name not in contact.tags and len(contact.tags) >= MAX_TAGS:
            raise Invalid(tag="tags_too_many")
        changes = {"add": [name] if on else [], "remove": [] if on else [name]}
        changed = self._change(actor, [contact_id], changes)
        if changed:
            self._audit.record(actor, "contact.tag", subject=contact_id, on=on)
        return self._contacts.get(actor, contact_id)[0]

    def begin(self, actor: Actor, request: Mapping[str, Any]) -> Job:
        """Queue the tagging of an audience, an area or named people of a campaign; raise NotFound, Invalid."""
        campaign = self._campaigns.get(request["campaign_id"])
        changes = {name: self._read(request[name], field=name) for name in ("add", "remove")}
        if not changes["add"] and not changes["remove"]:
            raise Invalid(add="required")
        if set(changes["add"]) & set(changes["remove"]):
            raise Invalid(remove="duplicate_value")
        named = [name for name in ("audience_id", "area", "contact_ids") if request[name] is not None]
        if len(named) > 1:
            raise Invalid(**dict.fromkeys(named, "invalid"))
        self._parts(actor, campaign, request["area"])
        district = None if actor.is_headquarters else actor.home_area
        if (audience_id := request["audience_id"]) is not None:
            audience = self._memberships.find(audience_id, campaign_id=campaign["_id"], district_id=district)
            if audience is None or audience.tells_support:
                # A tag on all but the opponents would select the opponents.
                raise Invalid(audience_id="support_selects_opponents" if audience else "audience_unknown")
        told = {"user_id": actor.user_id, "role": actor.role, "home_area": actor.home_area}
        wanted = {name: request[name] for name in ("campaign_id", "audience_id", "area", "contact_ids")}
        return self._jobs.begin(actor, KIND, {**wanted, **changes, "actor": told})

    def __call__(self, run: Run, /) -> Mapping[str, Any]:
        """Tag part by part, or slab by slab; `matched` are those looked at, `changed` those that are others now."""
        params = run.job.params
        actor = Actor(session_id="job", **params["actor"])
        campaign = self._campaigns.get(params["campaign_id"])
        changes = {name: params[name] for name in ("add", "remove")}
        steps = self._steps(actor, campaign, params)
        state = {"at": 0, "matched": 0, "changed": 0, **run.job.checkpoint}
        for step in steps[state["at"] :]:
            people = self._people(actor, campaign, params, step)
            for at in range(0, len(people), _AT_ONCE):
                state["changed"] += self._change(actor, people[at : at + _AT_ONCE], changes)
            state["matched"] += len(people)
            state["at"] += 1
            run.save(state, done=state["at"], total=len(steps))
        return {name: state[name] for name in ("matched", "changed")}

    def _steps(self, actor: Actor, campaign: Document, params: Mapping[str, Any]) -> list[Any]:
        """Return what is done between two checkpoints: parts, or slabs of named people."""
        if params["contact_ids"] is not None:
            ids = list(params["contact_ids"])
            return [ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)]
        return self._parts(actor, campaign, params["area"])

    def _people(self, actor: Actor, campaign: Document, params: Mapping[str, Any], step: Any) -> list[str]:
        if params["contact_ids"] is not None:
            reached = set(self._parts(actor, campaign, None))
            documents = self._found.documents(step, fields=["part_id"])
            return [key for key, document in documents.items() if document["part_id"] in reached]
        people = [str(target["contact_id"]) for target in self._targets.in_part(campaign["_id"], step, fields=_ID)]
        if params["audience_id"] is None:
            return people
        membership = self._memberships.find(params["audience_id"], campaign_id=campaign["_id"])
        part = self._places.find(step)
        if membership is None or part is None or not membership.covers(part.path):
            return []
        members = membership.among(people)
        return [key for key in people if key in members]

    def _parts(self, actor: Actor, campaign: Document, area: str | None) -> list[str]:
        parts = [part.id for part in self._scope.of_parts(actor, campaign, area=area)]
        if area is not None and not parts:
            raise Invalid(area="area_not_in_campaign")
        return parts

    def _read(self, tags: Sequence[str], *, field: str) -> list[str]:
        if code := self._rules.wrong_with(tags):
            raise Invalid(**{field: code})
        if not all(found := read(tags)):
            raise Invalid(**{field: "empty"})
        return found

    def _change(self, actor: Actor, contact_ids: Sequence[str], changes: Mapping[str, Sequence[str]]) -> int:
        return self._store.change(
            contact_ids,
            add=changes["add"],
            remove=changes["remove"],
            most=MAX_TAGS,
            by=actor.user_id,
            at=self._clock.now(),
        )
