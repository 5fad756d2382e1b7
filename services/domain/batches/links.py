"""The links that open a phone's own app on one person: a human presses call or send (field-facts §5)."""

from __future__ import annotations

import re
from urllib.parse import quote

from services.domain.identifiers.phones import mask_phone

_DOTS = "•••"
_WORD = re.compile(r"\S+")
# A letter with the vowel signs and marks that belong to it, so that a Devanagari initial stays whole.
_INITIAL = re.compile(r"\w[\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0300-\u036f]*")


def deep_link(channel: str, address: str, text: str = "") -> str:
    """Return the link for an address (E.164 or handle); Facebook and Instagram take no text, it is copied there."""
    words = quote(text, safe="")
    digits = address.removeprefix("+")
    links = {
        "call": f"tel:{address}",
        "sms": f"sms:{address}?body={words}",
        "whatsapp": f"https://wa.me/{digits}?text={words}",
        "voice_message": f"https://wa.me/{digits}",
        "x": f"https://x.com/messages/compose?recipient_id={quote(address, safe='')}&text={words}",
        "facebook": f"https://m.me/{quote(address, safe='')}",
        "instagram": f"https://ig.me/m/{quote(address, safe='')}",
    }
    return links[channel]


def mask_address(address: str) -> str:
    """Return a phone or handle as it is shown to somebody who may not use it."""
    return mask_phone(address) if address.startswith("+") else f"{address[:1]}{_DOTS}"


def mask_name(name: str) -> str:
    """Return the initials of a name and nothing of its length: `Sita Devi` → `S••• D•••`."""
    return " ".join(f"{_initial(word)}{_DOTS}" for word in _WORD.findall(name))


def _initial(word: str) -> str:
    found = _INITIAL.match(word)
    return found[0] if found else ""
