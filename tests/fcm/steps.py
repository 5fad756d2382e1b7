"""What a script may say: each step is one answer of the double, written as a status or a name."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_JSON = {"Content-Type": "application/json; charset=UTF-8"}
_HTML = {"Content-Type": "text/html; charset=UTF-8"}
ANY_TARGET = "*"


class Way(Enum):
    """How an answer reaches the caller, or does not."""

    ANSWER = "answer"
    HANG = "hang"
    RESET = "reset"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    way: Way = Way.ANSWER

    @property
    def code(self) -> str:
        """What the log calls a refusal: FCM's error code, else Google's status, else the HTTP status."""
        try:
            error = json.loads(self.body)["error"]
            details = [detail["errorCode"] for detail in error.get("details", ()) if "errorCode" in detail]
            return str(details[0] if details else error["status"])
        except (ValueError, LookupError, TypeError, AttributeError):
            return self.way.value if self.way is not Way.ANSWER else f"HTTP_{self.status}"


@dataclass(frozen=True)
class Step:
    """One step of a script: the message is accepted or not, and then this happens to the answer (None: a plain 200)."""

    accepted: bool
    answer: Answer | None


def answer_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer whose body is the value as JSON."""
    return Answer(status, json.dumps(value).encode(), {**_JSON, **(headers or {})})


def google_error(
    http_status: int, status: str, *, fcm_code: str | None = None, message: str = "", retry_after: str | None = None
) -> Answer:
    """Return an error in the form of Google's APIs, with FCM's own detail if there is one."""
    details = [{"@type": _FCM_ERROR, "errorCode": fcm_code}] if fcm_code else []
    error = {"code": http_status, "message": message or status, "status": status, "details": details}
    return answer_json(http_status, {"error": error}, {"Retry-After": retry_after} if retry_after else None)


# Name in a script: HTTP status, Google's status, FCM's error code. A bare HTTP status means the row without a detail,
# except where FCM never leaves the detail out.
_ERRORS: dict[str, tuple[int, str, str | None]] = {
    "unregistered": (404, "NOT_FOUND", "UNREGISTERED"),
    "not_found_no_detail": (404, "NOT_FOUND", None),
    "invalid": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "sender_id_mismatch": (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    "third_party_auth": (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    "quota": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "400": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "401": (401, "UNAUTHENTICATED", None),
    "403": (403, "PERMISSION_DENIED", None),
    "404": (404, "NOT_FOUND", None),
    "429": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "500": (500, "INTERNAL", "INTERNAL"),
    "503": (503, "UNAVAILABLE", "UNAVAILABLE"),
    "504": (504, "DEADLINE_EXCEEDED", None),
}
_OTHERS: dict[str, Step] = {
    "200": Step(accepted=True, answer=None),
    "hang": Step(accepted=False, answer=Answer(0, way=Way.HANG)),
    "reset": Step(accepted=False, answer=Answer(0, way=Way.RESET)),
    "accepted_then_reset": Step(accepted=True, answer=Answer(200, way=Way.RESET)),
    "bad_json": Step(accepted=True, answer=Answer(200, b'{"name": "projects/', _JSON)),
    "no_name": Step(accepted=True, answer=answer_json(200, {})),
    "bad_error": Step(accepted=False, answer=answer_json(503, {"error": "backend overloaded"})),
}
_RETRY_AFTER = " Retry-After "


def parse(step: object) -> Step:
    """Return the step that a number (`503`), a name (`unregistered`) or `429 Retry-After 2` means; ValueError else."""
    name, _, retry_after = str(step).partition(_RETRY_AFTER)
    if name in _ERRORS:
        http_status, status, fcm_code = _ERRORS[name]
        answer = google_error(http_status, status, fcm_code=fcm_code, retry_after=retry_after or None)
        return Step(accepted=False, answer=answer)
    if name in _OTHERS and not retry_after:
        return _OTHERS[name]
    if re.fullmatch(r"[45]\d\d", name):
        # A status that FCM itself does not send comes from a machine before it, which answers a page.
        headers = {**_HTML, "Retry-After": retry_after} if retry_after else _HTML
        return Step(accepted=False, answer=Answer(int(name), b"<html><title>Error</title></html>", headers))
    known = ", ".join([*_ERRORS, *_OTHERS])
    raise ValueError(f"unknown step {step!r}: a status from 400 to 599, or one of {known}")


class Scripts:
    """The steps still to come, by target; `*` stands for any target that has none of its own."""

    def __init__(self) -> None:
        self._steps: dict[str, deque[Step]] = {}

    def load(self, script: Mapping[str, Sequence[object]]) -> None:
        """Replace the steps of the targets named; an empty list clears a target. ValueError: nothing is replaced."""
        for target, steps in script.items():
            if not isinstance(steps, list | tuple):
                raise ValueError(f"the steps of {target!r} must be a list")  # noqa: TRY004 (all that is wrong is one kind)
        parsed = {target: deque(map(parse, steps)) for target, steps in script.items()}
        self._steps.update(parsed)

    def clear(self) -> None:
        """Forget all steps."""
        self._steps.clear()

    def next_for(self, target: str) -> Step:
        """Take the target's next step; a target without steps is answered 200."""
        # popleft is atomic, so that threads need no lock here; the queue may be drained by another thread meanwhile.
        for name in (target, ANY_TARGET):
            try:
                return self._steps[name].popleft()
            except (KeyError, IndexError):
                continue
        return _OTHERS["200"]
