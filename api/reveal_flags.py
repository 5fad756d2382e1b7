"""Flags about revealed numbers, for the coordinators of those whom they are about."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.preconditions import note_version
from schemas.reveal_flags import RevealFlagOut, RevealFlagPageOut, RevealFlagsQuery, SettleFlagIn
from services.domain.people.actor import Actor

resource = Resource(
    "reveal_flags", __name__, description="Days on which revealed numbers look wrong, with the evidence"
)


@resource.operation(
    "GET", "/reports/reveal-flags", verb="reveal_flags.read", query=RevealFlagsQuery, answer=RevealFlagPageOut
)
def list_reveal_flags(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """List flags about volunteers' revealed numbers, the latest days first; coordinators see their own people's."""
    wanted = {name: query[name] for name in ("state", "user_id")}
    return page_answer(services().audit_trail.watch.list_page(actor, page_request(query), **wanted).map(_wire))


@resource.operation(
    "GET", "/reports/reveal-flags/<flag_id>", verb="reveal_flags.read", answer=RevealFlagOut, versioned=True
)
def get_reveal_flag(actor: Actor, flag_id: str) -> dict[str, Any]:
    """Return a flag with its evidence."""
    return _shown(services().audit_trail.watch.get(actor, flag_id))


@resource.operation(
    "POST",
    "/reports/reveal-flags/<flag_id>/settle",
    verb="reveal_flags.settle",
    body=SettleFlagIn,
    answer=RevealFlagOut,
    versioned=True,
    problems=("state_conflict",),
)
def settle_reveal_flag(actor: Actor, flag_id: str, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:
    """Say what was behind a flag; once said it stands."""
    return _shown(services().audit_trail.watch.settle(actor, flag_id, **body, version=if_match))


def _shown(flag: dict[str, Any]) -> dict[str, Any]:
    note_version(flag["version"])
    return _wire(flag)


def _wire(flag: dict[str, Any]) -> dict[str, Any]:
    return {**flag, "day": date.fromisoformat(flag["day"])}
