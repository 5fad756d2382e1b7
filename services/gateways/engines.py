"""The two database servers that Sampark can embed: where each is found, how it is started, when it is ready."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from services.domain.errors import DomainError

REPLICA_SET = "sampark"
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+\S*)")
_VERSION_SECONDS = 20


class DatabaseNotStarted(DomainError):
    """The embedded database cannot be had; `str()` is the one line that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__("database_not_started", params={"reason": reason})

    def __str__(self) -> str:
        """Return the reason."""
        return str(self.params["reason"])


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A server program on this machine. `arguments` takes the data directory and a port, `uri` the port."""

    name: str
    version: str
    binary: Path
    ready: re.Pattern[str]
    arguments: Callable[[Path, int], list[str]]
    uri: Callable[[int], str]
    picks_its_port: bool

    @property
    def label(self) -> str:
        """Return name and version; also the name of the data directory, because data belong to one version."""
        return f"{self.name}-{self.version}"


def choose_engine(settings: Settings) -> Engine:
    """Return the engine that the settings name or the machine has, MongoDB first, or raise DatabaseNotStarted."""
    mongod = settings.mongod or shutil.which("mongod")
    if mongod:
        return _mongod(Path(mongod))
    secantusd = Path(settings.secantusd) if settings.secantusd else _installed_secantusd()
    if not secantusd.is_file():
        raise DatabaseNotStarted(
            f"no database: SAMPARK_MONGODB_URI is not set, there is no mongod on PATH and no {secantusd}; "
            "`make env` installs the embedded one"
        )
    return _secantusd(secantusd)


def _installed_secantusd() -> Path:
    return Path(sysconfig.get_path("platlib")) / "secantusdb.scripts" / "secantusd-rs"


def _secantusd(binary: Path) -> Engine:
    return Engine(
        name="secantusd-rs",
        version=_version(binary),
        binary=binary,
        ready=re.compile(r"listening on \S+:(\d+)$"),
        arguments=_secantusd_arguments,
        uri=lambda port: f"mongodb://127.0.0.1:{port}/?replicaSet=secantus&serverSelectionTimeoutMS=5000",
        picks_its_port=True,
    )


def _secantusd_arguments(data: Path, port: int) -> list[str]:
    # Without --sync-on-commit a kill may lose acknowledged writes; without --log-file-max a log takes 2 GB.
    return [
        *("--host", "127.0.0.1", "--port", str(port), "--storage-path", str(data)),
        *("--log-file-max", "64MB", "--cache-size", "256M", "--sync-on-commit"),
    ]


def _mongod(binary: Path) -> Engine:
    return Engine(
        name="mongod",
        version=_version(binary),
        binary=binary,
        ready=re.compile(r"Waiting for connections"),
        arguments=_mongod_arguments,
        uri=lambda port: f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}&serverSelectionTimeoutMS=5000",
        picks_its_port=False,
    )


def _mongod_arguments(data: Path, port: int) -> list[str]:
    return [
        *("--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(data)),
        *("--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", "0.25", "--nounixsocket"),
    ]


def _version(binary: Path) -> str:
    try:
        answer = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise DatabaseNotStarted(f"{binary} does not run: it ends with status {error.returncode}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseNotStarted(f"{binary} does not run: {error}") from error
    found = _VERSION.search(answer.stdout)
    if found is None:
        raise DatabaseNotStarted(f"{binary} does not tell its version")
    return found[1]
