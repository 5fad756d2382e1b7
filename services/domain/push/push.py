"""One push to one app installation, what became of it, and what each error of the messaging service asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Literal

PushKind = Literal["batch", "callback", "task", "sync", "purge"]
# A payload names things of ours and says nothing about a contact; a key beyond these is refused.
PAYLOAD_KEYS = frozenset({"push_id", "kind", "task_id", "batch_id"})

_QUOTA_WAIT_S = 60.0
_FIRST_WAIT_S = 10.0
_LONGEST_WAIT_S = 3600.0
_FIRST_SERVER_ERROR = 500


@dataclass(frozen=True)
class PushTarget:
    """Where an app installation is reached: a registration token, or a Firebase installation id."""

    kind: Literal["token", "fid"]
    value: str


@dataclass(frozen=True, kw_only=True)
class PushMessage:
    """What to send; without a title it wakes the app and shows nothing.

    `collapse_key` is the task's: a newer push replaces the older on the phone. `ttl_s` is how long it is useful.
    """

    push_id: str
    kind: PushKind
    target: PushTarget
    ttl_s: int
    data: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    body: str | None = None
    priority: Literal["normal", "high"] = "normal"
    collapse_key: str | None = None

    def __post_init__(self) -> None:
        if unknown := set(self.data) - PAYLOAD_KEYS:
            raise ValueError(f"not for a push payload: {', '.join(sorted(unknown))}")

    @property
    def payload(self) -> dict[str, str]:
        """Return what the app receives as data."""
        return {**self.data, "push_id": self.push_id, "kind": self.kind}


class Action(StrEnum):
    """What the sender does next."""

    ACCEPTED = "accepted"  # nothing: the messaging service has it
    UNREGISTERED = "unregistered"  # delete exactly this target, if unchanged since
    MISCONFIGURED = "misconfigured"  # our configuration: stop sending, alert, delete nothing
    INVALID = "invalid"  # dead-letter; drop the target only if a minimal dry run fails too
    SENDER_MISMATCH = "sender_mismatch"  # quarantine the target
    THIRD_PARTY_AUTH = "third_party_auth"  # pause that platform, alert
    BREAKER = "breaker"  # stop all sending, release leases, count no attempt
    QUOTA = "quota"  # wait and slow the whole sender
    RETRY = "retry"  # it did not arrive: again later
    UNKNOWN_OUTCOME = "unknown_outcome"  # it may have arrived: again, with the same push_id
    DEAD_LETTER = "dead_letter"  # never again, alert


SEND_AGAIN = frozenset({Action.QUOTA, Action.RETRY, Action.UNKNOWN_OUTCOME})


@dataclass(frozen=True, kw_only=True)
class SendResult:
    """What became of one message: the action, the error's code, and the wait that the service asked for."""

    action: Action
    code: str = "ok"
    message_id: str | None = None
    retry_after_s: float | None = None


_ACTIONS = {
    "unregistered": Action.UNREGISTERED,
    "not_found": Action.MISCONFIGURED,
    "invalid_argument": Action.INVALID,
    "sender_id_mismatch": Action.SENDER_MISMATCH,
    "third_party_auth": Action.THIRD_PARTY_AUTH,
    "unauthenticated": Action.BREAKER,
    "permission_denied": Action.BREAKER,
    "token_refresh_failed": Action.BREAKER,
    "quota_exceeded": Action.QUOTA,
    "resource_exhausted": Action.QUOTA,
    "unavailable": Action.RETRY,
    "internal": Action.RETRY,
    "not_connected": Action.RETRY,
    "deadline_exceeded": Action.UNKNOWN_OUTCOME,
    "connection_lost": Action.UNKNOWN_OUTCOME,
    "unreadable_answer": Action.UNKNOWN_OUTCOME,
}


def refused(code: str, *, http_status: int | None = None, retry_after_s: float | None = None) -> SendResult:
    """Return what an error asks for: by its code, else by a status of 500 and above; anything else is a dead letter."""
    server_error = http_status is not None and http_status >= _FIRST_SERVER_ERROR
    action = _ACTIONS.get(code, Action.RETRY if server_error else Action.DEAD_LETTER)
    return SendResult(action=action, code=code, retry_after_s=retry_after_s)


def wait_s(result: SendResult, *, attempts: int, jitter: float) -> float:
    """Return the seconds until a result of SEND_AGAIN is tried again, after so many attempts (from 1).

    `jitter` is a random number in [0, 1). It only lengthens the wait, which is never shorter than Retry-After.
    """
    if result.action is Action.QUOTA:
        wait = max(result.retry_after_s or 0.0, _QUOTA_WAIT_S)
    elif result.retry_after_s is not None:
        wait = result.retry_after_s
    else:
        wait = min(_FIRST_WAIT_S * 2.0 ** min(attempts - 1, 16), _LONGEST_WAIT_S)
    return wait * (1 + jitter / 2)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110: seconds or a date), at most an hour."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return min(float(header), _LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    # A date whose zone is -0000 comes without one and means UTC (RFC 5322).
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT_S)
