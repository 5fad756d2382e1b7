"""The library's images and voice files: taken in by their content, given to whoever may see what shows them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import IO, Any

from services.content.live import LiveTemplates
from services.domain.content.media import HEAD_BYTES, MOST_BYTES, kind_of, type_of
from services.domain.errors import DomainError, Invalid, NotFound
from services.domain.ids import new_id
from services.domain.people.actor import Actor
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.store.content.media import MediaStore

Document = dict[str, Any]
_PIECE = 64 * 1024


class Media:
    """Take files in, and give them out whole or in part."""

    def __init__(self, *, store: MediaStore, live: LiveTemplates, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._live = live
        self._audit = audit
        self._clock = clock

    def add(self, actor: Actor, stream: IO[bytes], *, label: str) -> Document:
        """Store a file; raises Invalid for what is neither image nor voice, DomainError(`too_large`)."""
        head = stream.read(HEAD_BYTES)
        media_type = type_of(head)
        if media_type is None:
            raise Invalid(file="not_an_image_or_audio" if head else "empty")
        media_id = new_id()
        taken = _Taken(stream, head, most=MOST_BYTES[kind_of(media_type)])
        try:
            self._store.write(media_id, taken)
        except DomainError:
            self._store.discard(media_id)
            raise
        media: Document = {
            "_id": media_id,
            "media_type": media_type,
            "size": taken.size,
            "sha256": taken.digest.hexdigest(),
            "label": label,
            "created_by": actor.user_id,
            "created_at": self._clock.now(),
            "version": 1,
        }
        self._store.insert(media)
        self._audit.record(actor, "media.add", subject=media_id, sha256=media["sha256"])
        return media

    def get(self, media_id: str, *, drafts: bool) -> Document:
        """Return what is known of a file; without `drafts` it must be in use, else NotFound."""
        media = self._store.get(media_id)
        if not drafts and not self._live.shows(media_id):
            raise NotFound
        return media

    def read(self, media_id: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes `[start, stop)` of a file that `get` has returned."""
        return self._store.read(media_id, start, stop)


class _Taken:
    """An upload as it goes by: counted, digested, and broken off when it is too large."""

    def __init__(self, stream: IO[bytes], head: bytes, *, most: int) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self._stream = stream
        self._head = head
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        piece = self._head
        while piece:
            self.size += len(piece)
            if self.size > self._most:
                raise DomainError("too_large")
            self.digest.update(piece)
            yield piece
            piece = self._stream.read(_PIECE)
