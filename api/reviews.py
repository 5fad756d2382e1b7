"""What volunteers heard and a coordinator decides about: numbers and handles that people gave, deaths."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.reviews import ReviewAcceptIn, ReviewOut, ReviewPageOut, ReviewQuery
from services.domain.outcomes.reviews import Review, as_shown
from services.domain.people.actor import Actor

resource = Resource("reviews", __name__, description="What volunteers heard and a coordinator decides about")


@resource.operation("GET", "/reviews", verb="reviews.read", query=ReviewQuery, answer=ReviewPageOut)
def list_reviews(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List what waits for a decision, or was decided, the oldest first: of one's own volunteers."""
    page = services().reviews.list_page(actor, page_request(query), state=query["state"], kind=query["kind"])
    return page_answer(page.map(_shown))


@resource.operation("GET", "/reviews/<review_id>", verb="reviews.read", answer=ReviewOut, versioned=True)
def get_review(actor: Actor, review_id: str) -> dict[str, Any]:
    """Return one thing to decide about."""
    return _answered(services().reviews.get(actor, review_id))


@resource.operation(
    "POST",
    "/reviews/<review_id>/accept",
    verb="reviews.decide",
    body=ReviewAcceptIn,
    body_optional=True,
    answer=ReviewOut,
    versioned=True,
    problems=("state_conflict", "blocked_by_rule"),
)
def accept_review(actor: Actor, review_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Bring a given address into use with its basis and notice, or confirm a death."""
    return _answered(services().reviews.accept(actor, review_id, basis=body.get("basis"), version=if_match))


@resource.operation(
    "POST",
    "/reviews/<review_id>/decline",
    verb="reviews.decide",
    answer=ReviewOut,
    versioned=True,
    problems=("state_conflict",),
)
def decline_review(actor: Actor, review_id: str, if_match: int | None) -> dict[str, Any]:
    """Leave an address out of use, or take a death back: the person may be contacted again."""
    return _answered(services().reviews.decline(actor, review_id, version=if_match))


def _answered(review: Review) -> dict[str, Any]:
    note_version(review.version)
    return _shown(review)


def _shown(review: Review) -> dict[str, Any]:
    same = ("id", "kind", "state", "outcome_id", "contact_id", "campaign_id", "user_id", "told_at", "given_kind")
    masked, problem = as_shown(review)
    return {
        **{name: getattr(review, name) for name in (*same, "consent", "notice_version", "decided_by", "decided_at")},
        "masked": masked,
        "problem": problem,
    }
