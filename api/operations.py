"""How a route is declared: a verb or `public`, its shapes and its problems; a view without them cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from api import app_check, auth, idempotency, preconditions, references
from api.limits import JSON_LIMIT, PUBLIC
from config.paths import read_json

View = Callable[..., Any]
SchemaLike = type[Schema] | Schema
JSON = "application/json"
_ACCESS = "access_token"
SERVICE_VERBS = frozenset(read_json("service_accounts.json")["verbs"])
_PHRASES = {200: "Done", 201: "Created", 202: "Accepted as a job", 204: "Done, nothing to say"}
_EMPTY = frozenset({204})


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a route promises; the OpenAPI document and the tests that walk all routes are made from it."""

    method: str
    verb: str
    token: str | None
    codes: tuple[str, ...]
    shapes: Mapping[str, SchemaLike]
    answer: SchemaLike | None
    status: int
    also: tuple[int, ...]
    creates: bool
    versioned: bool
    body_optional: bool
    media: tuple[str, ...]
    ranged: bool

    @property
    def has_body(self) -> bool:
        """Whether the route reads a body of any kind."""
        return not self.shapes.keys().isdisjoint({"body", "form", "files"})

    @property
    def is_json(self) -> bool:
        """Whether the answer is JSON, and not a file or a stream."""
        return self.media == (JSON,)

    @property
    def for_services(self) -> bool:
        """Whether a program may be given the route's verb."""
        return self.verb in SERVICE_VERBS

    @property
    def takes_nothing(self) -> bool:
        """Whether the route does something without reading a body: fields that are sent to it are refused."""
        return self.method != "GET" and not self.has_body

    @property
    def matches(self) -> bool:
        """Whether the route takes If-Match: it changes something that has a version."""
        return self.versioned and self.method != "GET" and not self.creates


class BodyParser(FlaskParser):
    """Reads the body that the route's precondition has parsed and found to be JSON."""

    def load_json(self, req: Any, schema: Any) -> Any:
        """Return the parsed body."""
        return g.parsed_json


