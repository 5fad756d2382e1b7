"""Which passwords are refused: short, common, or the person's own phone or name (NIST SP 800-63B §3.1.1.2).

Common are those of the list, and its words dressed up: a guesser tries `P@ssw0rd2026!` and `Rajasthan@123` first.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Container, Iterable
from itertools import pairwise

from services.domain.text import latin_digits

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
    if phone[-10:] in plain or any(part in plain for part in _parts(name)):
        return "password_personal"
    return None


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


def _parts(name: str) -> Iterable[str]:
    # A short word of a name is in many good passwords by chance; the name as a whole is not.
    whole = normal(name).replace(" ", "")
    return [whole] if len(whole) >= _PART_OF_NAME else []
