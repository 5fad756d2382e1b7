"""The expert desk: volunteers hand on what voters ask, experts answer, a second person publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.batches.desk import Desks
from services.domain.content.content import FOR_ALL
from services.domain.content.questions import asked_words, for_phone, search_words
from services.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from services.domain.identifiers.aadhaar import holds_aadhaar
from services.domain.identifiers.phones import without_phones
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.people.subject import Subject
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.policy import Policy
from services.store.campaigns.campaigns import CampaignStore
from services.store.content.questions import QuestionStore

Document = dict[str, Any]
_DESK = frozenset({"hq_admin", "expert"})


class Questions:
    """Ask, list, answer, publish and take back."""

    def __init__(
        self,
        *,
        store: QuestionStore,
        campaigns: CampaignStore,
        desks: Desks,
        policy: Policy,
        audit: Audit,
        clock: Clock,
        withdrawn: Callable[[Document | None], None],
    ) -> None:
        self._desks = desks
        # Whose phones are to drop an answer: a campaign's, or with None all.
        self._withdrawn = withdrawn
        self._policy = policy
        self._store = store
        self._campaigns = campaigns
        self._audit = audit
        self._clock = clock

    def ask(self, actor: Actor, text: str, *, campaign_id: str | None) -> Document:
        """Store a question in the volunteer's words, without phone numbers: whoever answers needs nobody's."""
        if holds_aadhaar(text):
            raise Invalid(text="aadhaar_like")
        text = without_phones(text)
        if campaign_id is not None and campaign_id not in self._campaigns.get_many([campaign_id]):
            raise Invalid(campaign_id="campaign_unknown")
        now = self._clock.now()
        question: Document = {
            "_id": new_id(),
            "state": "open",
            "campaign_id": campaign_id,
            "district_id": actor.home_area,
            "asked_by": actor.user_id,
            "asked_at": now,
            "draft": None,
            "live": None,
            "updated_at": now,
            "version": 1,
        }
        self._store.insert(question, text=text, words=search_words(text))
        return {**question, "text": text}

    def list_page(
        self, actor: Actor, page: PageRequest, *, q: str | None, state: str | None, campaign_id: str | None
    ) -> Page[Document]:
        """Return questions, newest first; a coordinator's are those of the own district. `q` finds in both scripts."""
        words = _words(q)
        filters = {"state": state, "campaign_id": campaign_id, "district_id": _district(actor)}
        return self._store.list_page(page, filters=filters, words=words)

    def own(self, actor: Actor, page: PageRequest) -> Page[Document]:
        """Return what the actor asked, newest first."""
        return self._store.list_page(page, filters={"asked_by": actor.user_id})

    def published(self, actor: Actor, page: PageRequest, *, q: str | None, campaign_id: str | None) -> Page[Document]:
        """Return published answers as phones have them: for all, and of live campaigns where the actor may work.

        `q` finds in both scripts, also by how a question was asked.
        """
        words = _words(q)
        faced = [one["_id"] for one in self._campaigns.list_live() if self._desks.seats(actor, one)]
        shelves = [shelf for shelf in (*faced, FOR_ALL) if campaign_id in {None, shelf}]
        return self._store.list_page(page, filters={"live_shelf": {"$in": shelves}}, words=words).map(for_phone)

    def get(self, actor: Actor, question_id: str) -> Document:
        """Return a question that is the actor's to see, or raise NotFound."""
        question = self._store.get(question_id)
        if not self._policy.reaches(actor, Subject.of_district("question", question["district_id"])):
            raise NotFound
        return question

    def answer(self, actor: Actor, question_id: str, said: Mapping[str, Any], *, version: int | None) -> Document:
        """Draft an answer, with the question as all may read it; what is published stays until this one is."""
        question = self._current(actor, question_id, version)
        now = self._clock.now()
        earlier = [one["version"] for one in (question["draft"], question["live"]) if one]
        draft = {
            "version": max(earlier, default=0) + 1,
            "question": said["question"],
            "answer": said["answer"],
            "answered_by": actor.user_id,
            "answered_at": now,
        }
        words = search_words(*said["question"].values(), *said["answer"].values())
        changed = self._store.put(question, {"state": "answered", "draft": draft, "updated_at": now}, words=words)
        self._audit.record(actor, "question.answer", subject=question_id, version=draft["version"])
        return changed

    def publish(self, actor: Actor, question_id: str, *, version: int | None) -> Document:
        """Give the drafted answer to all phones of the campaign; whoever drafted it cannot."""
        question = self._current(actor, question_id, version)
        draft, live = question["draft"], question["live"]
        if draft is None:
            raise Conflict("state_conflict")
        if draft["answered_by"] == actor.user_id:
            raise Conflict("own_approval")
        if live is None or live["version"] != draft["version"]:
            if question["state"] != "answered":
                raise Conflict("state_conflict")
            now = self._clock.now()
            live = {**draft, "published_by": actor.user_id, "published_at": now}
            question = self._store.put(question, {"state": "published", "live": live, "updated_at": now})
            self._audit.record(actor, "question.publish", subject=question_id, version=draft["version"])
        # Also when nothing changed: whoever published it may have died before this.
        self._campaigns.bump_content(question["campaign_id"])
        return question

    def withdraw(self, actor: Actor, question_id: str, *, version: int | None) -> Document:
        """Take a published answer from the phones; it may be answered anew."""
        question = self._current(actor, question_id, version)
        if question["state"] != "withdrawn":
            if question["live"] is None:
                raise Conflict("state_conflict")
            fields = {"state": "withdrawn", "live": None, "updated_at": self._clock.now()}
            question = self._store.put(question, fields)
            self._audit.record(actor, "question.withdraw", subject=question_id)
        campaign_id = question["campaign_id"]
        self._campaigns.bump_content(campaign_id)
        self._withdrawn(None if campaign_id is None else self._campaigns.get(campaign_id))
        return question

    def _current(self, actor: Actor, question_id: str, version: int | None) -> Document:
        question = self.get(actor, question_id)
        if version is not None and version != question["version"]:
            raise StaleVersion
        return question


def _words(q: str | None) -> list[list[str]]:
    words = asked_words(q) if q else []
    if q and not words:
        raise Invalid(q="nothing_to_search")
    return words


def _district(actor: Actor) -> str | None:
    """Return the district to which the actor's view is kept; None for the desk, a name of no place for the homeless."""
    if actor.role in _DESK:
        return None
    return actor.home_area or "-"
