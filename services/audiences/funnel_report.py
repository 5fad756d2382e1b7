"""Readiness as leaders read it: the funnel of a campaign or an area, in tens for observers."""

from __future__ import annotations

from typing import Any

from services.audiences.funnels import Funnels
from services.domain.people.actor import Actor
from services.reports.scope import told, told_counts

_NOT_COUNTED: dict[str, Any] = {"matched": None, "ready": None, "blocked": {}, "counted_at": None}


class FunnelReport:
    """Asks for the funnel of places; what is not counted yet is said to be so, while a job counts it."""

    def __init__(self, funnels: Funnels) -> None:
        self._funnels = funnels

    def of(self, actor: Actor, *, campaign_id: str, area: str | None, channel: str | None) -> dict[str, Any]:
        """Return `{channel, matched, ready, blocked, counted_at}`; raise Invalid for a channel of no use here."""
        answer = self._funnels.ask(actor, campaign_id=campaign_id, channel=channel, audience_id=None, area=area)
        figures = answer.figures
        if figures is None:
            return {"channel": answer.channel, **_NOT_COUNTED}
        return {
            "channel": answer.channel,
            "matched": told(actor, figures["matched"]),
            "ready": told(actor, figures["ready"]),
            "blocked": told_counts(actor, figures["blocked"]),
            "counted_at": figures["counted_at"],
        }
