"""Scripts: how calls open, and what is asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.versions import Kind, declare_content
from schemas.scripts import (
    ScriptIn,
    ScriptOut,
    ScriptPageOut,
    ScriptPreviewIn,
    ScriptPreviewOut,
    ScriptQuery,
    ScriptVersionIn,
)
from services.domain.content.script_walk import walk
from services.domain.people.actor import Actor

resource = Resource("scripts", __name__, description="What calls say and ask: branching questions, version by version")

_KIND = Kind(
    name="script",
    use_case=lambda: services().library.scripts,
    content_in=ScriptIn,
    version_in=ScriptVersionIn,
    answer=ScriptOut,
    written="What leads nowhere or asks what is forbidden is refused.",
)


@resource.operation("GET", "/scripts", verb="content.read", query=ScriptQuery, answer=ScriptPageOut)
def list_scripts(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List scripts, newest first, with the states of their versions."""
    page = page_request(query)
    return page_answer(
        services().library.scripts.list_page(page, campaign_id=query["campaign_id"], state=query["state"])
    )


@resource.operation(
    "POST",
    "/scripts/<script_id>/versions/<int:version>/preview",
    verb="content.read",
    body=ScriptPreviewIn,
    body_optional=True,
    answer=ScriptPreviewOut,
)
def preview_script(actor: Actor, script_id: str, version: int, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Try a version: which questions some answers lead to, which one comes next, and what is wrong. Keeps nothing."""
    content = services().library.scripts.get_version(script_id, version)["content"]
    return asdict(walk(content["questions"], body["answers"]))


declare_content(resource, _KIND)
