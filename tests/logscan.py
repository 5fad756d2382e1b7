"""Fails a run in whose logs a token, a key, a password or somebody's number stands, and says in which line.

A pytest plugin: everything that is logged while tests run goes through our own renderer, as an installation would write
it, and is read here; so are the outputs of the programs that tests start. Every password that was hashed and every
random secret that was made in the process is known and looked for by itself.
"""

from __future__ import annotations

import io
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import config.logging
from services.people import passwords

PATTERNS = {
    "a token": re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    "a service account's key": re.compile(r"sampark_[0-9a-z]{10,}_[0-9a-f]{8}_[\w-]{20,}"),
    "a bearer header": re.compile(r"[Bb]earer [\w.~+/-]{12,}"),
    "a password's hash": re.compile(r"\$argon2id?\$"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a database password": re.compile(r"mongodb(?:\+srv)?://[^/\s:@]+:[^/\s@]+@"),
    # As India writes mobile numbers; ids have letters beside their digits, times have separators.
    "a phone": re.compile(r"(?<![0-9A-Za-z])(?:\+?91[ -]?|0)?[6-9][0-9]{4}[ -]?[0-9]{5}(?![0-9A-Za-z])"),
}
_SHORTEST = 8
_AT_ONCE = 2000


class Finding(NamedTuple):
    """What stood in which line; the line is shown without it."""

    kind: str
    line: str


class Scanner:
    """Lines as they were written, and the secrets that must not be in them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.secrets: set[str] = set()

    def findings(self) -> list[Finding]:
        """Return each kind of finding once a line."""
        known = self._known()
        return [finding for line in self.lines for finding in self._of(line, known)]

    def _of(self, line: str, known: list[re.Pattern[str]]) -> Iterator[Finding]:
        for kind, pattern in PATTERNS.items():
            if pattern.search(line):
                yield Finding(kind, pattern.sub("[…]", line)[:400])
        for pattern in known:
            if pattern.search(line):
                yield Finding("a password or a secret of this run", pattern.sub("[…]", line)[:400])

    def _known(self) -> list[re.Pattern[str]]:
        wanted = sorted(one for one in self.secrets if len(one) >= _SHORTEST)
        pieces = [wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE)]
        return [re.compile("|".join(map(re.escape, piece))) for piece in pieces]


scanner = Scanner()
_handed_over: list[Finding] = []


class _Sink(io.TextIOBase):
    """Where the handler of the logs writes."""

    def write(self, text: str) -> int:
        scanner.lines += [line for line in text.splitlines() if line]
        return len(text)


def read(files: Iterable[Path]) -> None:
    """Take in what a program has written, its logs among it."""
    for file in files:
        if file.exists():
            scanner.lines += file.read_text(encoding="utf-8", errors="replace").splitlines()


def pytest_configure() -> None:
    """Log as an installation does, whatever the tests configure; know every secret that is made."""
    configure = config.logging.configure

    def configured(level: str) -> None:
        configure(level)
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(_Sink())

    config.logging.configure = configured
    configured("INFO")
    passwords.Passwords.hash = _noting(passwords.Passwords.hash, of_result=False)  # type: ignore[method-assign]
    secrets.token_urlsafe = _noting(secrets.token_urlsafe, of_result=True)


def _noting(function: Callable[..., str], *, of_result: bool) -> Callable[..., str]:
    def noted(*arguments: Any) -> str:
        result = function(*arguments)
        scanner.secrets.add(result if of_result else str(arguments[-1]))
        return result

    return noted


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of a parallel run has found."""
    _handed_over.extend(Finding(*one) for one in getattr(node, "workeroutput", {}).get("log_findings", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Hand the findings over, or judge them."""
    found = scanner.findings()
    scanner.lines.clear()
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["log_findings"] = [tuple(one) for one in found]
        return
    _handed_over.extend(found)
    if exitstatus == pytest.ExitCode.OK and _handed_over:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show what stood where."""
    if _handed_over:
        terminalreporter.section("secrets or numbers in the logs", red=True)
        for finding in _handed_over[:40]:
            terminalreporter.line(f"{finding.kind}: {finding.line}")
