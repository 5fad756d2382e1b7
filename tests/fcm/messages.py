"""The shape of a message, as strict as FCM's own: says the first thing wrong with a request to send."""

from __future__ import annotations

import json
import re
from typing import Any

TARGETS = ("token", "fid", "topic", "condition")
_MESSAGE_FIELDS = {*TARGETS, "name", "data", "notification", "android", "apns", "webpush", "fcm_options"}
_REQUEST_FIELDS = {"message", "validate_only"}
_PRIORITIES = {"normal", "high", "NORMAL", "HIGH"}
_RESERVED_KEYS = re.compile(r"^(from|message_type|collapse_key)$|^(google|gcm)\.")
_DURATION = re.compile(r"\d+(\.\d{1,9})?s")
_MOST_BYTES = 4096


def problem(request: object) -> str | None:
    """Return the first thing wrong with the body of `messages:send`, None if it would be accepted."""
    if not isinstance(request, dict) or not isinstance(request.get("message"), dict):
        return "message: required, an object"
    if unknown := (set(request) - _REQUEST_FIELDS) | (set(request["message"]) - _MESSAGE_FIELDS):
        return f'Invalid JSON payload received. Unknown name "{min(unknown)}"'
    if not isinstance(request.get("validate_only", False), bool):
        return "validate_only: must be a boolean"
    message = request["message"]
    return _target_problem(message) or _data_problem(message) or _android_problem(message) or _size_problem(message)


def target_of(request: object) -> tuple[str | None, str | None]:
    """Return (kind, value) of the message's target, as far as it can be made out."""
    message = request.get("message") if isinstance(request, dict) else None
    if isinstance(message, dict):
        for kind in TARGETS:
            if isinstance(message.get(kind), str):
                return kind, message[kind]
    return None, None


def _target_problem(message: dict[str, Any]) -> str | None:
    named = [message[kind] for kind in TARGETS if kind in message]
    if len(named) != 1:
        return "Exactly one of token, fid, topic or condition is required"
    return None if isinstance(named[0], str) and named[0] else "The target must be a non-empty string"


def _data_problem(message: dict[str, Any]) -> str | None:
    data = message.get("data", {})
    if not isinstance(data, dict):
        return "data: must be an object"
    for key, value in data.items():
        if not isinstance(value, str):
            return f"data.{key}: must be a string"
        if _RESERVED_KEYS.match(key):
            return f"Invalid data payload key: {key}"
    return None


def _android_problem(message: dict[str, Any]) -> str | None:
    android = message.get("android", {})
    if not isinstance(android, dict):
        return "android: must be an object"
    if android.get("priority", "normal") not in _PRIORITIES:
        return "android.priority: must be normal or high"
    if not _DURATION.fullmatch(str(android.get("ttl", "0s"))):
        return "android.ttl: must be seconds, such as 3.5s"
    if not isinstance(android.get("collapse_key", ""), str):
        return "android.collapse_key: must be a string"
    return None


def _size_problem(message: dict[str, Any]) -> str | None:
    payload = {name: message.get(name) for name in ("data", "notification")}
    size = len(json.dumps(payload, ensure_ascii=False).encode())
    return f"Message is too big: {size} bytes, at most {_MOST_BYTES}" if size > _MOST_BYTES else None
