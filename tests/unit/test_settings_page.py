"""docs/settings.md tells what the settings class tells."""

from __future__ import annotations

from pathlib import Path

from config.settings_page import page


def test_the_page_is_made_from_the_settings() -> None:
    stored = Path(__file__).parents[2] / "docs" / "settings.md"
    assert stored.read_text(encoding="utf-8") == page(), "run: python -m config.settings_page > docs/settings.md"
