"""What each error of the messaging service asks for, and how long to wait before sending again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.domain.push.push import Action, PushMessage, PushTarget, SendResult, refused, retry_after_s, wait_s

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("unregistered", Action.UNREGISTERED),
        ("not_found", Action.MISCONFIGURED),
        ("invalid_argument", Action.INVALID),
        ("sender_id_mismatch", Action.SENDER_MISMATCH),
        ("third_party_auth", Action.THIRD_PARTY_AUTH),
        ("unauthenticated", Action.BREAKER),
        ("permission_denied", Action.BREAKER),
        ("token_refresh_failed", Action.BREAKER),
        ("quota_exceeded", Action.QUOTA),
        ("resource_exhausted", Action.QUOTA),
        ("unavailable", Action.RETRY),
        ("internal", Action.RETRY),
        ("not_connected", Action.RETRY),
        ("deadline_exceeded", Action.UNKNOWN_OUTCOME),
        ("connection_lost", Action.UNKNOWN_OUTCOME),
        ("unreadable_answer", Action.UNKNOWN_OUTCOME),
        ("unsendable", Action.DEAD_LETTER),
        ("request_failed", Action.DEAD_LETTER),
    ],
)
def test_error_asks_for_the_action_of_its_row(code, action):
    assert refused(code) == SendResult(action=action, code=code)


@pytest.mark.parametrize(
    ("status", "action"),
    [(502, Action.RETRY), (599, Action.RETRY), (418, Action.DEAD_LETTER), (301, Action.DEAD_LETTER)],
)
def test_unknown_error_is_judged_by_its_status(status, action):
    assert refused(f"http_{status}", http_status=status).action is action


def test_known_error_is_not_judged_by_its_status():
    assert refused("deadline_exceeded", http_status=504).action is Action.UNKNOWN_OUTCOME


@pytest.mark.parametrize(
    ("asked", "waited"), [(None, 60), (2, 60), (300, 300)], ids=["no Retry-After", "shorter", "longer"]
)
def test_quota_waits_a_minute_at_least(asked, waited):
    assert wait_s(refused("quota_exceeded", retry_after_s=asked), attempts=1, jitter=0) == waited


def test_retry_waits_as_long_as_the_service_asks():
    assert wait_s(refused("unavailable", retry_after_s=2), attempts=9, jitter=0) == 2


@pytest.mark.parametrize(("attempts", "waited"), [(1, 10), (2, 20), (5, 160), (10, 3600), (10_000, 3600)])
def test_retry_waits_twice_as_long_each_time_up_to_an_hour(attempts, waited):
    assert wait_s(refused("internal"), attempts=attempts, jitter=0) == waited


def test_jitter_only_lengthens_the_wait():
    assert wait_s(refused("unavailable", retry_after_s=10), attempts=1, jitter=0.999) == pytest.approx(15, abs=0.01)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("2", 2),
        (" 120 ", 120),
        ("0", 0),
        ("99999999999999999999", 3600),
        ("Mon, 23 Nov 2026 04:31:00 GMT", 60),
        ("Mon, 23 Nov 2026 04:29:00 GMT", 0),
        ("Mon, 23 Nov 2026 04:31:00 -0000", 60),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_header_is_seconds_or_a_date(header, seconds):
    assert retry_after_s(header, NOW) == seconds


def test_payload_names_the_push_and_its_task():
    push = _push(data={"task_id": "t-1"})

    assert push.payload == {"push_id": "p-1", "kind": "task", "task_id": "t-1"}


def test_payload_takes_nothing_about_a_contact():
    with pytest.raises(ValueError, match="name, phone"):
        _push(data={"task_id": "t-1", "phone": "+919800000001", "name": "सीता"})


def _push(*, data):
    return PushMessage(push_id="p-1", kind="task", target=PushTarget("token", "phone-1"), ttl_s=3600, data=data)
