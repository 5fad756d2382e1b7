"""Where contacts come from: kinds of sources, on which lawful basis, since when (DPDP 2023 s.5-7, field-facts §6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.domain.errors import Invalid
from services.domain.sheets.sheets import IMPORT_FIELDS
from services.domain.text import fold

# Bought, scraped, group-dumped and beneficiary lists have no kind, so that nobody can bring one in under its name.
KINDS = ("electoral_roll", "field_visit", "event", "form", "own_list", "partner_list")
ROLL = "electoral_roll"
BASES = ("roll_public", "voluntary", "consent")
# A basis further to the right is worth more.
BASIS_RANK: Mapping[str, int] = {basis: rank for rank, basis in enumerate(BASES)}
# A handle is kept for use only if the person gave it (field-facts §5).
GIVEN_BASES = frozenset({"voluntary", "consent"})
CONSENT = "consent"
# Why an address waits whose consent nobody but the uploader has vouched for.
UNATTESTED = "unattested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One declared source; two imports that declare the same have the same `id`, every sheet of a list one `group`."""

    name: str
    kind: str
    lawful_basis: str
    collected_on: date
    notice_version: str | None = None
    field_basis: Mapping[str, str] = field(default_factory=dict)

    def basis(self, name: str) -> str:
        """Return the lawful basis of an import field."""
        return self.field_basis.get(name, self.lawful_basis)

    @property
    def claims_consent(self) -> bool:
        """Whether any of its fields is said to rest on consent, which a second person attests."""
        return CONSENT in {self.lawful_basis, *self.field_basis.values()}

    @property
    def id(self) -> str:
        """An id made of everything that was declared."""
        return "source-" + _digest(self.to_plain())

    @property
    def group(self) -> str:
        """An id of the list itself: its next edition is no other source."""
        return _digest([self.kind, fold(self.name)])

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "lawful_basis": self.lawful_basis,
            "collected_on": self.collected_on.isoformat(),
            "notice_version": self.notice_version,
            "field_basis": dict(self.field_basis),
        }

    @staticmethod
    def from_plain(plain: Mapping[str, Any]) -> Source:
        """Return what `to_plain` wrote."""
        return Source(**{**plain, "collected_on": date.fromisoformat(plain["collected_on"])})


def check_source(source: Source, *, today: date) -> None:
    """Raise Invalid for what a declared source cannot be."""
    wrong: dict[str, str] = {}
    if source.collected_on > today:
        wrong["source.collected_on"] = "date_in_future"
    for name in source.field_basis:
        if name not in IMPORT_FIELDS:
            wrong[f"source.field_basis.{name}"] = "unknown_field"
    if wrong:
        raise Invalid(**wrong)


def _digest(plain: Any) -> str:
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
