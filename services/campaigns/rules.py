"""Versions of the rules of the state and of campaigns: a narrowing is live at once, a widening when a second agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.campaigns.rule_proposals import Book, Proposal, RuleProposals, rules_in, shown_at
from services.domain.errors import Conflict, NotFound, StaleVersion
from services.domain.people.actor import Actor
from services.domain.rules.versions import effective
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.campaigns.campaigns import CampaignStore
from services.store.campaigns.controls import ControlStore

Document = dict[str, Any]
_UNCLOSED = ("draft", "active", "paused")
_STATE = "state"


class RuleVersions:
    """Propose, approve, reject and read versions; a `campaign_id` of None means the state's, below all campaigns'."""

    def __init__(
        self,
        *,
        store: CampaignStore,
        controls: ControlStore,
        proposals: RuleProposals,
        audit: Audit,
        clock: Clock,
        changed: Callable[[Document | None], None],
    ) -> None:
        self._store = store
        self._controls = controls
        self._proposals = proposals
        self._audit = audit
        self._clock = clock
        # Whose phones are to hear that live rules are others now: a campaign's, or with None all.
        self._changed = changed

    def first(self, actor: Actor, override: Mapping[str, Any], seats: list[str]) -> Document:
        """Return the first version of a campaign that is being made, over the state's rules."""
        campaign = {"_id": "", "rules": [], "constituencies": seats}
        return self._proposals.propose(self._book(campaign), override, by=actor.user_id).entry

    def show(self, campaign_id: str | None, *, area: str | None = None) -> Document:
        """Return the live rules, as they hold in `area` if one is named, and the versions that wait or begin later."""
        book = self._read(campaign_id)
        now = self._clock.now()
        before = self._proposals.timeline(book)
        later = [entry for entry in book.entries if entry["state"] == "live" and entry["starts_at"] > now]
        waiting = [entry for entry in book.entries if entry["state"] == "pending"]
        return {
            **shown_at(effective(before, now), self._proposals.place(book, area)),
            "state": "live",
            "pending": [self._proposals.told(book, entry) for entry in waiting],
            "scheduled": [self._proposals.told(book, entry) for entry in later],
            "tag": book.tag,
        }

    def propose(
        self,
        actor: Actor,
        campaign_id: str | None,
        override: Mapping[str, Any],
        *,
        area: str | None = None,
        version: int | None,
    ) -> Document:
        """Lay `override` over the rules as a new version; return it with state `live` or `pending`.

        What says nothing new makes no version. With `area` it holds in that constituency or part alone.
        """
        book = self._read(campaign_id)
        if version is not None and version != book.tag:
            raise StaleVersion
        proposal = self._proposals.propose(book, override, by=actor.user_id, area=area)
        if not proposal.entry["override"]:
            return self.show(campaign_id, area=area)
        entry = proposal.entry
        tag = self._write(book, [*book.entries, entry])
        facts = {"version": entry["version"], "state": entry["state"], "fields": sorted(proposal.fields)}
        self._audit.record(actor, "rules.propose", subject=campaign_id or _STATE, **facts)
        if entry["state"] == "live":
            self._tell(book)
        return self._answer(book, proposal, area=area, tag=tag)

    def preview(
        self, campaign_id: str | None, override: Mapping[str, Any], *, area: str | None = None
    ) -> tuple[Book, Proposal]:
        """Return what a proposal would be, without keeping anything of it."""
        book = self._read(campaign_id)
        return book, self._proposals.propose(book, override, by="", area=area)

    def decide(
        self, actor: Actor, campaign_id: str | None, number: int, *, approve: bool, tag: int | None = None
    ) -> Document:
        """Approve or reject a pending version; the person who proposed it may only reject."""
        book = self._read(campaign_id)
        if tag not in {None, book.tag}:
            raise StaleVersion
        entry = next((one for one in book.entries if one["version"] == number), None)
        if entry is None:
            raise NotFound
        if approve and entry["proposed_by"] == actor.user_id:
            raise Conflict("own_approval")
        if entry["state"] != "pending":
            raise Conflict("state_conflict")
        now = self._clock.now()
        decided = {**entry, "state": "live" if approve else "rejected", "decided_by": actor.user_id, "decided_at": now}
        if approve:
            decided["starts_at"] = max(now, entry["starts_at"])
            # The rules below may be others than when it was proposed: nothing that cannot be read goes live.
            self._proposals.check(book, decided)
        written = self._write(book, [decided if one["version"] == number else one for one in book.entries])
        action = "rules.approve" if approve else "rules.reject"
        self._audit.record(actor, action, subject=campaign_id or _STATE, version=number)
        if approve:
            self._tell(book)
        return {**self._proposals.told(book, decided), "tag": written}

    def _answer(self, book: Book, proposal: Proposal, *, area: str | None, tag: int) -> Document:
        entry = proposal.entry
        rules = rules_in(proposal.after, entry["starts_at"])
        facts = {"state": entry["state"], "proposed_by": entry["proposed_by"], "widens": list(proposal.widens)}
        return {**shown_at(rules, self._proposals.place(book, area)), **facts, "version": entry["version"], "tag": tag}

    def _read(self, campaign_id: str | None) -> Book:
        return self._book(None if campaign_id is None else self._store.get(campaign_id))

    def _book(self, campaign: Document | None) -> Book:
        others = self._store.list_all() if campaign is None else []
        unclosed = tuple(one for one in others if one["state"] in _UNCLOSED)
        return Book(state=self._controls.read(), campaign=campaign, others=unclosed)

    def _write(self, book: Book, entries: list[Document]) -> int:
        """Keep the versions if nobody changed anything meanwhile, and return the new tag."""
        if book.campaign is None:
            written = self._controls.set_fields({"rules": entries}, version=book.tag)
            if written is None:
                raise StaleVersion
            return int(written["version"])
        change = {"$set": {"rules": entries}, "$inc": {"content_version": 1}}
        changed = self._store.change(book.campaign["_id"], change, version=book.tag, states=_UNCLOSED)
        if changed is None:
            raise Conflict("state_conflict")
        return int(changed["version"])

    def _tell(self, book: Book) -> None:
        self._changed(book.campaign)
