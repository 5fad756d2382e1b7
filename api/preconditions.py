"""What a request must meet before it is read: media type, `If-Match`; and the ETag that an answer carries."""

from __future__ import annotations

import random
import re
import time
import zlib
from collections.abc import Callable, Collection
from typing import TypeVar

import orjson
from flask import Response, g, request
from werkzeug.exceptions import UnsupportedMediaType

from services.domain.errors import DomainError, Invalid, StaleVersion, Unavailable

# A tag that we gave may have come back as a weak one; others name no version of ours.
_OUR_TAG = re.compile(r'\s*(?:W/)?"?([0-9]{1,12})(?::[^"]*)?"?\s*', re.ASCII)

# A change without `If-Match` is tried again after up to so long.
_PAUSES_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
Answer = TypeVar("Answer")


def take_body(method: str, shapes: Collection[str], *, optional: bool) -> None:
    """Meet the body as the route reads it: as JSON, as a form, or not at all."""
    if "body" in shapes:
        require_json(optional=optional)
    if not {"form", "files"}.isdisjoint(shapes):
        require_multipart()
    elif "body" not in shapes and method != "GET":
        refuse_fields()


def require_json(*, optional: bool) -> None:
    """Refuse a body of another media type (415) or one that is not JSON (400)."""
    if optional and not request.content_length and not request.headers.get("Transfer-Encoding"):
        g.parsed_json = {}
        return
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        # JSON on the wire is UTF-8 (RFC 8259 §8.1); whoever names another encoding means other letters than we read.
        raise UnsupportedMediaType
    body = request.get_data(cache=True)
    _refuse_cut_off()
    try:
        g.parsed_json = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DomainError("malformed_body") from error


def refuse_fields() -> None:
    """Refuse what a body says to a route that reads none (422, naming its fields); an empty one does no harm."""
    require_json(optional=True)
    if g.parsed_json != {}:
        named = g.parsed_json if isinstance(g.parsed_json, dict) else ["body"]
        raise Invalid(**dict.fromkeys(map(str, named), "unknown_field"))


def require_multipart() -> None:
    """Refuse a form of another media type (415), or one whose parts cannot be told apart (400)."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    if not request.mimetype_params.get("boundary"):
        raise DomainError("malformed_body")
    request.files  # noqa: B018 - reads the parts, as far as the limit lets them
    _refuse_cut_off()


def _refuse_cut_off() -> None:
    """Raise 413 for a body without a declared length that goes on behind the limit, where its reading just ended."""
    if request.content_length is None:
        request.stream.read(1)


def if_match(*, creates: bool) -> int | None:
    """Return the version that `If-Match` names, None when it is absent or `*`; raise StaleVersion for another's tag."""
    given = request.headers.get("If-Match")
    if given is None:
        return None
    if creates:
        # What is yet to be made has no version that could match, `*` included.
        raise StaleVersion
    if given.strip() == "*":
        return None
    # Behind the version stand the sum of what was shown, and the encoding of a compressed answer: "21:5e0c7b1f:gzip".
    versions = [int(match[1]) for match in map(_OUR_TAG.fullmatch, given.split(",")) if match]
    if not versions:
        raise StaleVersion
    # Versions only grow: of several that somebody would take, the highest alone can be the present one.
    return max(versions)


def unversioned(do: Callable[[], Answer]) -> Answer:
    """Do what names no version: again when somebody was faster, for then the last one wins; raise Unavailable at last.

    A change that was too late has stored nothing, and finds the present state when it is tried again.
    """
    for pause in _PAUSES_S:
        try:
            return do()
        except StaleVersion:
            time.sleep(random.uniform(0, pause))  # noqa: S311 - keeps the tries of several apart
    try:
        return do()
    except StaleVersion as error:
        raise Unavailable("busy") from error


def tag(answer: Response) -> None:
    """Set the ETag and turn the answer into 304 when the caller has it.

    It is the version that the view noted, which `If-Match` is held against, and a sum of what is shown: some of it may
    change beside the version, such as what is inherited or whether somebody has opted out.
    """
    version = g.get("version")
    if version is None:
        return
    answer.set_etag(f"{version}:{zlib.crc32(answer.get_data()):08x}")
    if request.method == "GET":
        answer.make_conditional(request)


def note_version(version: int) -> None:
    """Tell which version the answer shows."""
    g.version = version
