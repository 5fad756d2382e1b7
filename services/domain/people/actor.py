"""Who is asking: the facts about a signed-in person that every decision needs."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("hq_admin", "coordinator", "volunteer", "observer", "expert")
CHANNELS = ("call", "sms", "whatsapp", "facebook", "instagram", "x", "voice_message")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A signed-in person.

    `limited` means a revoked session that may only hand in finished work, `lost` that its phone was reported lost, so
    that what it hands in waits for a coordinator.
    A program has `scopes`: the few verbs of its role that its account was given.
    """

    user_id: str
    role: str
    session_id: str
    home_area: str | None = None
    areas: tuple[str, ...] = ()
    locale: str = "hi"
    limited: bool = False
    lost: bool = False
    scopes: frozenset[str] | None = None
    address: str | None = None
    paused: bool = False
    daily_capacity: int | None = None

    @property
    def kind(self) -> str:
        """The role, or that it is a program: what the audit trail says."""
        return self.role if self.scopes is None else "service"

    @property
    def is_headquarters(self) -> bool:
        """Whether nothing of the state is hidden from this person."""
        return self.role == "hq_admin"

    @property
    def watches(self) -> tuple[str, ...]:
        """The places whose figures an observer or expert is kept to: those named, else the home district; none: all."""
        if self.role not in {"observer", "expert"}:
            return ()
        return self.areas or ((self.home_area,) if self.home_area else ())
