"""The expert desk: what voters ask, and the answers that volunteers get."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.base import PagedQuery
from schemas.questions import (
    AnswerIn,
    AskedOut,
    AskedPageOut,
    AskIn,
    PublishedPageOut,
    PublishedQuery,
    QuestionedOut,
    QuestionedPageOut,
    QuestionsQuery,
)
from services.domain.people.actor import Actor

resource = Resource("questions", __name__, description="Voters' questions, answered by experts for everybody")


@resource.operation(
    "POST",
    "/me/questions",
    verb="me.questions",
    body=AskIn,
    answer=AskedOut,
    status=201,
    creates=True,
    versioned=True,
)
def ask_question(actor: Actor, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:  # noqa: ARG001
    """Hand a voter's question on to the experts; a published answer comes with the sync."""
    return _shown(services().library.questions.ask(actor, body["text"], campaign_id=body["campaign_id"]))


@resource.operation("GET", "/me/questions", verb="me.questions", query=PagedQuery, answer=AskedPageOut)
def list_my_questions(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List what one has asked, newest first, and how far each has come."""
    return page_answer(services().library.questions.own(actor, page_request(query)))


@resource.operation("GET", "/me/answers", verb="me.questions", query=PublishedQuery, answer=PublishedPageOut)
def list_answers(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Find published answers of the campaigns where one works, newest question first; the sync brings the same."""
    filters = {name: query[name] for name in ("q", "campaign_id")}
    return page_answer(services().library.questions.published(actor, page_request(query), **filters))


@resource.operation("GET", "/questions", verb="questions.read", query=QuestionsQuery, answer=QuestionedPageOut)
def list_questions(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List questions, newest first; coordinators see those of their own district."""
    filters = {name: query[name] for name in ("q", "state", "campaign_id")}
    return page_answer(services().library.questions.list_page(actor, page_request(query), **filters))


@resource.operation("GET", "/questions/<question_id>", verb="questions.read", answer=QuestionedOut, versioned=True)
def get_question(actor: Actor, question_id: str) -> dict[str, Any]:
    """Return a question with its answers."""
    return _shown(services().library.questions.get(actor, question_id))


@resource.operation(
    "POST",
    "/questions/<question_id>/answer",
    verb="questions.answer",
    body=AnswerIn,
    answer=QuestionedOut,
    versioned=True,
)
def answer_question(actor: Actor, question_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Write an answer, or another one; phones get it when a second person has published it."""
    return _shown(services().library.questions.answer(actor, question_id, body, version=if_match))


@resource.operation(
    "POST",
    "/questions/<question_id>/publish",
    verb="questions.publish",
    answer=QuestionedOut,
    versioned=True,
    problems=("own_approval", "state_conflict"),
)
def publish_answer(actor: Actor, question_id: str, if_match: int | None) -> dict[str, Any]:
    """Give the newest answer to everybody who faces the question; never by whoever wrote it."""
    return _shown(services().library.questions.publish(actor, question_id, version=if_match))


@resource.operation(
    "POST",
    "/questions/<question_id>/withdraw",
    verb="questions.publish",
    answer=QuestionedOut,
    versioned=True,
    problems=("state_conflict",),
)
def withdraw_answer(actor: Actor, question_id: str, if_match: int | None) -> dict[str, Any]:
    """Take a published answer away from all phones."""
    return _shown(services().library.questions.withdraw(actor, question_id, version=if_match))


def _shown(question: dict[str, Any]) -> dict[str, Any]:
    note_version(question["version"])
    return question
