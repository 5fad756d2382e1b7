"""Which passwords are refused: short, common, or the person's own phone or name (NIST SP 800-63B §5.1.1)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from services.domain.text import latin_digits

SHORTEST = 10
LONGEST = 200
_PART_OF_NAME = 4


def weakness(password: str, *, common: Iterable[str], phone: str, name: str) -> str | None:
    """Return the code of what is wrong with a new password, or None."""
    if len(password) < SHORTEST:
        return "password_too_short"
    if len(password) > LONGEST:
        return "password_too_long"
    plain = normal(password)
    if plain in common or len(set(plain)) <= 2 or _is_run(plain):  # noqa: PLR2004
        return "password_too_common"
    if phone[-10:] in plain or any(part in plain for part in _parts(name)):
        return "password_personal"
    return None


def normal(password: str) -> str:
    """Return the password as it is compared with the list: compatibility forms and case are one."""
    return latin_digits(unicodedata.normalize("NFKC", password)).casefold()


def _is_run(plain: str) -> bool:
    """Tell whether each sign is the neighbour of the one before: 0123456789, zyxwvutsrq."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})


def _parts(name: str) -> Iterable[str]:
    # A short word of a name is in many good passwords by chance; the name as a whole is not.
    whole = normal(name).replace(" ", "")
    return [whole] if len(whole) >= _PART_OF_NAME else []
