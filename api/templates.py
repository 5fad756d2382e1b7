"""Templates: texts for messages, with their files, certificates and rulings."""

from __future__ import annotations

from typing import Any

from api.context import services
from api.operations import Resource
from api.paging import page_answer, page_request
from api.versions import Kind, declare_content
from schemas.templates import (
    TemplateIn,
    TemplateOut,
    TemplatePageOut,
    TemplatePreviewOut,
    TemplatePreviewQuery,
    TemplateQuery,
    TemplateVersionIn,
)
from services.domain.content.sms import count_parts
from services.domain.content.templates import render
from services.domain.people.actor import Actor

resource = Resource("templates", __name__, description="Texts for messages: written, approved by a second person, live")

_KIND = Kind(
    name="template",
    use_case=lambda: services().library.templates,
    content_in=TemplateIn,
    version_in=TemplateVersionIn,
    answer=TemplateOut,
)


@resource.operation("GET", "/templates", verb="content.read", query=TemplateQuery, answer=TemplatePageOut)
def list_templates(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """List templates, newest first, with the states of their versions."""
    filters = {name: query[name] for name in ("campaign_id", "state", "channel", "category")}
    page = page_answer(services().library.templates.list_page(page_request(query), **filters))
    return {**page, "items": services().library.live.shown(page["items"])}


@resource.operation(
    "GET",
    "/templates/<template_id>/versions/<int:version>/preview",
    verb="content.read",
    query=TemplatePreviewQuery,
    answer=TemplatePreviewOut,
)
def preview_template(actor: Actor, template_id: str, version: int, query: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Show a version's text as a person would get it, and what it takes as SMS."""
    content = services().library.templates.get_version(template_id, version)["content"]
    text = render(content, query.pop("locale"), query)
    return {"text": text, "sms": count_parts(text)._asdict()}


declare_content(resource, _KIND)
