"""What is kept of people beyond the roll: tags, singly and on many, and custom fields of a campaign."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.jobs import shown as job_shown
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.custom_fields import (
    FieldIn,
    FieldOut,
    FieldPageOut,
    FieldsQuery,
    FieldValuesIn,
    FieldValuesOut,
    FieldValuesQuery,
    TagsIn,
)
from schemas.jobs import JobOut
from services.domain.contacts.custom_fields import CustomValues
from services.domain.paging import slice_of
from services.domain.people.actor import Actor

_WRONG = ("validation_failed",)
resource = Resource("tags", __name__, description="Tags and custom fields of contacts")


@resource.operation(
    "POST",
    "/contacts/tags",
    verb="contacts.edit",
    body=TagsIn,
    answer=JobOut,
    status=202,
    problems=("not_found",),
    creates=True,
)
def tag_contacts(actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Put tags on many people and take others off: a job that says how many changed."""
    return job_shown(services().audiences.tagging.begin(actor, body))


@resource.operation(
    "PUT", "/contacts/<contact_id>/tags/<string:tag>", verb="contacts.edit", status=204, problems=_WRONG
)
def tag_contact(actor: Actor, contact_id: str, tag: str) -> None:
    """Put a tag on a person; one that is there already stays."""
    services().audiences.tagging.one(actor, contact_id, tag, on=True)


@resource.operation(
    "DELETE", "/contacts/<contact_id>/tags/<string:tag>", verb="contacts.edit", status=204, problems=_WRONG
)
def untag_contact(actor: Actor, contact_id: str, tag: str) -> None:
    """Take a tag off a person."""
    services().audiences.tagging.one(actor, contact_id, tag, on=False)


@resource.operation(
    "GET", "/campaigns/<campaign_id>/fields", verb="campaigns.read", query=FieldsQuery, answer=FieldPageOut
)
def list_fields(actor: Actor, campaign_id: str, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List the custom fields of a campaign by name."""
    return page_answer(slice_of(services().audiences.custom_fields.list_all(campaign_id), page_request(query)))


@resource.operation(
    "POST",
    "/campaigns/<campaign_id>/fields",
    verb="campaigns.edit",
    body=FieldIn,
    answer=FieldOut,
    status=201,
    problems=("duplicate", "state_conflict"),
    creates=True,
)
def define_field(actor: Actor, campaign_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Define a custom field; one about caste, religion, Aadhaar or a vote that was cast is refused."""
    note_version(1)
    defined: dict[str, Any] = services().audiences.custom_fields.define(actor, campaign_id, body)
    return defined


@resource.operation(
    "GET", "/contacts/<contact_id>/fields", verb="contacts.read", query=FieldValuesQuery, answer=FieldValuesOut
)
def get_field_values(actor: Actor, contact_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a person by custom field."""
    return _known(services().audiences.custom_fields.values(actor, contact_id, campaign_id=query["campaign_id"]))


@resource.operation(
    "PUT",
    "/contacts/<contact_id>/fields",
    verb="contacts.edit",
    body=FieldValuesIn,
    answer=FieldValuesOut,
    problems=("stale_version",),
)
def fill_fields(actor: Actor, contact_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change what is known of a person; fields that are not named stay."""
    return _known(services().audiences.custom_fields.fill(actor, contact_id, **body))


def _known(known: CustomValues) -> dict[str, Any]:
    beside = [{"name": name, "value": value, "source_id": source_id or None} for name, value, source_id in known.beside]
    return {"values": known.values, "told_differently": beside}
