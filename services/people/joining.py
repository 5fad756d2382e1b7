"""Joining by oneself: a district's code lets people ask, and its coordinator says who comes in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from services.campaigns.places import Places
from services.domain.errors import Conflict, Forbidden, Invalid, NotFound
from services.domain.ids import new_id
from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.domain.people.adults import require_adult
from services.domain.people.users import User
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.people.invitations import Invitation, Invitations
from services.people.roster import Roster
from services.people.throttling import SignInThrottle
from services.store.collection import Document
from services.store.people.joins import JoinStore
from services.store.people.users import UserStore

# Read out in a hall and typed on a phone: no letter that looks like another.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 8


class Joining:
    """Codes and requests of a district, for its coordinator; headquarters for every district."""

    def __init__(
        self,
        store: JoinStore,
        *,
        roster: Roster,
        users: UserStore,
        invitations: Invitations,
        throttle: SignInThrottle,
        places: Places,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._roster = roster
        self._users = users
        self._invitations = invitations
        self._throttle = throttle
        self._places = places
        self._audit = audit
        self._clock = clock

    def create_code(self, actor: Actor, *, district: str | None, cap: int, days: int) -> Document:
        """Make a code by which up to `cap` people may ask within some days; it is the actor's own district's."""
        chosen = district or actor.home_area
        if chosen is None:
            raise Invalid(district="required")
        if not actor.is_headquarters and chosen != actor.home_area:
            raise Forbidden
        self._places.require([chosen], field="district", kinds=frozenset({"district"}))
        now = self._clock.now()
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        code_id = new_id()
        facts = {
            "_id": code_id,
            "district_id": chosen,
            "cap": cap,
            "created_by": actor.user_id,
            "created_at": now,
            "expires_at": now + timedelta(days=days),
            "revoked_at": None,
        }
        self._store.insert_code(code, facts)
        self._audit.record(actor, "join.code_create", subject=f"join_code:{code_id}", district=chosen, cap=cap)
        return self._store.get_code(code_id)

    def list_codes(self, actor: Actor, page: PageRequest) -> Page[Document]:
        """Return the codes of the actor's district, for headquarters all."""
        return self._store.list_codes(page, district=_district(actor))

    def revoke_code(self, actor: Actor, code_id: str) -> None:
        """End a code; what was asked with it stays to be decided."""
        code = self._store.get_code(code_id)
        if _district(actor) not in {None, code["district_id"]}:
            raise NotFound
        if self._store.revoke_code(code_id, at=self._clock.now()):
            self._audit.record(actor, "join.code_revoke", subject=f"join_code:{code_id}")

    def ask(self, *, code: str, phone: str, told: Mapping[str, Any], address: str | None) -> None:
        """Ask to join; for a phone that is on the roster, or has asked before, the same is done and told.

        Raises NotFound for a code that is unknown, over or used up, Throttled for too many of those, Invalid for a
        minor, of whom nothing is kept.
        """
        require_adult(told, self._clock.now())
        found = self._store.find_code(code.upper().replace("-", "").replace(" ", ""))
        now = self._clock.now()
        if found is None or found["revoked_at"] is not None or found["expires_at"] <= now:
            self._refuse(address)
        if not self._store.take_place(found["_id"]):
            self._refuse(address)
        request_id = self._store.insert_request(found, phone=phone, told=told, at=now)
        if request_id is None:
            self._store.give_place_back(found["_id"])
        else:
            self._audit.record(None, "join.ask", subject=f"join_request:{request_id}", address=address)

    def list_requests(self, actor: Actor, page: PageRequest, *, state: str | None) -> Page[Document]:
        """Return the requests of the actor's district, for headquarters all."""
        return self._store.list_requests(page, district=_district(actor), state=state)

    def approve(self, actor: Actor, request_id: str) -> tuple[Document, Invitation]:
        """Enrol who asked and return their invitation; raise Conflict("phone_taken") for somebody enrolled already."""
        request = self._waiting(actor, request_id)
        user = self._enrolled(actor, request)
        # Of two who approve at once one invites: a second invitation would end the first, which was handed over.
        self._decide(actor, request_id, state="approved", user_id=user.id)
        invitation = self._invitations.invite(actor, [user.id])[0]
        return self._store.get_request(request_id, district=None), invitation

    def reject(self, actor: Actor, request_id: str) -> Document:
        """Turn a request down; the phone and the name in it are forgotten."""
        self._waiting(actor, request_id)
        self._decide(actor, request_id, state="rejected")
        return self._store.get_request(request_id, district=None)

    def _waiting(self, actor: Actor, request_id: str) -> Document:
        request = self._store.get_request(request_id, district=_district(actor))
        if request["state"] != "waiting":
            raise Conflict("state_conflict")
        return request

    def _enrolled(self, actor: Actor, request: Document) -> User:
        facts = {
            "phone": request["phone"],
            "name": request["name"],
            "role": "volunteer",
            "home_area": request["district_id"],
            "languages": request["languages"],
            "channels": request["channels"],
        }
        mark = {"join": request["_id"]}
        try:
            return self._roster.create(actor, facts, mark=mark)
        except Conflict:
            known = self._users.find_by_phone(request["phone"])
            # Whom this very request has enrolled before a kill is no stranger.
            if known is None or self._users.marked(known.id, mark) is None:
                raise
            return known

    def _decide(self, actor: Actor, request_id: str, *, state: str, user_id: str | None = None) -> None:
        at = self._clock.now()
        if not self._store.decide(request_id, state=state, by=actor.user_id, at=at, user_id=user_id):
            raise Conflict("state_conflict")
        action = "join.approve" if state == "approved" else "join.reject"
        self._audit.record(actor, action, subject=f"join_request:{request_id}")

    def _refuse(self, address: str | None) -> NoReturn:
        self._throttle.admit(address=address)
        self._throttle.failed(address=address)
        raise NotFound("join_code_invalid")


def _district(actor: Actor) -> str | None:
    return None if actor.is_headquarters else actor.home_area or ""
