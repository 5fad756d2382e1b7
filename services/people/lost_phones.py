"""Phones that are lost: a coordinator sees a person's sign-ins and reports those that are out of their hands."""

from __future__ import annotations

from typing import Any

from services.domain.paging import Page, PageRequest
from services.domain.people.actor import Actor
from services.people.roster import Roster
from services.people.signouts import SignOuts


class LostPhones:
    """For those who manage a person; the person reports a phone from another sign-in of their own."""

    def __init__(self, roster: Roster, signouts: SignOuts) -> None:
        self._roster = roster
        self._signouts = signouts

    def sessions(self, actor: Actor, user_id: str, page: PageRequest) -> Page[dict[str, Any]]:
        """Return the live sign-ins of a person whom the actor manages, or raise NotFound or Forbidden."""
        self._roster.manageable(actor, user_id)
        return self._signouts.live_of(actor, user_id, page)

    def report(self, actor: Actor, user_id: str, session_id: str | None) -> list[str]:
        """Report one sign-in's phone lost, or those of all live ones; return which sign-ins it was."""
        self._roster.manageable(actor, user_id)
        if session_id is None:
            return self._signouts.lose_all(actor, owner=user_id)
        self._signouts.lose(actor, session_id, owner=user_id)
        return [session_id]
