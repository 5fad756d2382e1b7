"""The double is as strict as FCM, does what its script says, and forgets nothing until told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import google.auth.transport.requests
import pytest
import requests
from cryptography import x509
from google.oauth2 import service_account

SCOPES = ["https://www.googleapis.com/auth/firebase.messaging"]
SEND = "/v1/projects/sampark-double/messages:send"


@pytest.fixture
def http():
    with requests.Session() as session:
        yield session


@pytest.fixture
def bearer(double, http):
    double.clear()
    account = service_account.Credentials.from_service_account_info(double.credentials, scopes=SCOPES)
    account.refresh(google.auth.transport.requests.Request(http))
    return {"Authorization": f"Bearer {account.token}"}


@pytest.fixture
def send(double, http, bearer):
    def send(message, *, path=SEND, headers=bearer, **request):
        return http.post(f"{double.url}{path}", json={"message": message, **request}, headers=headers, timeout=2)

    return send


def test_message_is_accepted_and_logged(send, double):
    answer = send({"token": "phone-1", "data": {"kind": "sync"}, "android": {"priority": "high"}})

    assert answer.status_code == 200
    assert answer.json()["name"].startswith("projects/sampark-double/messages/")
    (entry,) = double.log()
    assert entry["target"] == "phone-1"
    assert entry["data"] == {"kind": "sync"}
    assert entry["android"] == {"priority": "high"}
    assert (entry["accepted"], entry["status"], entry["index"]) == (True, 200, 0)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic x"}])
def test_send_without_an_issued_token_is_refused(send, double, headers):
    assert send({"token": "phone-1"}, headers=headers).status_code == 401
    assert [entry["accepted"] for entry in double.log()] == [False]


def test_send_to_another_project_is_refused(send):
    assert send({"token": "phone-1"}, path="/v1/projects/other/messages:send").status_code == 403


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({}, "Exactly one of"),
        ({"token": "a", "fid": "b"}, "Exactly one of"),
        ({"token": ""}, "non-empty"),
        ({"token": "a", "data": {"n": 1}}, "data.n: must be a string"),
        ({"token": "a", "data": {"from": "x"}}, "Invalid data payload key"),
        ({"token": "a", "android": {"priority": "urgent"}}, "android.priority"),
        ({"token": "a", "android": {"ttl": "60"}}, "android.ttl"),
        ({"token": "a", "colour": "red"}, 'Unknown name "colour"'),
        ({"token": "a", "data": {"text": "न" * 1400}}, "too big"),
    ],
)
def test_malformed_message_is_refused_with_a_reason(send, message, said):
    answer = send(message)

    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_dry_run_is_checked_and_marked_in_the_log(send, double):
    answer = send({"fid": "installation-1"}, validate_only=True)

    assert answer.json()["name"].endswith("/fake_message_id")
    assert double.log()[0]["validate_only"] is True


def test_script_is_followed_in_order_and_then_ends(send, double):
    double.script({"phone-1": [503, "429 Retry-After 2", "unregistered", 200]})

    answers = [send({"token": "phone-1"}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [503, 429, 404, 200, 200]
    assert answers[1].headers["Retry-After"] == "2"
    assert [entry["code"] for entry in double.log()] == ["UNAVAILABLE", "QUOTA_EXCEEDED", "UNREGISTERED", None, None]


def test_script_leaves_other_targets_alone(send, double):
    double.script({"phone-1": [503]})

    assert send({"token": "phone-2"}).status_code == 200


def test_script_for_any_target_serves_those_without_their_own(send, double):
    double.script({"*": [500], "phone-1": [404]})

    assert [send({"token": f"phone-{n}"}).status_code for n in (1, 2, 3)] == [404, 500, 200]


def test_reset_after_acceptance_is_logged_as_accepted(send, double):
    double.script({"phone-1": ["accepted_then_reset"]})

    with pytest.raises(requests.ConnectionError, match="reset"):
        send({"token": "phone-1"})
    assert double.log()[0]["accepted"] is True


def test_script_with_an_unknown_step_is_refused_as_a_whole(double, http, send):
    answer = http.post(f"{double.url}/_script", json={"phone-1": [503], "phone-2": ["sulk"]}, timeout=2)

    assert answer.status_code == 400
    assert "'sulk'" in answer.json()["error"]["message"]
    assert send({"token": "phone-1"}).status_code == 200


def test_log_is_read_from_an_index_and_cleared(double, http, send):
    for phone in ("phone-1", "phone-2"):
        send({"token": phone})

    assert [entry["target"] for entry in http.get(f"{double.url}/_log?since=1", timeout=2).json()] == ["phone-2"]
    assert http.delete(f"{double.url}/_log", timeout=2).status_code == 204
    assert http.get(f"{double.url}/_log", timeout=2).json() == []


@pytest.mark.parametrize(
    "form", [{}, {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x.y.z"}]
)
def test_token_needs_the_service_accounts_assertion(double, http, form):
    assert http.post(f"{double.url}/token", data=form, timeout=2).status_code == 400


def test_certificates_are_pem_and_may_be_cached(double, http):
    answer = http.get(f"{double.url}/certs", timeout=2)

    assert "max-age=" in answer.headers["Cache-Control"]
    for certificate in answer.json().values():
        x509.load_pem_x509_certificate(certificate.encode())


@pytest.mark.parametrize(
    "body", [{}, {"phone": 5}, {"phone": "+919800000001", "fault": "odd"}, {"phone": "1", "x": 1}, []]
)
def test_id_token_for_a_malformed_request_is_refused(double, http, body):
    assert http.post(f"{double.url}/id-token", json=body, timeout=2).status_code == 400


def test_connection_is_kept_alive(double, http):
    with socket.create_connection(double.url.removeprefix("http://").split(":"), timeout=2) as connection:
        for _ in range(2):
            connection.sendall(b"GET /_log HTTP/1.1\r\nHost: double\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_program_serves_until_it_is_told_to_stop():
    program = subprocess.Popen([sys.executable, "-m", "tests.fcm", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        line = program.stdout.readline()
        url = line.removeprefix("listening on ").strip()
        credentials = json.loads(requests.get(f"{url}/_credentials", timeout=2).content)
        started = time.monotonic()
        program.send_signal(signal.SIGTERM)

        assert program.wait(timeout=5) == 0
        assert time.monotonic() - started < 2
        assert credentials["token_uri"] == f"{url}/token"
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


def test_program_says_in_one_line_that_its_port_is_taken(double):
    port = double.url.rpartition(":")[2]

    program = subprocess.run(
        [sys.executable, "-m", "tests.fcm", "--port", port], capture_output=True, text=True, timeout=10, check=False
    )

    assert program.returncode == 1
    assert program.stderr.startswith(f"cannot listen on port {port}")
    assert program.stderr.count("\n") == 1
