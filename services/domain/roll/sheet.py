"""How a made-up person looks in a sheet: columns, their headings in three manners, and the cells."""

from __future__ import annotations

from typing import Literal

from services.domain.roll.roll import Person

Headings = Literal["hi", "en", "fields"]

# Our import field, the heading that offices write (field-facts §3), the English one.
_COLUMNS = (
    ("ac_no", "विधानसभा संख्या", "AC No"),
    ("part_no", "भाग संख्या", "Part No"),
    ("section", "अनुभाग", "Section"),
    ("serial_no", "क्रम संख्या", "Serial No"),
    ("epic", "ईपीआईसी", "EPIC No"),
    ("name_hi", "मतदाता का नाम", "Name (Hindi)"),
    ("name", "Name (English)", "Name"),
    ("relative_name", "पिता/पति का नाम", "Relative Name"),
    ("relation", "संबंध", "Relation"),
    ("house_no", "मकान संख्या", "House No"),
    ("age", "आयु", "Age"),
    ("gender", "लिंग", "Gender"),
    ("phone", "मोबाइल नंबर", "Mobile No"),
    ("facebook", "फेसबुक", "Facebook"),
    ("instagram", "इंस्टाग्राम", "Instagram"),
    ("x", "एक्स", "X"),
    ("language", "भाषा", "Language"),
)
FIELDS = tuple(field for field, _, _ in _COLUMNS)
HEADINGS: dict[Headings, tuple[str, ...]] = {
    "hi": tuple(hindi for _, hindi, _ in _COLUMNS),
    "en": tuple(english for _, _, english in _COLUMNS),
    "fields": FIELDS,
}

_WORDS: dict[Headings, dict[str, str]] = {
    "hi": {
        "male": "पुरुष",
        "female": "महिला",
        "third": "तृतीय लिंग",
        "father": "पिता",
        "mother": "माता",
        "husband": "पति",
        "other": "अन्य",
    },
    "en": {
        "male": "Male",
        "female": "Female",
        "third": "Third gender",
        "father": "Father",
        "mother": "Mother",
        "husband": "Husband",
        "other": "Other",
    },
    "fields": {code: code for code in ("male", "female", "third", "father", "mother", "husband", "other")},
}


def cells(person: Person, headings: Headings) -> list[str]:
    """Return a person's cells in the order of `FIELDS`, in the words that go with the headings."""
    words = _WORDS[headings]
    return [
        str(person.ac_no),
        str(person.part_no),
        str(person.section),
        str(person.serial_no),
        person.epic,
        person.name.hi,
        person.name.en,
        person.relative.en if headings == "en" else person.relative.hi,
        words[person.relation],
        person.house_no,
        str(person.age),
        words[person.gender],
        person.phone,
        person.facebook,
        person.instagram,
        person.x,
        person.language,
    ]


def lines_above(headings: Headings, header_row: int) -> list[list[str]]:
    """Return what stands above the people: titles that fill the rows before `header_row`, and the headings."""
    titles = [["मतदाता सूची (काल्पनिक)" if headings == "hi" else "Electoral roll (made up)"], [""]]
    above = (titles + [[""]] * header_row)[: header_row - 1]
    return [*above, list(HEADINGS[headings])]
