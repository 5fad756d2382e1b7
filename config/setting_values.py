"""How single settings are read from text: what is wrong with one is added to the list of problems."""

from __future__ import annotations

import base64
import binascii
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from environs import Env

FIELD_KEY_BYTES = 32


def field_keys(env: Env, default: str, problems: list[str]) -> tuple[bytes, ...]:
    """Return the keys for personal data, the first of which seals."""
    texts = [text.strip() for text in (env.str("FIELD_KEYS", "") or default).split(",")]
    try:
        keys = tuple(base64.b64decode(text, validate=True) for text in texts)
    except binascii.Error:
        problems.append("SAMPARK_FIELD_KEYS: not base64")
        return ()
    if any(len(key) < FIELD_KEY_BYTES for key in keys):
        problems.append(f"SAMPARK_FIELD_KEYS: each key needs at least {FIELD_KEY_BYTES} bytes")
    return keys


def moment(env: Env, problems: list[str]) -> datetime | None:
    """Return the time at which the product's clock starts, or None."""
    text = env.str("CLOCK", "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        problems.append("SAMPARK_CLOCK: must be an RFC 3339 time with its zone, such as 2026-11-23T04:30:00Z")
        return None
    return moment.astimezone(UTC)


def origins(env: Env, problems: list[str]) -> tuple[str, ...]:
    """Return the sites whose pages may call the API."""
    origins = tuple(text.strip() for text in env.str("CORS_ORIGINS", "").split(",") if text.strip())
    if any(re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin) is None for origin in origins):
        problems.append("SAMPARK_CORS_ORIGINS: origins such as https://leaders.example, never * and without a path")
    return origins


def url(env: Env, name: str, default: str, problems: list[str]) -> str:
    """Return an address without its last slash."""
    url = env.str(name, "") or default
    if not url.startswith(("http://", "https://")):
        problems.append(f"SAMPARK_{name}: must be an http or https URL")
    return url.rstrip("/")


def file(env: Env, name: str, problems: list[str]) -> Path | None:
    """Return the path of a file, or None."""
    text = env.str(name, "")
    if not text:
        return None
    if not Path(text).is_file():
        problems.append(f"SAMPARK_{name}: no file at {text}")
    return Path(text)


def binary(env: Env, name: str, problems: list[str]) -> str | None:
    """Return the path of an executable file, or None."""
    path = env.str(name, "") or None
    if path and not os.access(path, os.X_OK):
        problems.append(f"SAMPARK_{name}: {path} is not an executable file")
    return path
