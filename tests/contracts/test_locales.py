"""Whatever a person may be told is told in Hindi too, politely and without guessing who they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from api.catalogue import PROBLEMS
from api.translations import MO, compiled, read, wanted

DATA = Path(__file__).parents[2] / "config" / "data"
# Verbs and pronouns that take the reader for a man or a woman, or for a child.
RUDE = re.compile(
    r"(?<![\u0900-\u097f])(तू|तुम|तुम्हारा|तुम्हारे|तुम्हारी|तेरा|करो|जाओ|दो|"
    r"(?:रहे|रही|सकते|सकती|करते|करती|चाहते|चाहती|पाते|पाती|गए थे|गई थीं) (?:हैं|हो))(?![\u0900-\u097f])"
)


@pytest.fixture(scope="module")
def translations() -> dict[str, str]:
    return read()


def test_every_text_has_a_translation(translations: dict[str, str]) -> None:
    missing = [text for text in wanted() if not translations.get(text)]
    assert missing == [], "run: make messages, then fill config/locales/hi/LC_MESSAGES/messages.po and run it again"
    assert translations.keys() == set(wanted()), "run: make messages"


def test_the_compiled_form_is_made_of_the_readable_one(translations: dict[str, str]) -> None:
    assert MO.read_bytes() == compiled({text: translations[text] for text in wanted()}), "run: make messages"


def test_translations_are_hindi_and_polite(translations: dict[str, str]) -> None:
    for text, translation in translations.items():
        assert re.search(r"[\u0900-\u097f]", translation), text
        assert not RUDE.search(translation), translation
        assert not re.search(r"[०-९]", translation), f"Latin digits by default: {translation}"
        assert text.endswith(".") == translation.endswith("।"), text


def test_placeholders_are_the_same(translations: dict[str, str]) -> None:
    names = re.compile(r"%\([a-z_]+\)[a-z]")
    for text, translation in translations.items():
        assert sorted(names.findall(text)) == sorted(names.findall(translation)), text


@pytest.mark.parametrize("name", ["push.json", "row_problems.json"])
def test_texts_among_the_data_are_polite(name: str) -> None:
    assert not RUDE.search((DATA / name).read_text(encoding="utf-8"))
    assert json.loads((DATA / name).read_text(encoding="utf-8"))


def test_the_application_speaks_them(bare_app: Flask) -> None:
    with bare_app.test_request_context(), force_locale("hi"):
        for entry in PROBLEMS.values():
            assert gettext(entry.title) != entry.title
            assert gettext(entry.detail) != entry.detail
