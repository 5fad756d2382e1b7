"""Which passwords are refused: short, common, or the person's own phone or name (NIST SP 800-63B §3.1.1.2).

Common are those of the list, and its words dressed up: a guesser tries `P@ssw0rd2026!` and `Rajasthan@123` first.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Container
from itertools import pairwise

from services.domain.text import fold, latin_digits

SHORTEST = 10
LONGEST = 200
_PART_OF_NAME = 4
_WORD = 4
# So many digits and signs around a common word are no secret; more of them may be one of their own.
_DRESS = 6
_SIGNS = string.digits + string.punctuation + " "
_LEET = str.maketrans("@4831!05$7+", "aabeiiosstt")


def weakness(password: str, *, common: Container[str], phone: str, name: str) -> str | None:
    """Return the code of what is wrong with a new password, or None."""
    if len(password) < SHORTEST:
        return "password_too_short"
    if len(password) > LONGEST:
        return "password_too_long"
    plain = normal(password)
    if len(set(plain)) <= 2 or _is_run(plain) or _is_common(plain, common):  # noqa: PLR2004
        return "password_too_common"
    return "password_personal" if phone[-10:] in plain or _has_name(plain, name) else None


def normal(password: str) -> str:
    """Return the password as it is compared with the list: compatibility forms and case are one."""
    return latin_digits(unicodedata.normalize("NFKC", password)).casefold()


def _is_common(plain: str, common: Container[str]) -> bool:
    """Tell whether the list has it, or the word or doubled word that it is with digits and signs taken off its ends."""
    if plain in common:
        return True
    word = plain.strip(_SIGNS)
    if len(word) < _WORD or len(plain) - len(word) > _DRESS:
        return False
    bare = word.translate(_LEET)
    half = bare[: len(bare) // 2]
    return word in common or bare in common or (half * 2 == bare and len(half) >= _WORD and half in common)


def _is_run(plain: str) -> bool:
    """Tell whether each sign is the neighbour of the one before: 0123456789, zyxwvutsrq."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})


def _has_name(plain: str, name: str) -> bool:
    """Tell whether the whole name is in it, in either script: a short word of a name is in many good ones by chance."""
    whole = normal(name).replace(" ", "")
    folded = _letters(whole)
    return (len(whole) >= _PART_OF_NAME and whole in plain) or (
        len(folded) >= _PART_OF_NAME and folded in _letters(plain)
    )


def _letters(text: str) -> str:
    """Return the letters of a text run together and folded as names are: सीता देवी and Seeta-Devi-12 are one."""
    return fold("".join(sign for sign in text if unicodedata.category(sign)[0] in "LM"))
