"""The columns that sheets for a campaign may have: those that every sheet may, and the campaign's own fields."""

from __future__ import annotations

from collections.abc import Mapping

from services.domain.errors import Invalid
from services.domain.sheets.custom_cells import CUSTOM, CustomColumns
from services.domain.sheets.headings import HeadingTable
from services.store.audiences.custom_fields import CustomFieldStore


class SheetColumns:
    """Fields are never changed nor taken away, so that what was asked when a sheet came holds while it is read."""

    def __init__(self, headings: HeadingTable, fields: CustomFieldStore) -> None:
        self._headings = headings
        self._fields = fields

    def custom(self, campaign_id: str | None) -> CustomColumns:
        """Return the campaign's own columns; none where there is no campaign."""
        return CustomColumns(self._fields.of_campaign(campaign_id) if campaign_id else ())

    def headings(self, campaign_id: str | None) -> HeadingTable:
        """Return what headings mean in a sheet for this campaign."""
        custom = self.custom(campaign_id)
        return self._headings.adding(custom.headings()) if custom else self._headings

    def refuse_without_campaign(self, campaign_id: str | None, mapping: Mapping[str, str | None]) -> None:
        """Raise Invalid for a mapping that names fields of a campaign where none is named."""
        if campaign_id is None and any(name.startswith(CUSTOM) for name in mapping):
            raise Invalid(campaign_id="required")
