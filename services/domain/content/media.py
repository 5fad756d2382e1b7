"""Files of the content library: what they may be, told by their first bytes and not by what their name says."""

from __future__ import annotations

from collections.abc import Mapping

MOST_BYTES: Mapping[str, int] = {"image": 5 * 1024 * 1024, "audio": 16 * 1024 * 1024}
# What a file starts with, from which byte on → its type. SVG is not among them: it may carry a program.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBPVP8", "image/webp"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVEfmt ", "audio/wav"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftypM4A", "audio/mp4"),
)
MEDIA_TYPES = tuple(dict.fromkeys([*(media_type for _, _, media_type in _SIGNATURES), "audio/aac"]))
_ADTS_MASK, _ADTS = 0xF6, 0xF0
_MPEG_MASK, _MPEG_LAYER3 = 0xE6, 0xE2
HEAD_BYTES = 16


def type_of(head: bytes) -> str | None:
    """Return the media type that the first bytes of a file tell, None for what the library does not take."""
    for at, signature, media_type in _SIGNATURES:
        if head[at : at + len(signature)] == signature:
            return media_type
    if len(head) > 1 and head[0] == 0xFF:  # noqa: PLR2004 - the first byte of an MPEG frame
        if head[1] & _ADTS_MASK == _ADTS:
            return "audio/aac"
        if head[1] & _MPEG_MASK == _MPEG_LAYER3:
            return "audio/mpeg"
    return None


def kind_of(media_type: str) -> str:
    """Return `image` or `audio`."""
    return media_type.partition("/")[0]
