"""What a push says and when it may be shown: texts in Hindi and English with their plurals, and the quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.domain.ist import Span
from services.domain.reading import Reader

LOCALES = ("hi", "en")
_TITLE_SIGNS = 100
_BODY_SIGNS = 300
Bilingual = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class PushRules:
    """The texts of pushes that the system itself makes, and the hours in which nothing is shown that can wait."""

    quiet: Span
    texts: Mapping[str, Mapping[str, Any]]

    @staticmethod
    def parse(data: Mapping[str, Any]) -> PushRules:
        """Read config/data/push.json; raises `Invalid` that names what is wrong with it."""
        reader = Reader(data, "push")
        rules = PushRules(
            quiet=reader.child("quiet_hours").span(wraps=True),
            texts=data["texts"],
        )
        reader.finish()
        return rules

    def text(self, kind: str, n: int) -> tuple[Bilingual, Bilingual]:
        """Return title and body in both languages for a push of a kind about `n` addresses."""
        texts = self.texts[kind]
        body = {locale: texts["body"][locale][plural(locale, n)].format(n=n) for locale in LOCALES}
        return dict(texts["title"]), body

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return when the quiet hours that hold now end, None outside them."""
        return self.quiet.next_end(now) if self.quiet.contains(now) else None


def plural(locale: str, n: int) -> str:
    """Return the CLDR plural category of a whole number: in Hindi nought and one are `one`."""
    return "one" if n == 1 or (locale == "hi" and n == 0) else "other"


def shown(text: Mapping[str, str], locale: str) -> str:
    """Return the text in the receiver's language, else in Hindi."""
    return text[locale if locale in LOCALES else "hi"]


def clipped(title: str, body: str) -> tuple[str, str]:
    """Shorten title and body to what a notification shows; the whole text comes with the next sync."""
    return _clip(title, _TITLE_SIGNS), _clip(body, _BODY_SIGNS)


def _clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
