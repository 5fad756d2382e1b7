"""Collection `devices`: app installations, each bound to a person, and the push targets they have, sealed.

Whoever knows a target and our Firebase project could send to that phone; so it is found by a blind index.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.ids import new_id
from services.store.collection import Collection, Document

_STALE_AFTER = timedelta(days=60)
_FORGOTTEN_AFTER = timedelta(days=270)


class DeviceStore:
    """`_id` is `<person>:<installation>`; a target is bound to one device at a time."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._devices = Collection(database, "devices")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the look-ups by target and by person, and let abandoned devices go."""
        self._devices.ensure_index([("target_key", 1)])
        self._devices.ensure_index([("user_id", 1)])
        self._devices.ensure_index([("forget_at", 1)], expireAfterSeconds=0)

    def bind(
        self, user_id: str, installation_id: str, *, target: Mapping[str, str], facts: Mapping[str, Any], at: datetime
    ) -> bool:
        """Store the installation with its target, which moves here from wherever it was; tell whether it is new."""
        key = device_id(user_id, installation_id)
        document = {
            "user_id": user_id,
            "installation_id": installation_id,
            **self.sealed(key, target),
            **facts,
            "binding": new_id(),
            "last_seen_at": at,
            "forget_at": datetime.now(UTC) + _FORGOTTEN_AFTER,
        }
        created = False
        if not self._devices.update({"_id": key}, {"$set": document, "$unset": {"quarantined_at": 1, "target": 1}}):
            created = self._devices.insert_once({"_id": key, **document, "created_at": at})
        self._leave_to_the_latest(document["target_key"])
        return created

    def unbind(self, user_id: str, installation_id: str) -> bool:
        """Forget the installation; False when it was not there."""
        return self._devices.delete({"_id": device_id(user_id, installation_id)}) == 1

    def of_user(self, user_id: str) -> list[Document]:
        """Return a person's devices."""
        return [self._opened(device) for device in self._devices.many({"user_id": user_id}, sort=[("_id", 1)])]

    def live_targets(self, user_ids: Iterable[str], *, now: datetime) -> list[Document]:
        """Return the devices of these people that a push may go to: with a target, neither stale nor quarantined.

        Each has `_id`, `user_id`, the opened `target` {kind, value}, `target_key`, `platform`, `app_version`,
        `locale`. Ask for a bounded number of people.
        """
        wanted = list(dict.fromkeys(user_ids))
        if not wanted:
            return []
        found = self._devices.many({"user_id": {"$in": wanted}})
        return [self._opened(device) for device in found if is_live(device, now)]

    def seal_open(self) -> int:
        """Seal the targets that an older version wrote open, and return how many; done again it finds none."""
        found = self._devices.many({"target": {"$exists": True}})
        for device in found:
            same = {"_id": device["_id"], "binding": device.get("binding")}
            change = {"$set": self.sealed(device["_id"], device["target"]), "$unset": {"target": 1}}
            self._devices.update(same, change)
        return len(found)

    def sealed(self, key: str, target: Mapping[str, str]) -> Document:
        """Return the fields of a device that hold its target."""
        text = json.dumps({"kind": target["kind"], "value": target["value"]})
        index = self._cipher.index("push target", f"{target['kind']}:{target['value']}")
        return {"sealed_target": self._cipher.seal(text.encode(), bound_to=f"device:{key}"), "target_key": index}

    def _opened(self, device: Document) -> Document:
        if "sealed_target" not in device:
            return device
        target = self._cipher.open(device["sealed_target"], bound_to=f"device:{device['_id']}")
        rest = {name: value for name, value in device.items() if name != "sealed_target"}
        return {**rest, "target": json.loads(target)}

    def _leave_to_the_latest(self, key: str) -> None:
        """Unbind a target from every device but the one that was bound last.

        Each binder does this after its own write, so of two in the same moment the later sees both.
        """
        bound = self._devices.many({"target_key": key}, fields=["binding"], sort=[("binding", 1)])
        for device in bound[:-1]:
            self._devices.delete({"_id": device["_id"], "binding": device["binding"]})

    def by_ids(self, device_ids: Iterable[str]) -> dict[str, Document]:
        """Return devices by id; ask for a bounded number."""
        return {key: self._opened(device) for key, device in self._devices.by_ids(device_ids).items()}

    def drop_target(self, device: str, *, target_key: str) -> bool:
        """Forget a device whose target is dead, if it still has that very target."""
        return self._devices.delete({"_id": device, "target_key": target_key}) == 1

    def quarantine(self, device: str, *, target_key: str) -> bool:
        """Send nothing to a target until the app registers it anew, if the device still has that very target."""
        same = {"_id": device, "target_key": target_key}
        return self._devices.update(same, {"$set": {"quarantined_at": datetime.now(UTC)}}) == 1


def is_live(device: Document, now: datetime) -> bool:
    """Tell whether a push may go to a device: its target is neither stale nor quarantined."""
    return bool(device["last_seen_at"] > now - _STALE_AFTER) and "quarantined_at" not in device


def device_id(user_id: str, installation_id: str) -> str:
    """Return the id of a person's installation."""
    return f"{user_id}:{installation_id}"
