"""Writes docs/settings.md from the settings class: `python -m config.settings_page > docs/settings.md`."""

from __future__ import annotations

from config.settings import describe

_HEAD = """# Settings

Made from `config/settings.py` by `python -m config.settings_page`; a test compares.
Sampark reads the environment once, at start, and one message names every variable that is wrong or missing.

| Variable | Meaning | Default |
|---|---|---|
"""


def page() -> str:
    """Return the page."""
    return _HEAD + "".join(
        f"| `{row['variable']}` | {row['meaning']} | {row['default'] or '–'} |\n" for row in describe()
    )


if __name__ == "__main__":
    print(page(), end="")
