"""The routes that scripts and templates share: writing one, and the way of its versions from draft to live and away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api.context import services
from api.operations import Resource, SchemaLike
from api.preconditions import note_version
from schemas.content import ReasonIn, flat
from services.content.content import Content
from services.content.live import LiveTemplates
from services.domain.people.actor import Actor

FACTS = ("name", "campaign_id", "category", "channel")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of content: `script` or `template`, with its use case and its shapes."""

    name: str
    use_case: Callable[[], Content]
    content_in: SchemaLike
    version_in: SchemaLike
    answer: SchemaLike
    # What else is to be said of writing one.
    written: str = ""

    @property
    def path(self) -> str:
        """The path of one of them."""
        return f"/{self.name}s/<{self.name}_id>"


def _split(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a body says of the content as a whole, and what its first version says."""
    facts = {name: value for name, value in body.items() if name in FACTS}
    return facts, {name: value for name, value in body.items() if name not in FACTS}


def shown(content: dict[str, Any]) -> dict[str, Any]:
    """Return content as an answer, and note its version; templates are told as the Model Code leaves them."""
    note_version(content["version"])
    if "channel" in content:
        live: LiveTemplates = services().library.live
        content = live.shown([content])[0]
    return flat(content)


_MOVES = (
    ("submit", "content.write", "Hand a draft in for approval."),
    (
        "approve",
        "content.approve",
        "Make a submitted version live instead of the one before; never by whoever wrote or submitted it.",
    ),
    ("reject", "content.approve", "Send a submitted version back, for good."),
    ("withdraw", "content.write", "Take a version away, from phones too if it is live."),
)


def declare_content(resource: Resource, kind: Kind) -> None:
    """Declare the routes of one kind, but for its list and what it can try."""
    _declare_first(resource, kind)
    _declare_new(resource, kind)
    approve = ("own_approval", "blocked_by_rule") if kind.name == "template" else ("own_approval",)
    for change, verb, said in _MOVES:
        _declare_move(resource, kind, change, verb=verb, said=said, problems=approve if change == "approve" else ())


def _declare_first(resource: Resource, kind: Kind) -> None:
    def create(actor: Actor, body: dict[str, Any], if_match: int | None) -> dict[str, Any]:  # noqa: ARG001
        return shown(kind.use_case().create(actor, *_split(body)))

    def get(actor: Actor, **path: str) -> dict[str, Any]:  # noqa: ARG001
        return shown(kind.use_case().get(path[f"{kind.name}_id"]))

    create.__name__, get.__name__ = f"create_{kind.name}", f"get_{kind.name}"
    create.__doc__ = f"Write a {kind.name}; its first version is a draft. {kind.written}".rstrip()
    get.__doc__ = f"Return a {kind.name} with all its versions."
    resource.operation(
        "POST",
        f"/{kind.name}s",
        verb="content.write",
        body=kind.content_in,
        answer=kind.answer,
        status=201,
        creates=True,
        versioned=True,
    )(create)
    resource.operation("GET", kind.path, verb="content.read", answer=kind.answer, versioned=True)(get)


def _declare_new(resource: Resource, kind: Kind) -> None:
    def view(actor: Actor, body: dict[str, Any], if_match: int | None, **path: str) -> dict[str, Any]:  # noqa: ARG001
        return shown(kind.use_case().add_version(actor, path[f"{kind.name}_id"], body))

    view.__name__ = f"add_{kind.name}_version"
    view.__doc__ = "Add a version, a draft; what is live stays so until this one is approved."
    resource.operation(
        "POST",
        f"{kind.path}/versions",
        verb="content.write",
        body=kind.version_in,
        answer=kind.answer,
        status=201,
        creates=True,
        versioned=True,
    )(view)


def _declare_move(
    resource: Resource, kind: Kind, change: str, *, verb: str, said: str, problems: Sequence[str]
) -> None:
    reasoned = change in {"reject", "withdraw"}

    def view(
        actor: Actor, version: int, if_match: int | None, body: dict[str, Any] | None = None, **path: str
    ) -> dict[str, Any]:
        reason = body["reason"] if body else None
        key = path[f"{kind.name}_id"]
        return shown(kind.use_case().move(actor, key, version, change, version=if_match, reason=reason))

    view.__name__, view.__doc__ = f"{change}_{kind.name}", said
    resource.operation(
        "POST",
        f"{kind.path}/versions/<int:version>/{change}",
        verb=verb,
        body=ReasonIn if reasoned else None,
        body_optional=reasoned,
        answer=kind.answer,
        versioned=True,
        problems=(*problems, "state_conflict"),
    )(view)
