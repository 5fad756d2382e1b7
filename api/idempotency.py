"""`Idempotency-Key`: the same key and request get the same answer for a day, also when the first answer was lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Response, request

from api.context import services
from services.domain.errors import Invalid
from services.domain.people.actor import Actor
from services.operations.idempotency import StoredAnswer

_HEADER = "Idempotency-Key"
_LONGEST = 200
_KEPT_HEADERS = ("ETag", "Location", "Content-Type")
_CHUNK = 1 << 20


def once(actor: Actor | None, run: Callable[[], Response]) -> Response:
    """Return `run()`, or the answer that the same key already got; a request that failed frees its key."""
    key = request.headers.get(_HEADER)
    if key is None:
        return run()
    if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable():
        raise Invalid(**{_HEADER: "idempotency_key_invalid"})
    owner = actor.user_id if actor else f"public {request.remote_addr}"
    name = f"{owner} {request.method} {request.path} {key}"
    keeper = services().idempotency
    stored = keeper.begin(name, fingerprint=_fingerprint())
    if stored is not None:
        return Response(stored.body, status=stored.status, headers=stored.headers)
    try:
        answer = run()
    except BaseException:
        keeper.forget(name)
        raise
    if answer.status_code < 300:  # noqa: PLR2004
        headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        keeper.finish(name, StoredAnswer(status=answer.status_code, body=answer.get_data(), headers=headers))
    else:
        keeper.forget(name)
    return answer


def _fingerprint() -> str:
    digest = hashlib.sha256(request.query_string)
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data(cache=True))
        return digest.hexdigest()
    for name, value in sorted(request.form.items(multi=True)):
        digest.update(f"\0{name}\0{value}".encode())
    for name, upload in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
        digest.update(f"\0{name}\0{upload.filename}\0".encode())
        while chunk := upload.stream.read(_CHUNK):
            digest.update(chunk)
        upload.stream.seek(0)
    return digest.hexdigest()
