"""The scanner of logs finds what is planted, and nothing in what an installation writes every day."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.logscan import Scanner

ROOT = Path(__file__).parents[2]
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLWl0"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f'{{"event": "request", "token": "{TOKEN}"}}', "a token"),
        ('{"event": "x", "key": "sampark_01m8f9nmg6b7s4cdq5qq5bqh_0a1b2c3d_abcdefghijklmnopqrstuv"}', "a service"),
        ('{"event": "x", "header": "Bearer 4f9a8b7c6d5e4f3a"}', "a bearer"),
        ('{"event": "x", "hash": "$argon2id$v=19$m=19456"}', "a password's hash"),
        ("connecting to mongodb://sampark:hunter2@db.example/", "a database password"),
        ("-----BEGIN PRIVATE KEY-----", "a private key"),
        ('{"event": "import", "cell": "+919876543210"}', "a phone"),
        ('{"event": "import", "cell": "98765 43210"}', "a phone"),
        ("GET /api/v1/contacts?q=9876543210", "a phone"),
        ("tel:+919876543210", "a phone"),
        ('{"reason": "a lamp on every roof"}', "a password or a secret"),
    ],
)
def test_what_is_planted_is_found_and_not_shown(line: str, kind: str) -> None:
    scanner = Scanner()
    scanner.secrets.add("a lamp on every roof")
    scanner.lines.append(line)
    [finding] = [one for one in scanner.findings() if one.kind.startswith(kind)]
    assert "9876543210" not in finding.line
    assert TOKEN not in finding.line
    assert "lamp" not in finding.line


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "request", "request_id": "01m8f9nmg6b7s4cdq5qq5bqh", "ms": 4.4, "status": 200, "user": null}',
        '{"timestamp": "2026-11-27T20:03:12.987654Z", "level": "info", "seconds": 1764273792}',
        '{"outcome": "6f1f3c0e-52ba-4d0e-9d53-987654321012", "bytes": 98765}',
        "listening on 127.0.0.1:65432",
        '{"event": "audit sealed", "chunk": 7, "head": "rMYaW6AVYUsIOPjcvjzB"}',
    ],
)
def test_what_is_written_every_day_is_no_finding(line: str) -> None:
    scanner = Scanner()
    scanner.lines.append(line)
    assert scanner.findings() == []


@pytest.mark.parametrize(
    ("logged", "status"),
    [("somebody", 0), ("+919876543210", 1)],
)
def test_a_run_that_logs_a_number_fails(tmp_path: Path, logged: str, status: int) -> None:
    test = tmp_path / "test_planted.py"
    test.write_text(
        f"import structlog\n\ndef test_it():\n    structlog.get_logger('planted').info('seen', who={logged!r})\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.logscan", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout
    assert ("a phone: " in done.stdout) == bool(status)
    assert "9876543210" not in done.stdout
