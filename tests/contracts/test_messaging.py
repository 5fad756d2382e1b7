"""The messaging gateway drives the real firebase-admin over real HTTP and names what became of each push."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.settings import SettingsError
from services.domain.errors import Unavailable
from services.domain.push.push import Action, PushMessage, PushTarget
from services.gateways import firebase
from services.gateways.messaging import FirebaseMessaging


def push_to(value="phone-1", **changes):
    values = {
        "push_id": "p-1",
        "kind": "task",
        "target": PushTarget("token", value),
        "ttl_s": 3600,
        "data": {"task_id": "t-1"},
        "title": "नया काम",
        "body": "25 लोगों से बात करनी है",
        "priority": "high",
        "collapse_key": "t-1",
    }
    return PushMessage(**(values | changes))


def test_push_arrives_as_the_phone_needs_it(messaging, double):
    result = messaging.send(push_to())

    assert result.action is Action.ACCEPTED
    (entry,) = double.log()
    assert result.message_id.endswith(entry["message_id"])
    assert entry["data"] == {"push_id": "p-1", "kind": "task", "task_id": "t-1"}
    assert entry["notification"] == {"title": "नया काम", "body": "25 लोगों से बात करनी है"}
    assert entry["android"] == {
        "priority": "high",
        "ttl": "3600s",
        "collapse_key": "t-1",
        "notification": {"tag": "t-1"},
    }
    assert entry["apns"]["headers"]["apns-collapse-id"] == "t-1"


def test_tickle_without_a_title_shows_nothing(messaging, double):
    messaging.send(push_to(kind="sync", title=None, body=None, data={}, collapse_key=None))

    (entry,) = double.log()
    assert entry["notification"] is None
    assert "notification" not in entry["android"]
    assert entry["apns"]["headers"]["apns-priority"] == "5"
    assert entry["apns"]["payload"]["aps"] == {"content-available": 1}


def test_installation_id_is_a_target_too(messaging, double):
    messaging.send(push_to(target=PushTarget("fid", "installation-1")))

    assert (double.log()[0]["target_kind"], double.log()[0]["target"]) == ("fid", "installation-1")


@pytest.mark.parametrize(
    ("step", "action", "code"),
    [
        ("unregistered", Action.UNREGISTERED, "unregistered"),
        ("not_found_no_detail", Action.MISCONFIGURED, "not_found"),
        ("invalid", Action.INVALID, "invalid_argument"),
        ("sender_id_mismatch", Action.SENDER_MISMATCH, "sender_id_mismatch"),
        ("third_party_auth", Action.THIRD_PARTY_AUTH, "third_party_auth"),
        (401, Action.BREAKER, "unauthenticated"),
        (403, Action.BREAKER, "permission_denied"),
        ("quota", Action.QUOTA, "quota_exceeded"),
        (500, Action.RETRY, "internal"),
        (503, Action.RETRY, "unavailable"),
        (502, Action.RETRY, "http_502"),
        ("bad_error", Action.RETRY, "unavailable"),
        (504, Action.UNKNOWN_OUTCOME, "deadline_exceeded"),
        ("reset", Action.UNKNOWN_OUTCOME, "connection_lost"),
        ("accepted_then_reset", Action.UNKNOWN_OUTCOME, "connection_lost"),
        ("bad_json", Action.UNKNOWN_OUTCOME, "unreadable_answer"),
        ("no_name", Action.UNKNOWN_OUTCOME, "unreadable_answer"),
        (418, Action.DEAD_LETTER, "http_418"),
    ],
)
def test_error_is_named_and_sent_once(messaging, double, step, action, code):
    double.script({"phone-1": [step]})

    result = messaging.send(push_to())

    assert (result.action, result.code) == (action, code)
    assert len(double.log()) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_handed_on(messaging, double, status):
    double.script({"phone-1": [f"{status} Retry-After 2"]})

    assert messaging.send(push_to()).retry_after_s == 2


def test_hang_is_an_unknown_outcome_within_the_timeout(messaging, double):
    double.script({"phone-1": ["hang"]})
    started = time.monotonic()

    result = messaging.send(push_to())

    assert (result.action, result.code) == (Action.UNKNOWN_OUTCOME, "deadline_exceeded")
    assert time.monotonic() - started < 1


def test_endpoint_that_is_down_was_never_reached(double, credentials):
    messaging = FirebaseMessaging(credentials, base_url=f"http://127.0.0.1:{_free_port()}", timeouts=(1.0, 0.3))

    result = messaging.send(push_to())
    messaging.close()

    assert (result.action, result.code) == (Action.RETRY, "not_connected")


def test_message_that_cannot_be_encoded_is_a_dead_letter(messaging, double):
    result = messaging.send(push_to(value=""))

    assert (result.action, result.code) == (Action.DEAD_LETTER, "unsendable")
    assert double.log() == []


def test_probe_of_a_good_target_sends_nothing_to_the_phone(messaging, double):
    assert messaging.probe(PushTarget("token", "phone-1")).action is Action.ACCEPTED
    assert double.log()[0]["validate_only"] is True


def test_probe_of_a_bad_target_fails_too(messaging, double):
    double.script({"phone-1": ["invalid", "invalid"]})

    assert messaging.send(push_to()).action is Action.INVALID
    assert messaging.probe(PushTarget("token", "phone-1")).action is Action.INVALID


def test_refused_token_request_is_a_breaker(messaging, double):
    double.script({"/token": [400]})

    result = messaging.send(push_to())

    assert (result.action, result.code) == (Action.BREAKER, "token_refresh_failed")
    assert double.log() == []


def test_token_endpoint_that_hangs_holds_a_pool_only_once(messaging, double):
    double.script({"/token": ["hang"] * 32})
    started = time.monotonic()

    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(messaging.send, [push_to()] * 32))

    assert {result.code for result in results} == {"token_refresh_failed"}
    assert time.monotonic() - started < 2


def test_credential_refresh_says_that_the_token_endpoint_fails(messaging, double):
    double.script({"/token": [400]})

    with pytest.raises(Unavailable, match="messaging_unavailable"):
        messaging.refresh_credential()
    messaging.refresh_credential()
    assert messaging.send(push_to()).action is Action.ACCEPTED


def test_pool_of_threads_shares_one_token(messaging, double):
    before = double.tokens_issued

    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(messaging.send, [push_to(f"phone-{n}") for n in range(200)]))

    assert {result.action for result in results} == {Action.ACCEPTED}
    assert {entry["target"] for entry in double.log()} == {f"phone-{n}" for n in range(200)}
    assert double.tokens_issued - before == 1


def test_refused_access_token_is_replaced_by_the_next_send(messaging, double):
    double.script({"phone-1": [401]})
    before = double.tokens_issued

    results = [messaging.send(push_to()).action for _ in range(3)]

    assert results == [Action.BREAKER, Action.ACCEPTED, Action.ACCEPTED]
    assert double.tokens_issued - before == 2


def test_without_credentials_nothing_is_sent():
    messaging = FirebaseMessaging(None)

    assert not messaging.available
    for use in (lambda: messaging.send(push_to()), messaging.refresh_credential):
        with pytest.raises(Unavailable, match="messaging_not_configured"):
            use()
    messaging.close()


def test_two_gateways_live_side_by_side(messaging, double, credentials):
    other = FirebaseMessaging(credentials, base_url=double.url)

    assert [gateway.send(push_to()).action for gateway in (messaging, other)] == [Action.ACCEPTED] * 2
    other.close()


def test_production_sends_to_google_only(double, credentials):
    with pytest.raises(ValueError, match="production"):
        FirebaseMessaging(credentials, base_url=double.url, production=True)


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"type": "service_account"})])
def test_file_that_is_no_service_account_gives_one_clear_line(tmp_path, content):
    path = tmp_path / "wrong.json"
    path.write_text(content)

    with pytest.raises(SettingsError, match="SAMPARK_FIREBASE_CREDENTIALS"):
        FirebaseMessaging(path)


def test_service_account_without_a_project_gives_one_clear_line(double, credentials):
    credentials.write_text(json.dumps({**double.credentials, "project_id": ""}))

    with pytest.raises(SettingsError, match="no project_id"):
        FirebaseMessaging(credentials)


def test_changed_sdk_stops_the_start(double, credentials, monkeypatch):
    def init_of_another_version(service, app):
        service._fcm_endpoint = "https://fcm.googleapis.com/v2"

    monkeypatch.setattr(firebase._MessagingService, "__init__", init_of_another_version)

    with pytest.raises(firebase.SdkChangedError, match="has moved"):
        FirebaseMessaging(credentials, base_url=double.url)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
