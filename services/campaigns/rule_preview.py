"""What would change if a version of the rules were live: fields, places, channels, hours, numbers of targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.campaigns.places import Places
from services.campaigns.rule_proposals import Book, Proposal, Timeline, rules_in
from services.campaigns.rulebook import parse_controls
from services.campaigns.rules import RuleVersions
from services.domain.people.actor import Actor
from services.domain.rules.changes import Ground, hours_changed, value_at
from services.domain.rules.rules import Rules
from services.reports.scope import rounded_to, told
from services.store.outcomes.target_tallies import TargetTallyStore

Document = dict[str, Any]
_MOST_ROWS = 500
_PART = "part"


class RulePreview:
    """Answers from the rules and the standing tallies alone: two reads, and one for each campaign that it is about."""

    def __init__(self, rules: RuleVersions, *, targets: TargetTallyStore, places: Places) -> None:
        self._rules = rules
        self._targets = targets
        self._places = places

    def of(
        self, actor: Actor, campaign_id: str | None, override: Mapping[str, Any], *, area: str | None = None
    ) -> Document:
        """Return what a proposal would change; nothing of it is kept. A `campaign_id` of None means the state's.

        How many targets that is, whoever may see no single person is told in tens.
        """
        book, proposal = self._rules.preview(campaign_id, override, area=area)
        at = proposal.entry["starts_at"]
        rows: list[Document] = []
        numbers: dict[str, dict[str, int]] = {}
        for campaign, before, after in _drives(book, proposal):
            numbers[campaign["_id"]] = counted = self._targets.numbers(campaign["_id"], by="part_id")
            rows += self._rows(book, campaign, (rules_in(before, at), rules_in(after, at)), counted, at)
        rows = [{**row, "targets": told(actor, row["targets"])} for row in rows]
        rows.sort(key=lambda row: -(row["targets"] or 0))
        return {
            "state": proposal.entry["state"],
            "effective_from": at,
            "widens": list(proposal.widens),
            "fields": [
                {**field, "targets": told(actor, field["targets"])} for field in self._fields(proposal, numbers, at)
            ],
            "hours": rows[:_MOST_ROWS],
            "hours_left_out": max(len(rows) - _MOST_ROWS, 0),
            "campaigns": len(numbers),
            "targets": told(actor, sum(sum(counted.values()) for counted in numbers.values())),
            "rounded_to": rounded_to(actor),
        }

    def _rows(
        self,
        book: Book,
        campaign: Document,
        rules: tuple[Rules, Rules],
        counted: Mapping[str, int],
        at: datetime,
    ) -> list[Document]:
        before, after = rules
        controls = parse_controls(book.state)
        own = {*before.areas, *after.areas, *controls.polls}
        rows = hours_changed(
            before,
            after,
            controls,
            grounds=self._grounds(campaign, own, counted),
            channels=campaign["channels"],
            at=at,
        )
        return [{"campaign_id": campaign["_id"], **row} for row in rows]

    def _grounds(self, campaign: Document, own: set[str], counted: Mapping[str, int]) -> Iterator[Ground]:
        """Yield the constituencies of a campaign, and singly the parts that have something of their own."""
        for seat_id in campaign["constituencies"]:
            parts = [area.id for area in self._places.children(seat_id) if area.kind == _PART]
            plain = [part for part in parts if part not in own]
            yield Ground(seat_id, "", seat_id, len(plain), sum(counted.get(part, 0) for part in plain))
            for part in parts:
                if part in own:
                    yield Ground(part, part, seat_id, 1, counted.get(part, 0))

    def _fields(self, proposal: Proposal, numbers: Mapping[str, Mapping[str, int]], at: datetime) -> list[Document]:
        before, after = (rules_in(found, at).to_wire() for found in (proposal.before, proposal.after))
        return [
            {
                "path": path,
                "before": value_at(before, path),
                "after": value_at(after, path),
                "widens": _is_widened(path, proposal.widens),
                "targets": self._about(path, numbers),
            }
            for path in proposal.fields
        ]

    def _about(self, path: str, numbers: Mapping[str, Mapping[str, int]]) -> int:
        """Return how many targets a field is about: all, or those of the area that it names."""
        first, _, area_id = path.partition(".")
        inside = area_id if first == "areas" else None
        return sum(
            number
            for counted in numbers.values()
            for part_id, number in counted.items()
            if inside is None or part_id == inside or self._lies_in(part_id, inside)
        )

    def _lies_in(self, part_id: str, area_id: str) -> bool:
        area = self._places.find(part_id)
        return area is not None and area_id in area.path


def _drives(book: Book, proposal: Proposal) -> Iterator[tuple[Document, Timeline, Timeline]]:
    """Yield the campaigns that a proposal is about, each with its rules before and after."""
    if book.campaign is not None:
        yield book.campaign, proposal.before, proposal.after
    for campaign in book.others:
        yield (campaign, *proposal.others[campaign["_id"]])


def _is_widened(path: str, widens: tuple[str, ...]) -> bool:
    """Tell whether a field is among the widened ones, which are named by themselves, by a part or by their whole."""
    return any(one == path or one.startswith(f"{path}.") or path.startswith(f"{one}.") for one in widens)
