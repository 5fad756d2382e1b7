"""What a role may do, and about whose things: verbs and reach as data; in lists the reach is part of each query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.domain.errors import Forbidden, NotFound, Unauthenticated
from services.domain.people.actor import Actor
from services.domain.people.subject import Subject

# What a revoked session may still do for seven days, so that finished work is not lost.
VERBS_OF_A_REVOKED_SESSION = frozenset({"me.outcomes", "me.sync"})


class Policy:
    """Answers `can(actor, verb, subject)` from a table of verbs per role and one of reach per kind of thing."""

    def __init__(self, verbs_by_role: Mapping[str, Sequence[str]], access: Mapping[str, Any] | None = None) -> None:
        self._verbs = {role: frozenset(verbs) for role, verbs in verbs_by_role.items()}
        self._kinds: Mapping[str, Any] = access["kinds"] if access else {}

    def can(self, actor: Actor, verb: str, subject: Subject | None = None) -> bool:
        """Tell whether the actor's role holds `verb`, their session still allows it, and it reaches the subject."""
        if actor.limited and verb not in VERBS_OF_A_REVOKED_SESSION:
            return False
        if actor.scopes is not None and verb not in actor.scopes:
            return False
        held = self._verbs.get(actor.role, frozenset())
        holds = verb in held or ("*" in held and (not verb.startswith("me.") or verb in _OWN_VERBS))
        return holds and (subject is None or self.reaches(actor, subject))

    def reaches(self, actor: Actor, subject: Subject) -> bool:
        """Tell whether a thing is within what the actor's role sees of its kind."""
        reach = self._kinds[subject.kind]["reach"].get(actor.role)
        if reach == "district":
            return actor.home_area is not None and actor.home_area in subject.districts
        if reach == "own":
            return subject.owner == actor.user_id
        return bool(reach == "all")

    def require(self, actor: Actor, verb: str, subject: Subject | None = None) -> None:
        """Raise Unauthenticated for a revoked session, Forbidden for what the role may never, NotFound out of reach."""
        if actor.limited and verb not in VERBS_OF_A_REVOKED_SESSION:
            raise Unauthenticated("session_revoked")
        if not self.can(actor, verb):
            raise Forbidden
        if subject is not None and not self.reaches(actor, subject):
            raise NotFound


# Headquarters' `*` covers the administration and a person's own account, not a volunteer's field work.
_OWN_VERBS = frozenset({"me.profile", "me.sessions", "me.devices", "me.tasks"})
