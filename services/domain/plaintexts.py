"""Looking for known plaintexts in bytes that should hold none: in whichever of its usual spellings each may lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

# A shorter one would be found by chance in anything long enough.
SHORTEST = 5
_MOBILE = 10


@dataclass(frozen=True, slots=True)
class Leak:
    """A known plaintext that was found: which of them (from 1 on) and where; never the plaintext itself."""

    known: int
    place: str


class Plaintexts:
    """Things that must lie nowhere: numbers, names, notes."""

    def __init__(self, known: Sequence[str]) -> None:
        self._spellings = [
            (number, spelling)
            for number, text in enumerate(known, start=1)
            if len(text.strip()) >= SHORTEST
            for spelling in spellings(text.strip())
        ]
        self.longest = max((len(spelling) for _, spelling in self._spellings), default=0)

    def find(self, content: bytes, place: str) -> Iterator[Leak]:
        """Yield those that stand in `content`, each once."""
        found = {number for number, spelling in self._spellings if spelling in content}
        yield from (Leak(number, place) for number in sorted(found))

    def find_in_stream(self, pieces: Iterable[bytes], place: str) -> Iterator[Leak]:
        """Yield those that stand in a stream, also where two pieces meet."""
        found: set[int] = set()
        end = b""
        for piece in pieces:
            joined = end + piece
            found.update(leak.known for leak in self.find(joined, place))
            end = joined[-self.longest :] if self.longest else b""
        yield from (Leak(number, place) for number in sorted(found))


def spellings(text: str) -> list[bytes]:
    """Return how a text may lie in bytes: UTF-8 composed or not, UTF-16, JSON-escaped; a number without +91."""
    texts = {text, normalize("NFC", text), normalize("NFD", text)}
    digits = "".join(sign for sign in text if sign.isdigit() and sign.isascii())
    if text.startswith("+91") and len(digits) > _MOBILE:
        texts.add(digits[-_MOBILE:])
    found = {one.encode(code) for one in texts for code in ("utf-8", "utf-16-le", "unicode_escape")}
    return sorted(found)
