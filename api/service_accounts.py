"""Programs that may use the API: their accounts and keys, for headquarters."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.service_accounts import (
    RotateIn,
    ServiceAccountIn,
    ServiceAccountKeyOut,
    ServiceAccountOut,
    ServiceAccountPageOut,
    ServiceAccountsQuery,
)
from services.domain.people.actor import Actor
from services.domain.people.service_accounts import ServiceAccount

resource = Resource("service_accounts", __name__, description="Programs with a few verbs, and keys that expire")


@resource.operation(
    "GET",
    "/service-accounts",
    verb="service_accounts.read",
    query=ServiceAccountsQuery,
    answer=ServiceAccountPageOut,
)
def list_service_accounts(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List service accounts in the order in which they were made; a key's text is in none of them."""
    return page_answer(services().service_accounts.list_page(page_request(query), state=query["state"]))


@resource.operation(
    "POST",
    "/service-accounts",
    verb="service_accounts.manage",
    body=ServiceAccountIn,
    answer=ServiceAccountKeyOut,
    status=201,
    creates=True,
    versioned=True,
)
def create_service_account(actor: Actor, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:  # noqa: ARG001
    """Make an account for a program; its key is shown this once."""
    return _with_key(*services().service_accounts.create(actor, **body))


@resource.operation(
    "GET", "/service-accounts/<account_id>", verb="service_accounts.read", answer=ServiceAccountOut, versioned=True
)
def get_service_account(actor: Actor, account_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a service account: what it may do, until when, and when it was last used."""
    return _shown(services().service_accounts.get(account_id))


@resource.operation(
    "POST",
    "/service-accounts/<account_id>/rotate",
    verb="service_accounts.manage",
    body=RotateIn,
    body_optional=True,
    answer=ServiceAccountKeyOut,
    versioned=True,
    problems=("state_conflict",),
)
def rotate_service_account(actor: Actor, account_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Give an account a new key, shown this once; the old one goes on for a grace period."""
    return _with_key(*services().service_accounts.rotate(actor, account_id, **body, version=if_match))


@resource.operation(
    "POST",
    "/service-accounts/<account_id>/revoke",
    verb="service_accounts.manage",
    answer=ServiceAccountOut,
    versioned=True,
)
def revoke_service_account(actor: Actor, account_id: str, if_match: int | None) -> dict[str, Any]:
    """End an account with all its keys, at once and for good."""
    return _shown(services().service_accounts.revoke(actor, account_id, version=if_match))


def _shown(account: ServiceAccount) -> dict[str, Any]:
    note_version(account.version)
    return vars(account)


def _with_key(account: ServiceAccount, key: str) -> dict[str, Any]:
    note_version(account.version)
    return {**vars(account), "key": key}
