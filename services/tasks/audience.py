"""Turns who an actor wants to ask into an audience inside what the actor may reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.campaigns.places import Places
from services.domain.areas import Area
from services.domain.errors import Invalid
from services.domain.people.actor import Actor
from services.domain.tasks.tasks import Audience
from services.store.tasks.receivers import ReceiverStore


class TaskAudience:
    """Resolves roles, areas and people; headquarters reaches everybody, a coordinator the own district's people."""

    def __init__(self, places: Places, people: ReceiverStore) -> None:
        self._places = places
        self._people = people

    def resolve(self, actor: Actor, asked: Mapping[str, Any]) -> Audience:
        """Return the audience, or raise Invalid that names what is unknown or not the actor's.

        A district means the people at home there, a constituency or part those who have it among their areas,
        the state everybody. All that is given must hold.
        """
        areas = self._places.require(asked.get("areas") or (), field="audience.areas")
        homes, works = self._split(areas)
        inside = None if actor.is_headquarters else own_district(actor)
        if inside is not None and areas and (homes is None or set(homes) - {inside}):
            raise Invalid(**{"audience.areas": "area_not_yours"})
        if inside is not None and homes is None:
            homes = (inside,)
        audience = Audience(
            roles=tuple(asked["roles"]) if asked.get("roles") else None, homes=homes, works=works, inside=inside
        )
        if asked.get("user_ids"):
            return self._named(audience, asked["user_ids"])
        return audience

    def _split(self, areas: Sequence[Area]) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        """Return home districts (None: all of them) and working areas."""
        districts = {area.id for area in areas if area.kind == "district"}
        if not areas or any(area.kind == "state" for area in areas) or districts >= set(self._places.district_ids()):
            return None, ()
        return tuple(sorted(districts)), tuple(sorted({area.id for area in areas} - districts))

    def _named(self, audience: Audience, user_ids: Sequence[str]) -> Audience:
        people = self._people.active(user_ids)
        known = [
            user_id
            for user_id, person in people.items()
            if audience.inside is None or person["home_area"] == audience.inside
        ]
        if set(user_ids) - set(known):
            raise Invalid(**{"audience.user_ids": "user_unknown"})
        fitting = sorted(user_id for user_id in known if _fits(people[user_id], audience))
        return Audience(user_ids=tuple(fitting), inside=audience.inside)


def own_district(actor: Actor) -> str:
    """Return the district whose people an actor below headquarters may reach; nobody's when there is none."""
    return actor.home_area or ""


def _fits(person: Mapping[str, Any], audience: Audience) -> bool:
    if audience.roles is not None and person["role"] not in audience.roles:
        return False
    if audience.homes is None:
        return True
    return person["home_area"] in audience.homes or bool(set(person["areas"]) & set(audience.works))
