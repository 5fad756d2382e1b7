"""Text as people of two scripts write it: cleaned for keeping, and folded into keys that match across both.

A key is made for finding, never for showing: सीता, Sita and Seeta share one, and so do now and then two different
names. Both scripts are brought to one rough Latin spelling and then lose what writers disagree on: nukta,
anusvara or chandrabindu, vowel length, doubled letters and the short a inside a word (field-facts §3).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_VIRAMA = "्"
_NUKTA = "़"
_NASALS = "ंँ"


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


_CONSONANTS = _table(
    "क:k ख:kh ग:g घ:gh ङ:n च:ch छ:ch ज:j झ:jh ञ:n ट:t ठ:th ड:d ढ:dh ण:n त:t थ:th द:d ध:dh न:n "
    "प:p फ:f ब:b भ:bh म:m य:y र:r ल:l ळ:l व:v श:s ष:s स:s ह:h"
)
_VOWELS = _table("अ:a आ:a इ:i ई:i उ:u ऊ:u ऋ:ri ए:e ऐ:ai ऍ:e ऎ:e ओ:o औ:au ऑ:o ऒ:o")
_SIGNS = _table("ा:a ि:i ी:i ु:u ू:u ृ:ri े:e ै:ai ॅ:e ॆ:e ो:o ौ:au ॉ:o ॊ:o")
_FLAPPED = {"ड": "r", "ढ": "rh"}  # after a vowel they are spoken ड़ and ढ़, with or without their dot
_SPOKEN_END = "यरवणन"  # after another consonant these keep their last a: कृष्ण Krishna, चन्द्र Chandra
_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACE = re.compile(r"\s+")
_DEVANAGARI = re.compile("[\u0900-\u097f]+")
_WORD = re.compile(r"[^\W_]+")
_FLAP = re.compile(r"(?<=[aeiou])d(?!d)")
_LETTERS = re.compile(r"[a-z]")
_PARTS = re.compile(r"[\s.,;:/()\-–'’\"]+")
# A single letter is the beginning of a tenth of all names.
SHORTEST_BEGINNING = 2
_FOLDS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"c+h+(?:ch+)*", "ch"),
        (r"sh", "s"),
        (r"ph", "f"),
        (r"x", "ks"),
        (r"c(?!h)|q", "k"),
        (r"z", "j"),
        (r"w", "v"),
        (r"ee+", "i"),
        (r"oo+", "u"),
        (r"([a-z])\1+", r"\1"),
        (r"[ao]u", "o"),
        (r"aya(?=[b-df-hj-np-tv-z])", "e"),  # नारायण: Narayan, Narain
        (r"ai|ay(?![aeiou])", "e"),
        (r"ao", "av"),  # राव: Rao, Rav
        # An a inside a word, save before h and between twins: लाल would be left with one letter.
        (r"(?<=([a-z]))a(?=[a-z])(?!h|\1)", ""),
        (r"m(?=[bpv])", "n"),  # सम्पर्क, संपर्क
    )
)


def clean(text: str) -> str:
    """Return the text as it is kept: NFC, without joiners and other invisible marks, single spaces."""
    # What is printable has no invisible mark and no space but the plain one: most cells are clean already.
    if text.isprintable() and "  " not in text and unicodedata.is_normalized("NFC", text):
        return text.strip()
    return _SPACE.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).strip()


def latin_digits(text: str) -> str:
    """Return the text with Devanagari digits written 0–9."""
    return text.translate(_DIGITS)


def fold(text: str) -> str:
    """Return the key of a whole text: its folded words, single-spaced. Folding a key changes nothing."""
    return " ".join(tokens(text))


def tokens(text: str) -> list[str]:
    """Return the folded words in their order; punctuation parts words."""
    plain = text if text.isascii() else _to_latin(text)
    return [_fold_word(word) for word in _WORD.findall(plain.lower())]


def loose_tokens(text: str) -> list[str]:
    """Return the folded words, d and r after a vowel alike, word for word: सड़क is sadak to one, sarak to another."""
    plain = text if text.isascii() else _to_latin(text)
    return [_fold_word(_FLAP.sub("r", word)) for word in _WORD.findall(plain.lower())]


def beginnings(text: str) -> list[str]:
    """Return the folded words of a text, then all that may be typed of each before its end, of two letters or more.

    A beginning is folded as it stands: what a whole word loses inside (Rajesh: rjes) ends its beginning (Ra). It is
    taken of the word as it is written, as the other script spells it, and of its fold.
    """
    words = tokens(text)
    found: dict[str, None] = {}
    for word in _PARTS.split(clean(text)):
        for spelling in {word, _to_latin(word)}:
            typed = (tokens(spelling[: end + 1]) for end in range(len(spelling)))
            found |= dict.fromkeys(one[-1] for one in typed if one)
    found |= dict.fromkeys(word[:end] for word in words for end in range(SHORTEST_BEGINNING, len(word)))
    return list(dict.fromkeys((*words, *(one for one in sorted(found) if len(one) >= SHORTEST_BEGINNING))))


def _to_latin(text: str) -> str:
    """Spread into base letters, spell Devanagari in Latin, drop every mark that is left."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold())
    spelled = _DEVANAGARI.sub(lambda run: _spell(run[0]), spread.replace(_NUKTA, ""))
    return "".join(letter for letter in spelled if not unicodedata.category(letter).startswith("M"))


@lru_cache(maxsize=1 << 16)
def _spell(run: str) -> str:
    """Spell a run of Devanagari as it is spoken: the a that no sign shows is written, save at the end of a word."""
    run = run.replace("ज्ञ", "ग्य").translate(_DIGITS)
    spelled: list[str] = []
    for place, letter in enumerate(run):
        following = run[place + 1 : place + 2]
        if letter in _CONSONANTS:
            flapped = bool(spelled) and spelled[-1][-1:] in "aeiou" and letter in _FLAPPED
            spelled.append(_FLAPPED[letter] if flapped else _CONSONANTS[letter])
            if _speaks_a(run, place, following):
                spelled.append("a")
        elif letter in _NASALS:
            spelled.append("n" if _is_letter(following) else "")
        elif letter != _VIRAMA:
            spelled.append(_VOWELS.get(letter) or _SIGNS.get(letter) or letter)
    return "".join(spelled)


def _speaks_a(run: str, place: int, following: str) -> bool:
    if following in _SIGNS or following == _VIRAMA:
        return False
    ends_word = not _is_letter(following) and following not in tuple(_NASALS)
    return not ends_word or (run[place - 1 : place] == _VIRAMA and run[place] in _SPOKEN_END)


def _is_letter(sign: str) -> bool:
    return sign in _CONSONANTS or sign in _VOWELS


@lru_cache(maxsize=1 << 16)
def _fold_word(word: str) -> str:
    """Fold a lower-case word until nothing changes any more, so that a key is its own key."""
    if not _LETTERS.search(word):
        return word
    before = ""
    while word != before:
        before = word
        for pattern, replacement in _FOLDS:
            word = pattern.sub(replacement, word)
    return word
