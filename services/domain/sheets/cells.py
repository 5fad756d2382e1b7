"""What single cells of a sheet mean: numbers, ages, genders, relations, EPICs, languages, tags; or the code why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from services.domain.text import clean, latin_digits

ADULT = 18
OLDEST = 120
MAX_TAGS = 20
MAX_TAG = 40

_LONGEST_VALUE = 60  # of a number or a date in words; also keeps the patterns below from long work

_NUMBER = re.compile(r"[^\d]{0,20}?(\d{1,6})(?:\.0+)?(?:\s*[-–(:,.]\D*)?")
_AGE = re.compile(r"[^\d-]*(\d{1,3})(?:\.\d+)?\D*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d\d)")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?:[T ].*)?")
_MONTH_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s.,-]*([^\W\d]\D*?)[\s.,-]*(\d{4})", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"([^\W\d]\D*?)[\s.,-]*(\d{1,2})(?:st|nd|rd|th)?[\s.,-]+(\d{4})", re.IGNORECASE)
_MONTHS_A_YEAR = 12
# A date whose cell lost its format shows the days since then: five digits for what lies between 1927 and 2173.
_SERIAL = re.compile(r"[1-9]\d{4}(?:\.\d+)?")
_FIRST_DAY = date(1899, 12, 30)
_EPIC = re.compile(r"[A-Z]{3}[0-9]{7}")
_OLD_EPIC = re.compile(r"[A-Z]{2}/[0-9]{1,3}/[0-9]{1,4}/[0-9]{4,7}")
_EPIC_NOISE = re.compile(r"[\s.\-–_]+")
_TAG_GAP = re.compile(r"[;,|\n]+")
_TAG_WORD_GAP = re.compile(r"[\s_/\-.:]+")


class CellRefused(Exception):
    """A cell that cannot be taken as its column's field; `code` is in `row_problems.json`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CellWords:
    """The word lists of `cell_words.json`, ready to be looked up."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.blank = frozenset(data["blank"])
        self.total = frozenset(data["total"])
        self.yes = frozenset(data["yes"])
        self.no = frozenset(data["no"])
        self.forbidden_tags = frozenset(map(clean, data["forbidden_tags"]))
        self.gender: dict[str, str] = _by_word(data["gender"].items())
        self.relation: dict[str, str] = _by_word(data["relation"].items())
        self.language: dict[str, str] = _by_word(data["language"].items())
        self.month: dict[str, int] = _by_word(enumerate(data["months"], start=1))
        self.relation_before_name: dict[str, str] = _by_word(data["relation_before_name"].items())
        markers = sorted(map(re.escape, self.relation_before_name), key=len, reverse=True)
        self._marker = re.compile(rf"(?:^|\s)({'|'.join(markers)})(?=[\s.:\-])[\s.:\-]*", re.IGNORECASE)
        # Sheets repeat names, so most are parted once.
        self.split_relation = lru_cache(maxsize=1 << 14)(self._split_relation)

    def _split_relation(self, text: str) -> tuple[str, str | None, str]:
        """Part `Ram S/o Shyam` into name, relation and relative's name; without a marker all of it is the name."""
        marker = self._marker.search(text)
        if marker is None:
            return text, None, ""
        return text[: marker.start()].strip(" ,"), self.relation_before_name[marker[1].lower()], text[marker.end() :]


def read_text(cell: str, longest: int) -> str:
    """Return the text as it is kept; `cell_too_long`, `formula_cell`."""
    if cell.startswith("="):
        raise CellRefused("formula_cell")
    text = clean(cell)
    if len(text) > longest:
        raise CellRefused("cell_too_long")
    return text


def read_number(cell: str) -> int:
    """Return the whole number of `24`, `२४`, `AC-24`, `24.0`, `24 - Sujangarh`; `number_invalid`."""
    if cell.isdecimal():
        number = int(cell[:10])
    else:
        match = _NUMBER.fullmatch(latin_digits(cell)) if len(cell) <= _LONGEST_VALUE else None
        number = int(match[1]) if match else 0
    if not 0 < number <= 999_999:  # noqa: PLR2004 - as many digits as the pattern takes
        raise CellRefused("number_invalid")
    return number


