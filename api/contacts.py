"""Contacts: found within a campaign, corrected, erased; masked for everyone."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.base import PagedQuery
from schemas.contacts import ContactMergeIn, ContactOut, ContactPageOut, ContactPatch, ContactQuery, HistoryPageOut
from services.contacts.view import masked
from services.domain.contacts.edits import AddressDecision, Correction
from services.domain.paging import slice_of
from services.domain.people.actor import Actor

resource = Resource("contacts", __name__, description="People who may be contacted, masked")


@resource.operation(
    "GET", "/contacts", verb="contacts.read", query=ContactQuery, answer=ContactPageOut, problems=("not_found",)
)
def list_contacts(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List people part by part, found by name, house, relative, tag or number; a page may be short and not the last."""
    same = ("campaign_id", "area", "house", "relative", "tag", "status", "quarantined")
    wanted = {"text": query["q"], **{name: query[name] for name in same}}
    page, shown = services().contacts.list_page(actor, page_request(query), **wanted)
    return page_answer(page.map(lambda contact: masked(contact, shown, campaign_id=query["campaign_id"] or "")))


@resource.operation(
    "GET",
    "/contacts/<contact_id>",
    verb="contacts.read",
    answer=ContactOut,
    versioned=True,
    problems=("contact_merged",),
)
def get_contact(actor: Actor, contact_id: str) -> dict[str, Any]:
    """Show one person with their standing in each live campaign."""
    contact, shown = services().contacts.get(actor, contact_id)
    note_version(contact.version)
    return masked(contact, shown)


@resource.operation(
    "PATCH",
    "/contacts/<contact_id>",
    verb="contacts.edit",
    body=ContactPatch,
    answer=ContactOut,
    versioned=True,
    problems=("state_conflict", "contact_merged"),
)
def edit_contact(actor: Actor, contact_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Correct facts, accept or refuse addresses that wait, give a place to somebody without one."""
    contact = services().contacts.correct(actor, contact_id, _correction(body), version=if_match)
    note_version(contact.version)
    return masked(contact, services().contacts.about([contact], campaign_ids=[]))


@resource.operation(
    "POST",
    "/contacts/<contact_id>/merge",
    verb="contacts.edit",
    body=ContactMergeIn,
    answer=ContactOut,
    creates=True,
    versioned=True,
    problems=("state_conflict", "contact_merged", "contact_in_batch"),
)
def merge_contact(actor: Actor, contact_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Let a contact be another one from now on: that one gets all it is known by, and is what is answered."""
    contact = services().merges.merge(actor, contact_id, into=body["into"], version=if_match)
    note_version(contact.version)
    return masked(contact, services().contacts.about([contact], campaign_ids=[]))


@resource.operation(
    "POST",
    "/contacts/<contact_id>/unmerge",
    verb="contacts.edit",
    answer=ContactOut,
    creates=True,
    versioned=True,
    problems=("state_conflict", "contact_in_batch"),
)
def unmerge_contact(actor: Actor, contact_id: str, if_match: int | None) -> dict[str, Any]:
    """Take a merge back, asked of either of the two, and answer who comes back; of several merges the last one."""
    contact = services().merges.unmerge(actor, contact_id, version=if_match)
    note_version(contact.version)
    return masked(contact, services().contacts.about([contact], campaign_ids=[]))


@resource.operation("DELETE", "/contacts/<contact_id>", verb="contacts.erase", status=204, problems=("contact_merged",))
def erase_contact(actor: Actor, contact_id: str) -> None:
    """Erase a person: unreachable at once, nothing personal is kept, blind keys know them again."""
    services().contacts.erase(actor, contact_id)


@resource.operation(
    "GET",
    "/contacts/<contact_id>/history",
    verb="contacts.read",
    query=PagedQuery,
    answer=HistoryPageOut,
    problems=("contact_merged",),
)
def get_contact_history(actor: Actor, contact_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Show what happened to a contact: rows of imports, corrections, attempts."""
    return page_answer(slice_of(services().contacts.history(actor, contact_id), page_request(query)))


def _correction(body: dict[str, Any]) -> Correction:
    facts = {name: value for name, value in body.items() if name not in {"addresses", "part", "address"}}
    if "address" in body:
        facts["home_address"] = body["address"]
    if "tags" in facts:
        facts["tags"] = tuple(dict.fromkeys(tag.lower() for tag in facts["tags"]))
    decisions = [
        AddressDecision(key=one["id"], **{name: one.get(name) for name in ("state", "basis", "preferred", "why")})
        for one in body.get("addresses", ())
    ]
    return Correction(facts=facts, addresses=decisions, part_id=body.get("part"))
