"""Who must leave a seat: people of another district, once campaigning has ended there (RPA 1951 s.126)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.batches.desk import Desks
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook, parse_controls
from services.domain.people.users import DISTRICT_ROLES, User
from services.domain.rules.calendar import poll_for
from services.gateways.clock import Clock
from services.store.campaigns.campaigns import CampaignStore
from services.store.campaigns.controls import ControlStore

Document = dict[str, Any]
OUTSIDER = "outsider"


class _Ended(NamedTuple):
    """A seat of a campaign where campaigning has ended, until the close of its poll."""

    campaign: Document
    seat: str
    since: datetime
    until: datetime


class Outsiders:
    """Warns beside the roster: two reads for a page of people, one while no poll is near."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        controls: ControlStore,
        rulebook: Rulebook,
        desks: Desks,
        places: Places,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._controls = controls
        self._rulebook = rulebook
        self._desks = desks
        self._places = places
        self._clock = clock

    def warnings(self, people: Sequence[User]) -> Mapping[str, list[Document]]:
        """Return, by person, the seats where they may work from outside and must leave: `{code, area, since, until}`.

        Home is told by district: whoever votes in the seat but is at home in another district is warned too.
        """
        ended = self._ended()
        found: dict[str, dict[str, Document]] = {}
        for user in people:
            for one in ended if user.role in DISTRICT_ROLES and user.state != "suspended" else ():
                works_there = any(seat.id == one.seat for seat in self._desks.seats(user, one.campaign))
                if works_there and user.home_area not in self._places.get(one.seat).path:
                    warning = {"code": OUTSIDER, "area": one.seat, "since": one.since, "until": one.until}
                    found.setdefault(user.id, {})[one.seat] = warning
        return {user_id: list(by_seat.values()) for user_id, by_seat in found.items()}

    def _ended(self) -> list[_Ended]:
        now = self._clock.now()
        controls = parse_controls(self._controls.read())
        if not any(poll.closes_at > now for poll in controls.polls.values()):
            return []
        ended = []
        for campaign in self._campaigns.list_live():
            ruling = self._rulebook.about(campaign, now, controls=controls)
            for seat in campaign["constituencies"]:
                poll = poll_for(controls, "", seat)
                silence = poll.silence(ruling.rules.at("", seat).silence.before_close("")) if poll else None
                if silence is not None and silence.contains(now):
                    ended.append(_Ended(campaign, seat, silence.start, silence.end))
        return ended
