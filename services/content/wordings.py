"""What a volunteer says or sends on a channel: the live script of a call, the live template filled for one person."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rulebook import Ruling
from services.domain.batches.links import deep_link
from services.domain.contacts.contacts import Contact
from services.domain.content.templates import LOCALES, is_certified, may_be_used, render
from services.domain.rules.subject import TemplateView
from services.store.content.content import ContentStore

Document = dict[str, Any]
CALL = "call"
# Their links take no text: the app copies it (field-facts §5).
_COPIED = frozenset({"facebook", "instagram", "voice_message"})
# A process that died between putting content live and counting it up is noticed after so long.
_KEPT_SECONDS = 60.0
_KEPT_SETS = 256


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The content that one volunteer uses on one channel of a campaign; none is needed to call or write."""

    campaign: Document
    channel: str
    places: Places
    volunteer: str | None = None
    template: Document | None = None
    script: Document | None = None

    def handed(self, address: str, people: Sequence[Contact]) -> Document:
        """Return the link that opens the phone's own app on an address, and which content goes with it."""
        text = self._text(people)
        wire: Document = {"link": deep_link(self.channel, address, text)}
        if text and self.channel in _COPIED:
            wire["text"] = text
        if self.template is not None:
            wire["template_id"] = self.template["_id"]
        if self.script is not None:
            wire["script_id"] = self.script["_id"]
        return wire

    def _text(self, people: Sequence[Contact]) -> str:
        if self.template is None or not people:
            return ""
        spoken = people[0].language
        locale = spoken if spoken in LOCALES else self.campaign["default_locale"]
        return render(self.template["live"]["content"], locale, self._facts(people, locale))

    def _facts(self, people: Sequence[Contact], locale: str) -> dict[str, str | None]:
        # Whoever of a household reads it, the name would be another's.
        named = people[0].facts if len(people) == 1 else {}
        names = (named.get("name_hi"), named.get("name"))
        place = people[0].place
        return {
            "name": (names[0] or names[1]) if locale == "hi" else (names[1] or names[0]),
            "part": self._name(place.part_id, locale),
            "constituency": self._name(place.constituency_id, locale),
            "district": self._name(place.district_id, locale),
            "volunteer_name": self.volunteer,
            "campaign": self.campaign["name"],
        }

    def _name(self, area_id: str | None, locale: str) -> str | None:
        area = self.places.find(area_id) if area_id else None
        if area is None:
            return None
        return area.name_hi if locale == "hi" else area.name_en


@dataclass(frozen=True, slots=True)
class _Kept:
    found: list[Document]
    until: float = field(default_factory=lambda: time.monotonic() + _KEPT_SECONDS)


class Wordings:
    """Chooses content; what is live is read once for each state of a campaign's content, the rules asked each time."""

    def __init__(self, *, templates: ContentStore, scripts: ContentStore, places: Places) -> None:
        self._templates = templates
        self._scripts = scripts
        self._places = places
        self._kept: dict[tuple[str, int, str], _Kept] = {}

    def of(self, ruling: Ruling, channel: str, *, volunteer: str | None, now: datetime) -> Wording:
        """Return what a volunteer uses on a channel at this moment."""
        found = self._live(ruling, "script" if channel == CALL else "template")
        chosen: dict[str, Document | None] = {}
        if channel == CALL:
            chosen["script"] = _newest(found)
        else:
            chosen["template"] = _newest(one for one in found if _fits(one, ruling, channel, now))
        return Wording(campaign=ruling.campaign, channel=channel, places=self._places, volunteer=volunteer, **chosen)

    def judged(self, ruling: Ruling, channel: str, now: datetime) -> TemplateView | None:
        """Return the template that the rules are to be asked about: the one in use, else the newest that they stop.

        None for calls, and where there is no template at all: none is needed to write.
        """
        live = [] if channel == CALL else [one for one in self._live(ruling, "template") if one["channel"] == channel]
        found = _newest(one for one in live if _fits(one, ruling, channel, now)) or _newest(live)
        return TemplateView(found["_id"], is_certified(found["live"]["content"], now)) if found else None

    def _live(self, ruling: Ruling, kind: str) -> list[Document]:
        # The count was read before the content and is moved after it: what lies under a count is never older than it.
        campaign_id = ruling.campaign["_id"]
        key = (campaign_id, ruling.campaign["content_version"], kind)
        kept = self._kept.get(key)
        if kept is None or time.monotonic() >= kept.until:
            if len(self._kept) >= _KEPT_SETS:
                self._kept.clear()
            store = self._scripts if kind == "script" else self._templates
            kept = self._kept[key] = _Kept(store.list_live([campaign_id]))
        return kept.found


def _fits(template: Document, ruling: Ruling, channel: str, now: datetime) -> bool:
    own = ruling.view.kill_switches
    return template["channel"] == channel and may_be_used(template, ruling.controls, own=own, now=now)


def _newest(found: Iterable[Document]) -> Document | None:
    """Return the campaign's own content before what is for all, and of that what went live last."""
    return max(found, key=lambda one: (one["campaign_id"] is not None, one["live"]["approved_at"]), default=None)
