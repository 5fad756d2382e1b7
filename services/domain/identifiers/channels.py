"""The channels a person can be reached by, and which of them an address serves."""

from __future__ import annotations

from types import MappingProxyType

CALL = "call"
MESSAGE_CHANNELS = ("sms", "whatsapp", "facebook", "instagram", "x", "voice_message")
CHANNELS = (CALL, *MESSAGE_CHANNELS)

# A WhatsApp number given as such is consented for WhatsApp only; a landline cannot take messages.
SERVED = MappingProxyType(
    {
        "mobile": frozenset({"call", "sms", "whatsapp", "voice_message"}),
        "landline": frozenset({"call"}),
        "whatsapp": frozenset({"whatsapp"}),
        "facebook": frozenset({"facebook"}),
        "instagram": frozenset({"instagram"}),
        "x": frozenset({"x"}),
    }
)


def serves(kind: str, channel: str) -> bool:
    """Tell whether an address of this kind can be reached by the channel."""
    return channel in SERVED.get(kind, frozenset())
