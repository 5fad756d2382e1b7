"""Puts together the content library: scripts, templates, their files, and what of it may be used now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.paths import read_json
from services.batches.desk import Desks
from services.campaigns.places import Places
from services.campaigns.rulebook import Rulebook
from services.content.checks import ScriptRules, TemplateRules
from services.content.content import Content
from services.content.live import LiveTemplates
from services.content.media import Media
from services.content.questions import Questions
from services.content.wordings import Wordings
from services.domain.content.topics import ForbiddenTopics
from services.gateways.clock import Clock
from services.operations.audit import Audit
from services.policy import Policy
from services.store.stores import Stores


@dataclass(frozen=True)
class Library:
    """The use cases of the content library."""

    scripts: Content
    templates: Content
    live: LiveTemplates
    media: Media
    questions: Questions


def wire_content(
    stores: Stores,
    *,
    places: Places,
    rulebook: Rulebook,
    policy: Policy,
    wake: Callable[[dict[str, Any] | None], None],
    audit: Audit,
    clock: Clock,
) -> Library:
    """Return the use cases; `wake` lets the phones of a campaign, or with None all, ask what was withdrawn."""
    live = LiveTemplates(templates=stores.templates, campaigns=stores.campaigns, rulebook=rulebook, clock=clock)
    return Library(
        scripts=Content(
            "script",
            store=stores.scripts,
            rules=ScriptRules(ForbiddenTopics(read_json("forbidden_topics.json"))),
            campaigns=stores.campaigns,
            audit=audit,
            clock=clock,
            withdrawn=wake,
        ),
        templates=Content(
            "template",
            store=stores.templates,
            rules=TemplateRules(media=stores.media, rulebook=rulebook, clock=clock),
            campaigns=stores.campaigns,
            audit=audit,
            clock=clock,
            withdrawn=wake,
        ),
        live=live,
        media=Media(store=stores.media, live=live, audit=audit, clock=clock),
        questions=Questions(
            store=stores.questions,
            campaigns=stores.campaigns,
            desks=Desks(stores.users, stores.caps, places=places),
            policy=policy,
            audit=audit,
            clock=clock,
            withdrawn=wake,
        ),
    )


def wire_wordings(stores: Stores, places: Places) -> Wordings:
    """Return who chooses what is said and sent; it needs no rules but those of each question."""
    return Wordings(templates=stores.templates, scripts=stores.scripts, places=places)