class Resource(Blueprint):
    """A blueprint whose routes are declared by `operation`, and by nothing else."""

    ARGUMENTS_PARSER = BodyParser()

    def operation(
        self,
        method: str,
        rule: str,
        *,
        verb: str,
        query: SchemaLike | None = None,
        body: SchemaLike | None = None,
        form: SchemaLike | None = None,
        files: SchemaLike | None = None,
        answer: SchemaLike | None = None,
        status: int = 200,
        also: Mapping[int, str | tuple[str, SchemaLike]] | None = None,
        problems: Sequence[str] = (),
        creates: bool = False,
        versioned: bool = False,
        body_limit: int | Callable[[], int] = JSON_LIMIT,
        body_optional: bool = False,
        token: str = _ACCESS,
        media: str | Sequence[str] = JSON,
        ranged: bool = False,
    ) -> Callable[[View], View]:
        """Declare a route.

        `verb` is what the policy is asked for, or PUBLIC; the view gets `actor`, the path's names, and `query`, `body`,
        `form`, `files`, `if_match` as declared. `also` documents further success answers, with a shape of their own
        or this one. `creates` accepts an Idempotency-Key; `versioned` answers an ETag and accepts If-Match. `problems`
        names codes beyond the usual ones.
        A view that is PUBLIC but reads a token of its own kind names that as `token`; one whose answer is not JSON
        names the `media` types that it may have, and whether it is `ranged`: heeds `Range`.
        """
        given = {"query": query, "body": body, "form": form, "files": files}
        shapes = {location: schema for location, schema in given.items() if schema is not None}
        declared = Declared(
            method=method,
            verb=verb,
            token=None if verb == PUBLIC and token == _ACCESS else token,
            codes=(),
            shapes=shapes,
            answer=answer,
            status=status,
            also=tuple(also or ()),
            creates=creates,
            versioned=versioned,
            body_optional=body_optional,
            media=(media,) if isinstance(media, str) else tuple(media),
            ranged=ranged,
        )
        usual = _usual_problems(declared, names_one="<" in rule, attested=app_check.guards(rule))
        declared = replace(declared, codes=tuple(dict.fromkeys((*problems, *usual))))

        def declare(view: View) -> View:
            inner = self._described(view, shapes, body_optional=body_optional)
            inner = self.response(status, answer, description=_PHRASES[status])(inner)
            for other, meaning in (also or {}).items():
                said_of_it, shape = meaning if isinstance(meaning, tuple) else (meaning, answer)
                shape = shape if other not in _EMPTY else None
                inner = self.alt_response(other, schema=shape, description=said_of_it, success=True)(inner)

            @wraps(inner)
            def guarded(**path: Any) -> Any:
                request.max_content_length = body_limit() if callable(body_limit) else body_limit
                if verb != PUBLIC:
                    path["actor"] = auth.require(verb)
                if versioned and method != "GET":
                    # What answers 200 changes what is there already, and that has a version.
                    path["if_match"] = preconditions.if_match(creates=creates and status != 200)  # noqa: PLR2004
                preconditions.take_body(method, shapes, optional=body_optional)
                do = partial(inner, **path)
                if "if_match" in path and path["if_match"] is None:
                    do = partial(preconditions.unversioned, do)
                if creates:
                    return idempotency.once(path.get("actor"), lambda: _answered(do(), tagged=True))
                return _answered(do(), tagged=versioned or creates)

            guarded.declared = declared  # type: ignore[attr-defined]
            security: list[dict[str, list[str]]] = [{declared.token: []}] if declared.token else []
            if declared.for_services:
                security.append({"api_key": []})
            said = {"operationId": view.__name__, "x-verb": verb, "security": security}
            self.route(rule, methods=[method], endpoint=view.__name__)(self.doc(**said)(guarded))
            return view

        return declare

    def _described(self, view: View, shapes: Mapping[str, SchemaLike], *, body_optional: bool) -> View:
        # A class would be made anew with each request.
        made = {name: schema() if isinstance(schema, type) else schema for name, schema in shapes.items()}
        inner: View = references.checked(view, made.get("query"))
        for name, schema in made.items():
            location = "json" if name == "body" else name
            inner = self.arguments(schema, location=location, arg_name=name, required=not body_optional)(inner)
        return inner


def _usual_problems(declared: Declared, *, names_one: bool, attested: bool) -> list[str]:
    """Return the codes that a route answers by its declaration alone."""
    cases = [
        (True, ["internal_error", "database_unavailable", "too_many_requests", "uri_too_long"]),
        (declared.token is not None, ["unauthenticated", "token_invalid", "token_expired", "session_revoked"]),
        (attested, ["app_check_failed", "identity_unavailable"]),
        (declared.verb != PUBLIC, ["forbidden"]),
        (names_one, ["not_found"]),
        (declared.has_body, ["bad_request", "malformed_body", "too_large", "unsupported_media_type"]),
        (declared.takes_nothing, ["malformed_body", "too_large", "unsupported_media_type", "validation_failed"]),
        (bool(declared.shapes) or declared.creates, ["validation_failed"]),
        (declared.creates, ["idempotency_key_reused", "idempotency_key_in_use"]),
        (declared.versioned and declared.method != "GET", ["stale_version", "busy"]),
        (declared.ranged, ["range_not_satisfiable"]),
    ]
    return [code for applies, codes in cases if applies for code in codes]


def _answered(answer: Any, *, tagged: bool) -> Response:
    """Finish an answer: no body with 204, the ETag of a versioned resource, 304 when the caller has it."""
    if answer.status_code == 204:  # noqa: PLR2004
        answer.data = b""
        answer.headers.pop("Content-Type", None)
    if tagged and answer.status_code < 300:  # noqa: PLR2004
        preconditions.tag(answer)
    return answer  # type: ignore[no-any-return]
