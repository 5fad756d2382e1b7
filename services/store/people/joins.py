"""Collections `join_codes` and `join_requests`: who may ask to join a district, and who has asked; phones sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.errors import NotFound
from services.domain.paging import Page, PageRequest, page_of
from services.store.collection import Collection, Document

_FORGOTTEN_AFTER = timedelta(days=90)


class JoinStore:
    """Codes by their blind index, requests by code and phone: the same person asks once a code."""

    def __init__(self, database: Database[Document], cipher: Cipher) -> None:
        self._codes = Collection(database, "join_codes")
        self._requests = Collection(database, "join_requests")
        self._cipher = cipher

    def ensure_indexes(self) -> None:
        """Lead the look-up by code and both lists, and let both go when they are long over."""
        self._codes.ensure_index([("code_key", 1)])
        self._codes.ensure_index([("district_id", 1), ("_id", 1)])
        self._codes.ensure_index([("forget_at", 1)], expireAfterSeconds=0)
        self._requests.ensure_index([("district_id", 1), ("state", 1), ("_id", 1)])
        self._requests.ensure_index([("forget_at", 1)], expireAfterSeconds=0)

    def insert_code(self, code: str, facts: Mapping[str, Any]) -> None:
        """Store a new code."""
        sealed = self._cipher.seal(code.encode(), bound_to=f"join-code:{facts['_id']}")
        forget_at = datetime.now(UTC) + _FORGOTTEN_AFTER
        document = {**facts, "code_key": self._code_key(code), "sealed": sealed, "used": 0, "forget_at": forget_at}
        self._codes.insert(document)

    def find_code(self, code: str) -> Document | None:
        """Return what a code stands for, or None."""
        found = self._codes.find({"code_key": self._code_key(code)})
        return self._opened_code(found) if found else None

    def get_code(self, code_id: str) -> Document:
        """Return a code by its id, or raise NotFound."""
        return self._opened_code(self._codes.get(code_id))

    def list_codes(self, page: PageRequest, *, district: str | None) -> Page[Document]:
        """Return the codes of a district (None: of all), the oldest first."""
        found = self._codes.many(_after(page, district), sort=[("_id", 1)], limit=page.limit + 1)
        return page_of([self._opened_code(code) for code in found], page, lambda code: (code["_id"],))

    def revoke_code(self, code_id: str, *, at: datetime) -> bool:
        """End a code; False when it was ended before."""
        return self._codes.update({"_id": code_id, "revoked_at": None}, {"$set": {"revoked_at": at}}) == 1

    def take_place(self, code_id: str) -> bool:
        """Use one of a code's places; False when all are used."""
        room = {"$and": [{"$lt": ["$used", "$cap"]}, {"$eq": ["$revoked_at", None]}]}
        place = {"$set": {"used": {"$cond": [room, {"$add": ["$used", 1]}, "$used"]}}}
        with_room = {"_id": code_id, "$expr": room}
        return self._codes.update(with_room, [place]) == 1

    def give_place_back(self, code_id: str) -> None:
        """Free a place that was taken for somebody who had asked before."""
        self._codes.update({"_id": code_id}, {"$inc": {"used": -1}})

    def insert_request(self, code: Document, *, phone: str, told: Mapping[str, Any], at: datetime) -> str | None:
        """Store a request and return its id, or None when this phone has asked with this code before."""
        key = self._cipher.index("join request", f"{code['_id']}|{phone}")
        personal = json.dumps({"phone": phone, "name": told["name"]}).encode()
        document = {
            "_id": key,
            "code_id": code["_id"],
            "district_id": code["district_id"],
            "sealed": self._cipher.seal(personal, bound_to=f"join-request:{key}"),
            "languages": list(told["languages"]),
            "channels": list(told["channels"]),
            "state": "waiting",
            "requested_at": at,
            "decided_at": None,
            "decided_by": None,
            "user_id": None,
            "forget_at": datetime.now(UTC) + _FORGOTTEN_AFTER,
        }
        return key if self._requests.insert_once(document) else None

    def get_request(self, request_id: str, *, district: str | None) -> Document:
        """Return a request of a district (None: of any), or raise NotFound."""
        found = self._requests.get(request_id)
        if district is not None and found["district_id"] != district:
            raise NotFound
        return self._opened_request(found)

    def list_requests(self, page: PageRequest, *, district: str | None, state: str | None) -> Page[Document]:
        """Return requests of a district (None: of all) in a state, by id."""
        query = _after(page, district) | ({"state": state} if state else {})
        found = self._requests.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of([self._opened_request(one) for one in found], page, lambda one: (one["_id"],))

    def decide(self, request_id: str, *, state: str, by: str, at: datetime, user_id: str | None = None) -> bool:
        """Note what was decided, with which the phone and name of the request go; False when it was decided before."""
        facts = {"state": state, "decided_at": at, "decided_by": by, "user_id": user_id}
        change = {"$set": facts, "$unset": {"sealed": 1}}
        return self._requests.update({"_id": request_id, "state": "waiting"}, change) == 1

    def _code_key(self, code: str) -> str:
        return self._cipher.index("join code", code)

    def _opened_code(self, document: Document) -> Document:
        code = self._cipher.open_text(document["sealed"], bound_to=f"join-code:{document['_id']}")
        return {**document, "code": code}

    def _opened_request(self, document: Document) -> Document:
        sealed = self._cipher.open_text(document.get("sealed"), bound_to=f"join-request:{document['_id']}")
        personal = json.loads(sealed) if sealed else {"phone": None, "name": None}
        return {**document, **personal}


def _after(page: PageRequest, district: str | None) -> Document:
    query: Document = {} if district is None else {"district_id": district}
    after = page.after_text()
    return query | ({"_id": {"$gt": after}} if after else {})
