"""Collection `rights_requests`: what people asked for about their own data; number and notes sealed."""

from __future__ import annotations

import json
from datetime import date, datetime

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.contacts.rights import RightsRequest
from services.domain.errors import NotFound
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

_OPEN = ("kind", "received_at", "state", "result", "resolved_by", "resolved_at", "version")


class RightsStore:
    """Requests by id, by state and by the district of the people they are about."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._requests = Collection(database, "rights_requests")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Refuse the same request twice a day; lead the lists."""
        self._requests.ensure_index([("once", 1)], unique=True)
        self._requests.ensure_index([("state", 1), ("_id", 1)])
        self._requests.ensure_index([("districts", 1), ("state", 1), ("_id", 1)])
        self._requests.ensure_index([("kept_until", 1)], sparse=True)

    def insert_once(self, request: RightsRequest, *, once: str, kept_until: datetime | None) -> RightsRequest:
        """Store a request and return it, or return the one that is there under `once`."""
        document = {
            "_id": request.id,
            "once": once,
            **{name: getattr(request, name) for name in _OPEN},
            "due_on": request.due_on.isoformat(),
            "contact_ids": list(request.contact_ids),
            "districts": list(request.districts),
            "proof": None,
            "sealed": self._seal(request),
            **({"kept_until": kept_until} if kept_until else {}),
        }
        if self._requests.insert_once(document):
            return request
        stored = self._requests.find({"once": once})
        return self._to_request(stored) if stored else request

    def get(self, request_id: str, *, district: str | None) -> RightsRequest:
        """Return a request, of one district if that is named; raise NotFound."""
        query: Document = {"_id": request_id}
        if district is not None:
            query["districts"] = district
        stored = self._requests.find(query)
        if stored is None:
            raise NotFound
        return self._to_request(stored)

    def list_page(
        self, page: PageRequest, *, district: str | None, state: str | None, due_before: date | None = None
    ) -> Page[RightsRequest]:
        """Return requests, the oldest first, which is also the order in which they are due."""
        query: Document = {}
        if due_before is not None:
            query["due_on"] = {"$lt": due_before.isoformat()}
        if district is not None:
            query["districts"] = district
        if state is not None:
            query["state"] = state
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._requests.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of([self._to_request(one) for one in found], page, lambda one: (one.id,))

    def prove(self, request_id: str, *, proof: str, by: str, at: datetime) -> bool:
        """Note that the number was shown to be theirs; False when it was before, or the request is resolved."""
        unproven = {"_id": request_id, "state": "open", "proof": None}
        changes = {"proof": proof, "proven_by": by, "proven_at": at}
        return bool(self._requests.update(unproven, {"$set": changes, "$inc": {"version": 1}}))

    def resolve(
        self, request_id: str, *, result: str, by: str, at: datetime, resolution: str | None, kept_until: datetime
    ) -> bool:
        """Resolve an open request; False when it was resolved before. Its number is kept until then."""
        sealed = self._cipher.seal_text(resolution, bound_to=f"rights-resolution:{request_id}")
        changes = {"state": "resolved", "result": result, "resolved_by": by, "resolved_at": at, "resolution": sealed}
        changes["kept_until"] = kept_until
        open_one = {"_id": request_id, "state": "open"}
        return bool(self._requests.update(open_one, {"$set": changes, "$inc": {"version": 1}}))

    def forget(self, *, until: datetime) -> int:
        """Take number and notes from requests whose time is over; return how many had them."""
        over = {"kept_until": {"$lte": until}}
        change = {"$set": {"sealed": None, "resolution": None}, "$unset": {"kept_until": ""}}
        return self._requests.update_many(over, change)

    def _seal(self, request: RightsRequest) -> bytes:
        plain = json.dumps({"phone": request.phone, "note": request.note}).encode()
        return self._cipher.seal(plain, bound_to=f"rights:{request.id}")

    def _to_request(self, stored: Document) -> RightsRequest:
        key = stored["_id"]
        secret = {"phone": None, "note": None}
        if stored["sealed"] is not None:
            secret = json.loads(self._cipher.open(stored["sealed"], bound_to=f"rights:{key}"))
        return RightsRequest(
            id=key,
            phone=secret["phone"],
            note=secret["note"],
            due_on=date.fromisoformat(stored["due_on"]),
            contact_ids=tuple(stored["contact_ids"]),
            districts=tuple(stored["districts"]),
            resolution=self._cipher.open_text(stored.get("resolution"), bound_to=f"rights-resolution:{key}"),
            **{name: stored[name] for name in _OPEN},
            proof=stored.get("proof"),
            proven_by=stored.get("proven_by"),
            proven_at=stored.get("proven_at"),
        )
