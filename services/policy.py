"""What a role may do: verbs as data, asked before anything else; whose things they are is part of each query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.domain.errors import Forbidden, Unauthenticated
from services.domain.people.actor import Actor

# What a revoked session may still do for seven days, so that finished work is not lost.
VERBS_OF_A_REVOKED_SESSION = frozenset({"me.outcomes", "me.sync"})


class Policy:
    """Answers `can(actor, verb)` from a table of verbs per role."""

    def __init__(self, verbs_by_role: Mapping[str, Sequence[str]]) -> None:
        self._verbs = {role: frozenset(verbs) for role, verbs in verbs_by_role.items()}

    def can(self, actor: Actor, verb: str) -> bool:
        """Tell whether the actor's role holds `verb`, and their session still allows it."""
        if actor.limited and verb not in VERBS_OF_A_REVOKED_SESSION:
            return False
        held = self._verbs.get(actor.role, frozenset())
        return verb in held or ("*" in held and not verb.startswith("me.")) or ("*" in held and verb in _OWN_VERBS)

    def require(self, actor: Actor, verb: str) -> None:
        """Raise Forbidden, or Unauthenticated for a revoked session, unless the actor may."""
        if actor.limited and verb not in VERBS_OF_A_REVOKED_SESSION:
            raise Unauthenticated("session_revoked")
        if not self.can(actor, verb):
            raise Forbidden


# Headquarters' `*` covers the administration and a person's own account, not a volunteer's field work.
_OWN_VERBS = frozenset({"me.profile", "me.sessions", "me.devices", "me.tasks"})