def read_age(cell: str, words: CellWords, today: date) -> int:
    """Return full years of an age, birth date or birth year (the youngest it can mean); `age_invalid`, `under_18`."""
    if len(cell) > _LONGEST_VALUE:
        raise CellRefused("age_invalid")
    text = cell.strip()
    if text.isdecimal() and len(text) <= 3:  # noqa: PLR2004 - what nearly every cell is; years have four digits
        age = int(text)
    elif match := _AGE.fullmatch(text := latin_digits(text)):
        age = int(match[1])
    elif _YEAR.fullmatch(text):
        age = today.year - int(text) - 1
    else:
        born = read_date(text, words, today, code="age_invalid")
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < 0 or age > OLDEST:
        raise CellRefused("age_invalid")
    if age < ADULT:
        raise CellRefused("under_18")
    return age


def read_date(text: str, words: CellWords, today: date, *, code: str) -> date:
    """Return the day of `12.5.1980`, `1980-05-12`, `12 मई 1980`, `May 12, 1980`, `29353`; else raise CellRefused."""
    text = latin_digits(text) if len(text) <= _LONGEST_VALUE else ""
    if _SERIAL.fullmatch(text):
        return _FIRST_DAY + timedelta(days=int(text[:5]))
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _MONTH_NAMED.fullmatch(text):
        day, month, year = int(match[1]), words.month.get(match[2].lower(), 0), int(match[3])
    elif match := _MONTH_FIRST.fullmatch(text):
        day, month, year = int(match[2]), words.month.get(match[1].lower(), 0), int(match[3])
    else:
        raise CellRefused(code)
    if month > _MONTHS_A_YEAR:
        day, month = month, day
    if year < 100:  # noqa: PLR2004 - two digits: the last such year that is not ahead
        year += 2000 if 2000 + year <= today.year else 1900
    try:
        return date(year, month, day)
    except ValueError as impossible:
        raise CellRefused(code) from impossible


def read_gender(cell: str, words: CellWords) -> str:
    """Return `male`, `female`, `third` or `unknown`; `gender_unknown` for a word that is in no list."""
    gender = words.gender.get(cell) or words.gender.get(clean(cell).lower())
    if gender is None:
        raise CellRefused("gender_unknown")
    return gender


def read_relation(cell: str, words: CellWords) -> str:
    """Return `father`, `mother`, `husband`, or `other` for every other word."""
    return words.relation.get(cell) or words.relation.get(clean(cell).lower().rstrip("."), "other")


def read_language(cell: str, words: CellWords) -> str:
    """Return the language's code, of several the first; `language_unknown`."""
    language = words.language.get(cell) or words.language.get(_TAG_GAP.split(clean(cell).lower())[0].strip())
    if language is None:
        raise CellRefused("language_unknown")
    return language


def read_epic(cell: str) -> str:
    """Return an EPIC number as `ABC1234567`, an old one as `RJ/20/135/123456`; `epic_invalid` (field-facts §3)."""
    if _EPIC.fullmatch(cell):
        return cell
    epic = _EPIC_NOISE.sub("", latin_digits(cell).upper().replace("\\", "/"))
    if _EPIC.fullmatch(epic) or _OLD_EPIC.fullmatch(epic):
        return epic
    raise CellRefused("epic_invalid")


def read_tags(cell: str, words: CellWords) -> tuple[str, ...]:
    """Return the tags in lower case without repeats; `tag_forbidden` for caste and religion, `tags_too_many`."""
    tags = tuple(dict.fromkeys(tag for tag in (clean(tag).lower() for tag in _TAG_GAP.split(cell)) if tag))
    if len(tags) > MAX_TAGS:
        raise CellRefused("tags_too_many")
    for tag in tags:
        if len(tag) > MAX_TAG:
            raise CellRefused("cell_too_long")
        if not words.forbidden_tags.isdisjoint(_TAG_WORD_GAP.split(tag)):
            raise CellRefused("tag_forbidden")
    return tags


def _by_word(lists: Iterable[tuple[Any, Iterable[str]]]) -> dict[str, Any]:
    return {clean(word): value for value, words in lists for word in words}
