"""How a route is declared: a verb or `public`, its shapes and its problems; a view without them cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from api import auth, idempotency, preconditions
from api.catalogue import PROBLEMS
from api.limits import JSON_LIMIT
from api.problems import PROBLEM_TYPE
from schemas.base import ProblemOut

View = Callable[..., Any]
SchemaLike = type[Schema] | Schema
PUBLIC = "public"
_TOKEN_PROBLEMS = ["unauthenticated", "token_invalid", "token_expired", "session_revoked"]
_EMPTY = frozenset({204})
_ALWAYS = ("internal_error", "database_unavailable", "too_many_requests")


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
        also: dict[int, str] | None = None,
        problems: Sequence[str] = (),
        creates: bool = False,
        versioned: bool = False,
        body_limit: int = JSON_LIMIT,
        body_optional: bool = False,
        token: str = "access_token",  # noqa: S107 - the name of a security scheme
    ) -> Callable[[View], View]:
        """Declare a route.

        `verb` is what the policy is asked for, or PUBLIC; the view gets `actor`, the path's names, and `query`, `body`,
        `form`, `files`, `if_match` as declared. `also` documents further success answers. `creates` accepts an
        Idempotency-Key; `versioned` answers an ETag and accepts If-Match. `problems` names codes beyond the usual ones.
        A view that is PUBLIC but reads a token of its own kind names that as `token`.
        """
        open_to_all = verb == PUBLIC and token == "access_token"  # noqa: S105
        usual = _usual_problems(rule=rule, query=query, has_body=bool(body or form or files))
        usual += [] if open_to_all else _TOKEN_PROBLEMS
        usual += [] if verb == PUBLIC else ["forbidden"]
        extra = [code for code, wanted in _conditional(creates=creates, versioned=versioned, method=method) if wanted]
        codes = tuple(dict.fromkeys((*problems, *usual, *extra)))

        def declare(view: View) -> View:
            inner = self._described(view, query=query, body=body, form=form, files=files, body_optional=body_optional)
            inner = self.response(status, answer, description=_phrase(status))(inner)
            for other, meaning in (also or {}).items():
                shape = answer if other not in _EMPTY else None
                inner = self.alt_response(other, schema=shape, description=meaning, success=True)(inner)
            inner = self._with_problems(inner, codes)
            inner = self._with_headers(inner, creates=creates, versioned=versioned, method=method)

            @wraps(inner)
            def guarded(**path: Any) -> Any:
                request.max_content_length = body_limit
                if verb != PUBLIC:
                    path["actor"] = auth.require(verb)
                if versioned and method != "GET":
                    path["if_match"] = preconditions.if_match()
                if body is not None:
                    preconditions.require_json(optional=body_optional)
                if creates:
                    return idempotency.once(path.get("actor"), lambda: _answered(inner(**path), versioned=versioned))
                return _answered(inner(**path), versioned=versioned)

            guarded.verb = verb  # type: ignore[attr-defined]
            guarded.codes = codes  # type: ignore[attr-defined]
            security: list[dict[str, list[str]]] = [] if open_to_all else [{token: []}]
            self.route(rule, methods=[method], endpoint=view.__name__)(
                self.doc(security=security, **_said(verb, codes))(guarded)
            )
            return view

        return declare

    def _described(self, view: View, *, body_optional: bool, **locations: SchemaLike | None) -> View:
        inner: View = view
        for name, schema in locations.items():
            if schema is not None:
                location = "json" if name == "body" else name
                inner = self.arguments(schema, location=location, arg_name=name, required=not body_optional)(inner)
        return inner

    def _with_problems(self, inner: View, codes: Sequence[str]) -> View:
        by_status: dict[int, list[str]] = {}
        for code in codes:
            by_status.setdefault(PROBLEMS[code].status, []).append(code)
        for status, named in sorted(by_status.items()):
            description = f"{PROBLEMS[named[0]].title}: " + ", ".join(f"`{code}`" for code in named)
            inner = self.alt_response(status, schema=ProblemOut, content_type=PROBLEM_TYPE, description=description)(
                inner
            )
        return inner

    def _with_headers(self, inner: View, *, creates: bool, versioned: bool, method: str) -> View:
        parameters = []
        if creates:
            parameters.append(
                _header(
                    "Idempotency-Key",
                    "Same key and body: same answer for 24 hours",
                    {"type": "string", "maxLength": 200},
                )
            )
        if versioned and method != "GET":
            parameters.append(_header("If-Match", "The ETag that was loaded; another version is refused with 412"))
        if versioned and method == "GET":
            parameters.append(_header("If-None-Match", "The ETag at hand; unchanged is answered 304 without a body"))
            inner = self.alt_response(304, description="Not changed", success=True)(inner)
        return self.doc(parameters=parameters)(inner) if parameters else inner


def _usual_problems(*, rule: str, query: SchemaLike | None, has_body: bool) -> list[str]:
    codes = list(_ALWAYS)
    if re.search(r"<", rule):
        codes.append("not_found")
    if has_body:
        codes += ["bad_request", "malformed_body", "too_large", "unsupported_media_type", "validation_failed"]
    if query is not None:
        codes.append("validation_failed")
    return codes


def _conditional(*, creates: bool, versioned: bool, method: str) -> list[tuple[str, bool]]:
    return [
        ("idempotency_key_reused", creates),
        ("idempotency_key_in_use", creates),
        ("validation_failed", creates),
        ("stale_version", versioned and method != "GET"),
    ]


def _answered(answer: Any, *, versioned: bool) -> Response:
    """Finish an answer: no body with 204, the ETag of a versioned resource, 304 when the caller has it."""
    if answer.status_code == 204:  # noqa: PLR2004
        answer.data = b""
        answer.headers.pop("Content-Type", None)
    if versioned and answer.status_code < 300:  # noqa: PLR2004
        preconditions.tag(answer)
    return answer  # type: ignore[no-any-return]


def _header(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "description": description,
        "required": False,
        "schema": schema or {"type": "string"},
    }


def _said(verb: str, codes: Sequence[str]) -> dict[str, Any]:
    return {"x-verb": verb, "x-problems": sorted(codes)}


def _phrase(status: int) -> str:
    return {200: "Done", 201: "Created", 202: "Accepted as a job", 204: "Done, nothing to say"}[status]
