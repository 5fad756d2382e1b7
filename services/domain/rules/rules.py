"""The rules of a campaign as frozen values: read from plain data, written back as the wire has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from services.domain.identifiers.channels import CALL
from services.domain.ist import Span
from services.domain.reading import Reader
from services.domain.rules.parts import Caps, Daily, ExitPoll, NightBan, Retry, Silence, Validity
from services.domain.wire_time import utc_text

_YEAR_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules; `areas` holds what single constituencies and parts override."""

    version: int
    effective_from: datetime
    contact_window: Span
    contact_window_limit: Span
    night_ban: NightBan
    silence: Silence
    caps: Caps
    retry: Mapping[str, Retry]
    bands: tuple[Span, ...]
    daily: Daily
    batch_size: int
    batch_expires: timedelta
    complaints_pause: int
    join_roll_phones: bool
    retention: timedelta
    callback_grace: timedelta
    look_ahead: timedelta
    validity: Validity
    exit_poll: ExitPoll
    areas: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    _places: dict[tuple[str, str], Rules] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def parse(data: Mapping[str, Any]) -> Rules:
        """Read a whole set of rules; raises `Invalid` that names every wrong field by its path, `rules.…`."""
        reader = Reader(data, "rules")
        reader.only(FIELDS)
        rules = _read(reader)
        reader.finish()
        for area_id, override in rules.areas.items():
            _for_area(rules, override, f"rules.areas.{area_id}")
        return rules

    def to_wire(self) -> dict[str, Any]:
        """Return the contract's `Rules`, with our own fields beside them."""
        wire: dict[str, Any] = {
            "version": self.version,
            "effective_from": utc_text(self.effective_from),
            "contact_window": self.contact_window.to_wire(),
            "contact_window_limit": self.contact_window_limit.to_wire(),
            "night_ban": self.night_ban.to_wire(),
            "silence_hours": self.silence.to_wire(),
            "caps": self.caps.to_wire(),
            "retry": {name: retry.to_wire() for name, retry in self.retry.items()},
            "bands": [band.to_wire() for band in self.bands],
            "daily": {"call": self.daily.call, "message": self.daily.message},
            "batch": {"size": self.batch_size, "expires_hours": self.batch_expires // timedelta(hours=1)},
            "complaints_pause": self.complaints_pause,
            "join_roll_phones": self.join_roll_phones,
            "retention_days": self.retention.days,
            "callback_grace_minutes": self.callback_grace // timedelta(minutes=1),
            "look_ahead_hours": self.look_ahead // timedelta(hours=1),
            "validity_hours": self.validity.to_wire(),
            "exit_poll": self.exit_poll.to_wire(),
        }
        return {**wire, "areas": {area: dict(part) for area, part in self.areas.items()}} if self.areas else wire

    def at(self, part_id: str, constituency_id: str) -> Rules:
        """Return the rules of a place: the campaign's, overridden by the constituency's, then by the part's."""
        if not self.areas:
            return self
        found = self._places.get((part_id, constituency_id))
        if found is None:
            found = self
            for area_id in (constituency_id, part_id):
                if area_id in self.areas:
                    found = _for_area(found, self.areas[area_id], f"rules.areas.{area_id}")
            self._places[part_id, constituency_id] = found
        return found

    def daily_cap(self, channel: str) -> int:
        """Return how many numbers of a channel one volunteer may be shown a day."""
        return self.daily.call if channel == CALL else self.daily.message


FIELDS = frozenset(
    {
        *("version", "effective_from", "contact_window", "contact_window_limit", "night_ban", "silence_hours", "caps"),
        *("retry", "bands", "daily", "batch", "complaints_pause", "join_roll_phones", "callback_grace_minutes"),
        *("retention_days", "look_ahead_hours", "validity_hours", "exit_poll", "areas"),
    }
)
# What no override may touch: the file's own word on the law, and what names the version.
# How long people's data is kept is the campaign's matter, whichever of its parts they live in.
_FIXED = frozenset({"contact_window_limit", "areas", "version", "effective_from", "retention_days"})


def merge(defaults: Mapping[str, Any], override: Mapping[str, Any], *, path: str = "rules") -> dict[str, Any]:
    """Lay a partial override over plain rules: objects field by field, lists and values whole, `null` removes a retry.

    Raises `Invalid` for fields that rules do not have and for those that only the defaults may set.
    """
    reader = Reader(override, path)
    reader.only(FIELDS)
    if "contact_window_limit" in override and override["contact_window_limit"] != defaults["contact_window_limit"]:
        reader.fail("contact_window_limit", "not_overridable")
    reader.finish()
    merged = _laid_over(defaults, override)
    if isinstance(merged["retry"], Mapping):
        merged["retry"] = {name: retry for name, retry in merged["retry"].items() if retry is not None}
    return merged


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        old = merged.get(name)
        merged[name] = _laid_over(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _for_area(rules: Rules, override: Mapping[str, Any], path: str) -> Rules:
    reader = Reader(override, path)
    reader.only(FIELDS - _FIXED)
    reader.finish()
    whole = Reader(merge({**rules.to_wire(), "areas": {}}, override, path=path), path)
    found = _read(whole)
    whole.finish()
    return found


def _read(reader: Reader) -> Rules:
    given = (reader.child("contact_window"), reader.child("contact_window_limit"))
    window, limit = (part.span() for part in given)
    if all(part.sound() for part in given) and not limit.covers(window):
        reader.fail("contact_window", "outside_legal_window")
    batch = reader.child("batch")
    batch.only({"size", "expires_hours"})
    retries = reader.child("retry")
    return Rules(
        version=reader.integer("version", low=0, high=10**9),
        effective_from=reader.moment("effective_from"),
        contact_window=window,
        contact_window_limit=limit,
        night_ban=NightBan.read(reader.child("night_ban")),
        silence=Silence.read(reader.child("silence_hours")),
        caps=Caps.read(reader.child("caps")),
        retry=MappingProxyType({name: Retry.read(retries.child(name)) for name in retries.names_present()}),
        bands=tuple(band.span() for band in reader.children("bands")),
        daily=Daily.read(reader.child("daily")),
        batch_size=batch.integer("size", low=1, high=100),
        batch_expires=timedelta(hours=batch.integer("expires_hours", low=1, high=24 * 30)),
        complaints_pause=reader.integer("complaints_pause", low=1, high=1000),
        join_roll_phones=reader.flag("join_roll_phones"),
        retention=timedelta(days=reader.integer("retention_days", low=1, high=3660)),
        callback_grace=timedelta(minutes=reader.integer("callback_grace_minutes", low=0, high=_YEAR_MINUTES)),
        look_ahead=timedelta(hours=reader.integer("look_ahead_hours", low=0, high=24)),
        validity=Validity.read(reader.child("validity_hours")),
        exit_poll=ExitPoll.read(reader.child("exit_poll")),
        areas=_areas(reader),
    )


def _areas(reader: Reader) -> Mapping[str, Mapping[str, Any]]:
    if not reader.has("areas"):
        return MappingProxyType({})
    areas = reader.child("areas")
    return MappingProxyType({area_id: areas.plain(area_id) for area_id in areas.names_present()})
