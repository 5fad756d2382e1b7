"""How many parts an SMS takes."""

from __future__ import annotations

import pytest

from services.domain.content.sms import count_parts


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "left"),
    [
        ("", "gsm7", 0, 0, 160),
        ("a" * 160, "gsm7", 160, 1, 0),
        ("a" * 161, "gsm7", 161, 2, 145),
        ("a" * 306, "gsm7", 306, 2, 0),
        ("a" * 307, "gsm7", 307, 3, 152),
        ("€" * 80, "gsm7", 160, 1, 0),
        ("क" * 70, "ucs2", 70, 1, 0),
        ("क" * 71, "ucs2", 71, 2, 63),
        ("क" * 134, "ucs2", 134, 2, 0),
        ("क" * 135, "ucs2", 135, 3, 66),
        ("a" * 69 + "क", "ucs2", 70, 1, 0),
        ("🙏" * 35, "ucs2", 70, 1, 0),
    ],
)
def test_parts_of_a_text(text: str, encoding: str, units: int, parts: int, left: int) -> None:
    assert count_parts(text) == (encoding, units, parts, left)


def test_escaped_character_is_not_cut_in_two() -> None:
    assert count_parts("a" * 152 + "€" + "a" * 151) == ("gsm7", 305, 2, 0)
    assert count_parts("a" * 152 + "€" + "a" * 152).parts == 3


def test_surrogate_pair_is_not_cut_in_two() -> None:
    assert count_parts("क" * 66 + "🙏" + "क" * 65).parts == 2
    assert count_parts("क" * 66 + "🙏" + "क" * 66).parts == 3
