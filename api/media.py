"""The library's files: taken in by those who write content, fetched in parts over bad lines."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from api.context import services
from api.operations import Resource
from schemas.templates import MediaFiles, MediaForm, MediaOut
from services.domain.content.media import MEDIA_TYPES, MOST_BYTES
from services.domain.people.actor import Actor

resource = Resource("media", __name__, description="Images and voice that templates show")

# The file and what a multipart form puts around it.
_UPLOAD_LIMIT = max(MOST_BYTES.values()) + 64 * 1024


@resource.operation(
    "POST",
    "/media",
    verb="content.write",
    form=MediaForm,
    files=MediaFiles,
    answer=MediaOut,
    status=201,
    creates=True,
    body_limit=_UPLOAD_LIMIT,
)
def add_media(actor: Actor, form: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Add an image or a voice file; its content tells what it is."""
    return services().library.media.add(actor, files["file"].stream, label=form["label"])


@resource.operation(
    "GET",
    "/media/<media_id>",
    verb="media.read",
    also={206: "The part that `Range` asks for"},
    media=MEDIA_TYPES,
    ranged=True,
)
def get_media(actor: Actor, media_id: str) -> Response:
    """Return a file, or the part that `Range` asks for; volunteers get what a live template shows.

    A phone that has the file is answered 304 to its `If-None-Match`.
    """
    media = services().library.media.get(media_id, drafts=services().policy.can(actor, "content.read"))
    if request.if_none_match.contains_weak(media["sha256"]):
        return _marked(Response(status=304), media)
    start, stop = _asked(media["size"], media["sha256"])
    part = (start, stop) != (0, media["size"])
    answer = Response(services().library.media.read(media_id, start, stop), status=206 if part else 200)
    answer.headers["Content-Type"] = media["media_type"]
    answer.content_length = stop - start
    if part:
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{media['size']}"
    return _marked(answer, media)


def _marked(answer: Response, media: dict[str, Any]) -> Response:
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.set_etag(media["sha256"])
    return answer


def _asked(size: int, sha256: str) -> tuple[int, int]:
    """Return the bytes to send; raises 416 for a range behind the end. Several ranges at once get the whole file."""
    wanted = request.range
    unchanged = request.if_range.etag in {None, sha256} and request.if_range.date is None
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1 or not unchanged:
        return 0, size
    found = wanted.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(size)
    return found
