"""What is remembered of the columns of lists that come again."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from schemas.base import PagedQuery
from schemas.sheet_mappings import SheetMappingPageOut
from services.domain.people.actor import Actor

resource = Resource("sheet-mappings", __name__, description="Which column is which field, remembered for a list")


@resource.operation("GET", "/sheet-mappings", verb="contacts.import", query=PagedQuery, answer=SheetMappingPageOut)
def list_mappings(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List the remembered mappings; an import that names one for a list's headings makes or replaces it."""
    return page_answer(services().sheet_mappings.list_page(page_request(query)).map(_shown))


@resource.operation("DELETE", "/sheet-mappings/<mapping_id>", verb="contacts.import", status=204)
def forget_mapping(actor: Actor, mapping_id: str) -> None:
    """Forget a mapping: the columns of the list's next sheet are guessed."""
    services().sheet_mappings.forget(actor, mapping_id)


def _shown(stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": stored["_id"],
        "source_name": stored["source_name"],
        "source_kind": stored["source_kind"],
        "mapping": stored["mapping"],
        "saved_by": stored["by"],
        "saved_at": stored["at"],
    }
