"""Answers kept for a day under their Idempotency-Key, sealed, so that a repeated request changes nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from services.domain.cipher import Cipher
from services.domain.errors import Conflict
from services.store.idempotency import IdempotencyStore


@dataclass(frozen=True, kw_only=True)
class StoredAnswer:
    """An answer as it went out."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Idempotency:
    """Begin, finish or forget a request under its key."""

    def __init__(self, store: IdempotencyStore, cipher: Cipher) -> None:
        self._store = store
        self._cipher = cipher

    def begin(self, name: str, *, fingerprint: str) -> StoredAnswer | None:
        """Claim the key and return None, or return its stored answer; raise Conflict on another body or a race."""
        key = self._cipher.index("idempotency", name)
        entry = self._store.claim(key, fingerprint=fingerprint)
        if entry is None:
            return None
        if entry["fingerprint"] != fingerprint:
            raise Conflict("idempotency_key_reused")
        if "answer" not in entry:
            raise Conflict("idempotency_key_in_use")
        kept = json.loads(self._cipher.open(entry["answer"], bound_to=key))
        return StoredAnswer(status=kept["status"], body=base64.b64decode(kept["body"]), headers=kept["headers"])

    def finish(self, name: str, answer: StoredAnswer) -> None:
        """Keep the answer; it is sealed because it may show what the database must not."""
        key = self._cipher.index("idempotency", name)
        plain = {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": base64.b64encode(answer.body).decode(),
        }
        self._store.finish(key, self._cipher.seal(json.dumps(plain).encode(), bound_to=key))

    def forget(self, name: str) -> None:
        """Free the key of a request that changed nothing."""
        self._store.forget(self._cipher.index("idempotency", name))
