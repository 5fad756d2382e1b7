"""Whether what a list is narrowed by is there for the one who asks."""

from __future__ import annotations

from services.campaigns.places import Places
from services.domain.errors import Invalid, NotFound
from services.domain.people.actor import Actor
from services.domain.people.users import sees
from services.store.campaigns.campaigns import CampaignStore
from services.store.content.content import ContentStore
from services.store.people.users import UserStore

# From what a filter names to the code with which an unknown one is refused.
_CODES = {
    "area": "area_unknown",
    "district": "area_unknown",
    "campaign": "campaign_unknown",
    "person": "user_unknown",
    "script": "script_unknown",
}


class References:
    """Answers for one id at a time, with one read at most; the map is everybody's, a district and a person are not."""

    def __init__(self, *, places: Places, campaigns: CampaignStore, users: UserStore, scripts: ContentStore) -> None:
        self._places = places
        self._campaigns = campaigns
        self._users = users
        self._scripts = scripts

    def require(self, actor: Actor, to: str, key: str, *, field: str) -> None:
        """Raise Invalid that names `field` unless there is such a thing; what is not the actor's is not there."""
        known = {
            "area": lambda: self._places.find(key) is not None,
            "district": lambda: self._leads(actor, key),
            "campaign": lambda: self._has_campaign(key),
            "person": lambda: self._sees(actor, key),
            "script": lambda: self._scripts.find(key) is not None,
        }
        if not known[to]():
            raise Invalid(**{field: _CODES[to]})

    def _leads(self, actor: Actor, area_id: str) -> bool:
        return area_id in self._places.district_ids() and sees(actor, home_area=area_id)

    def _has_campaign(self, campaign_id: str) -> bool:
        try:
            self._campaigns.get(campaign_id)
        except NotFound:
            return False
        return True

    def _sees(self, actor: Actor, user_id: str) -> bool:
        user = self._users.find(user_id)
        return user is not None and sees(actor, home_area=user.home_area)
