"""Who receives a task: active people by home, working area and name, read by id alone from the collection `users`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pymongo.database import Database

from services.domain.tasks.tasks import Audience, Group
from services.store.collection import Collection, Document


class ReceiverStore:
    """Ids of people, page by page; nothing sealed is opened here."""

    def __init__(self, database: Database[Document]) -> None:
        self._users = Collection(database, "users")

    def ensure_indexes(self) -> None:
        """Lead the pages of a group."""
        self._users.ensure_index([("home_area", 1), ("role", 1), ("state", 1), ("_id", 1)])
        self._users.ensure_index([("areas", 1), ("role", 1), ("_id", 1)])

    def homes(self, audience: Audience) -> Counter[str | None]:
        """Return how many people an audience has, by their home districts, in two round trips at most."""
        if audience.user_ids is not None:
            return Counter(person["home_area"] for person in self.active(audience.user_ids).values())
        everybody: Document = {"state": "active"}
        if audience.roles:
            everybody["role"] = {"$in": list(audience.roles)}
        if audience.inside is not None:
            everybody["home_area"] = audience.inside
        if audience.homes is None or (audience.inside is not None and audience.inside in audience.homes):
            return self._counted(everybody)
        homes = list(audience.homes)
        found = self._counted({**everybody, "home_area": {"$in": homes}}) if homes else Counter()
        if audience.works:
            elsewhere = {"home_area": {"$nin": homes}, **everybody}
            found += self._counted({**elsewhere, "areas": {"$in": list(audience.works)}})
        return found

    def page(self, group: Group, *, inside: str | None, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Return people of a group after the id `after`, and the id to go on after, None when that was all."""
        if group.kind == "named":
            return sorted(self.active(group.user_ids)), None
        query: Document = {"state": "active", "role": group.role}
        query["home_area" if group.kind == "home" else "areas"] = group.area
        if inside is not None and group.kind == "works":
            query["home_area"] = inside
        if after is not None:
            query["_id"] = {"$gt": after}
        people = self._users.many(query, fields=["_id"], sort=[("_id", 1)], limit=limit)
        return [person["_id"] for person in people], people[-1]["_id"] if len(people) == limit else None

    def active(self, user_ids: Sequence[str]) -> dict[str, Document]:
        """Return role, home and areas of those of the people who are active, by id."""
        found = self._users.by_ids(user_ids, fields=["state", "role", "home_area", "areas", "locale", "paused_at"])
        return {user_id: person for user_id, person in found.items() if person["state"] == "active"}

    def _counted(self, query: Document) -> Counter[str | None]:
        rows = self._users.aggregate([{"$match": query}, {"$group": {"_id": "$home_area", "people": {"$sum": 1}}}])
        return Counter({row["_id"]: row["people"] for row in rows})
