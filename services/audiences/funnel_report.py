"""Readiness as leaders read it: the funnel of a campaign or an area, without cells of a few people for observers."""

from __future__ import annotations

from typing import Any

from services.audiences.funnels import Funnels
from services.domain.people.actor import Actor
from services.domain.reports.small_cells import without_few
from services.reports.scope import FEWEST_PEOPLE, SINGLE_PEOPLE, cell_of_few, told

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
        # What is missing between all and the ready is a cell as well.
        rest_is_few = (
            cell_of_few(actor, figures["matched"] - figures["ready"]) and figures["ready"] < figures["matched"]
        )
        return {
            "channel": answer.channel,
            "matched": told(actor, figures["matched"]),
            "ready": None if rest_is_few else told(actor, figures["ready"]),
            "blocked": _blocked(actor, figures["blocked"]),
            "counted_at": figures["counted_at"],
        }


def _blocked(actor: Actor, blocked: dict[str, int]) -> dict[str, int]:
    """Return people by reason; beside a reason of a few so many others are left out that it cannot be told."""
    if actor.role in SINGLE_PEOPLE:
        return blocked
    shown = without_few(blocked, fewest=FEWEST_PEOPLE, whole=True)
    return {reason: number for reason, number in shown.items() if number is not None}
