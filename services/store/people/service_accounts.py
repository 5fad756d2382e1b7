"""Collection `service_accounts`: programs that may use the API, and digests of their keys."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo.database import Database

from services.domain.errors import NotFound, StaleVersion
from services.domain.paging import Page, PageRequest, page_of
from services.domain.people.service_accounts import Key, ServiceAccount
from services.store.collection import Collection, Document

_PLAIN = ("name", "acts_as", "home_area", "state", "created_by", "created_at", "version")
# A request of a busy program writes nothing: when it was last used is known to so much.
USE_NOTED_EVERY = timedelta(minutes=5)


class ServiceAccountStore:
    """Few documents, read by id."""

    def __init__(self, database: Database[Document]) -> None:
        self._accounts = Collection(database, "service_accounts")

    def ensure_indexes(self) -> None:
        """Lead the list."""
        self._accounts.ensure_index([("state", 1), ("_id", 1)])

    def insert(self, account: ServiceAccount) -> None:
        """Store a new account."""
        self._accounts.insert(
            {
                "_id": account.id,
                **{name: getattr(account, name) for name in _PLAIN},
                "verbs": list(account.verbs),
                "keys": [_to_document(key) for key in account.keys],
                "last_used_at": None,
                "last_used_from": None,
            }
        )

    def find(self, account_id: str) -> ServiceAccount | None:
        """Return an account, or None."""
        stored = self._accounts.find({"_id": account_id})
        return _to_account(stored) if stored else None

    def get(self, account_id: str) -> ServiceAccount:
        """Return an account, or raise NotFound."""
        found = self.find(account_id)
        if found is None:
            raise NotFound
        return found

    def list_page(self, page: PageRequest, *, state: str | None) -> Page[ServiceAccount]:
        """Return accounts in the order in which they were made."""
        query: Document = {} if state is None else {"state": state}
        after = page.after_text()
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._accounts.many(query, sort=[("_id", 1)], limit=page.limit + 1)
        return page_of([_to_account(one) for one in found], page, lambda one: (one.id,))

    def change(self, was: ServiceAccount, *, keys: tuple[Key, ...], state: str) -> ServiceAccount:
        """Replace keys and state of an account as it was read; raise StaleVersion when it changed meanwhile."""
        fields = {"keys": [_to_document(key) for key in keys], "state": state}
        changed = self._accounts.change(
            {"_id": was.id, "version": was.version}, {"$set": fields, "$inc": {"version": 1}}
        )
        if changed is None:
            raise StaleVersion
        return _to_account(changed)

    def note_use(self, account: ServiceAccount, *, at: datetime, address: str | None) -> None:
        """Note when and from where an account was used, every few minutes or when it comes from elsewhere."""
        last = account.last_used_at
        if last is None or at - last >= USE_NOTED_EVERY or address != account.last_used_from:
            self._accounts.update({"_id": account.id}, {"$set": {"last_used_at": at, "last_used_from": address}})


def _to_document(key: Key) -> Document:
    return {"id": key.id, "digest": key.digest, "created_at": key.created_at, "expires_at": key.expires_at}


def _to_account(stored: Document) -> ServiceAccount:
    return ServiceAccount(
        id=stored["_id"],
        **{name: stored[name] for name in _PLAIN},
        verbs=tuple(stored["verbs"]),
        keys=tuple(Key(**key) for key in stored["keys"]),
        last_used_at=stored["last_used_at"],
        last_used_from=stored["last_used_from"],
    )
