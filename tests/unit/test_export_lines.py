"""Lines of an export: what people wrote runs as no formula, and our own ids stay as they are."""

from __future__ import annotations

import pytest

from services.domain.exports.exports import Id, line


def test_an_id_of_ours_is_written_as_it_is() -> None:
    assert line([Id("-aB3_x"), "mobile"]) == "-aB3_x,mobile\r\n"


@pytest.mark.parametrize("told", ["=1+2", "+911", "-1", "@sum", "\tx"])
def test_a_text_that_begins_like_a_formula_is_guarded(told: str) -> None:
    assert line([told]) == f"'{told}\r\n"
