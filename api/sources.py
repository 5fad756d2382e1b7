"""Where contacts came from: declared sources, and the second person who attests the consent that one claims."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.jobs import shown
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.base import PagedQuery
from schemas.jobs import JobOut
from schemas.sources import SourceOut, SourcePageOut
from services.domain.people.actor import Actor
from services.imports.sources import declared

resource = Resource("sources", __name__, description="Where contacts came from, and on which lawful basis")


@resource.operation("GET", "/sources", verb="sources.read", query=PagedQuery, answer=SourcePageOut)
def list_sources(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List the sources that imports have declared."""
    return page_answer(services().sources.list_page(page_request(query)).map(_shown))


@resource.operation("GET", "/sources/<source_id>", verb="sources.read", answer=SourceOut, versioned=True)
def get_source(actor: Actor, source_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Show one source: what was declared, by whom, and who has attested it."""
    stored = services().sources.get(source_id)
    # Nothing of a source changes but that somebody attests it.
    note_version(2 if stored.get("attested_by") else 1)
    return _shown(stored)


@resource.operation(
    "POST",
    "/sources/<source_id>/attest",
    verb="sources.attest",
    answer=JobOut,
    status=202,
    problems=("own_approval", "state_conflict"),
)
def attest_source(actor: Actor, source_id: str) -> dict[str, Any]:
    """Vouch for the consent that another person's source claims; a job frees the addresses that waited for it."""
    return shown(services().sources.attest(actor, source_id))


def _shown(stored: dict[str, Any]) -> dict[str, Any]:
    source = declared(stored)
    return {
        "id": stored["_id"],
        **source.to_plain(),
        "claims_consent": source.claims_consent,
        "declared_by": stored["by"],
        "declared_at": stored["at"],
        "attested_by": stored.get("attested_by"),
        "attested_at": stored.get("attested_at"),
    }
