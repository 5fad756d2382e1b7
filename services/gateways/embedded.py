"""The embedded database server: started, watched and stopped with its owner, shared with guests."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from services.domain.errors import Unavailable
from services.gateways.children import Output, start_child, stop_child
from services.gateways.engines import DatabaseNotStarted, Engine, choose_engine
from services.gateways.ownership import Guest, Occupied, Owner, enter

_START_SECONDS = 30
_STOP_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Database:
    """A database that can be used now; `line` says which engine it is, of what version, and where its data lie."""

    uri: str
    line: str
    server: Server | None = None

    def failure(self) -> str | None:
        """Return one line when the server that we own has died unasked, else None."""
        return self.server.failure() if self.server else None


class Server:
    """A running server process."""

    def __init__(self, engine: Engine, directory: Path, *, lock: int) -> None:
        self._engine = engine
        self._log = directory / "server.log"
        port = 0 if engine.picks_its_port else _settled_port(directory)
        workplace = directory / "work"  # secantusd-rs reads a secantusd.toml where it is started
        for needed in (workplace, directory / "data"):
            needed.mkdir(exist_ok=True)
        self.process = start_child(
            [engine.binary, *engine.arguments(directory / "data", port)],
            directory=workplace,
            keep_open=[lock],
            piped=True,
        )
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe, for mypy
        self._output = Output(self.process.stdout, self._log, ready=engine.ready)
        ready = self._output.wait_ready(_START_SECONDS)
        if ready is None:
            self.stop()
            raise DatabaseNotStarted(
                f"{engine.label} did not start: {self._output.last_line()} (all of it: {self._log})"
            )
        self.uri = engine.uri(int(ready[1]) if engine.picks_its_port else port)

    def failure(self) -> str | None:
        """Return one line when the process has ended, else None."""
        status = self.process.poll()
        if status is None:
            return None
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return f"the database {self._engine.label} {how}: {self._output.last_line()} (all of it: {self._log})"

    def stop(self) -> None:
        """End the process; acknowledged writes are on disk already."""
        stop_child(self.process, grace=_STOP_SECONDS)
        self._output.join()


@contextlib.contextmanager
def run_embedded(settings: Settings, *, guest_allowed: bool, initiate: Callable[[str], None]) -> Iterator[Database]:
    """Own the embedded server for the time of the block, or be a guest of its owner; raise DatabaseNotStarted.

    `initiate` makes a fresh mongod a replica set. Call this in a thread that lives as long as the block: the server
    ends with it.
    """
    engine = choose_engine(settings)
    directory = settings.data_dir / engine.label
    _make(directory)
    line = f"database: {engine.name} {engine.version}, data in {directory}"
    try:
        with enter(directory, guest_allowed=guest_allowed) as place:
            if isinstance(place, Guest):
                yield Database(uri=place.uri, line=f"{line}, run by process {place.pid}")
                return
            with _own(engine, directory, owner=place, initiate=initiate) as server:
                yield Database(uri=server.uri, line=line, server=server)
                if guest_allowed:
                    place.withdraw()
                    place.wait_for_guests()
    except Occupied as occupied:
        raise DatabaseNotStarted(f"the data directory {directory} is in use by {occupied}") from occupied


@contextlib.contextmanager
def _own(engine: Engine, directory: Path, *, owner: Owner, initiate: Callable[[str], None]) -> Iterator[Server]:
    server = Server(engine, directory, lock=owner.descriptor)
    try:
        if not engine.picks_its_port:
            _make_replica_set(server, engine, initiate)
        owner.announce(server.uri)
        yield server
    finally:
        owner.withdraw()
        server.stop()


def _make_replica_set(server: Server, engine: Engine, initiate: Callable[[str], None]) -> None:
    try:
        initiate(server.uri)
    except Unavailable as error:
        raise DatabaseNotStarted(f"{engine.label} started, but did not become a replica set of one") from error


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseNotStarted(f"no data directory {directory}: {error.strerror}") from error


def _settled_port(directory: Path) -> int:
    """Return the directory's port: a replica set's members know each other by it, so it must not change."""
    file = directory / "port"
    port = int(file.read_text(encoding="ascii")) if file.exists() else 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DatabaseNotStarted(f"port {port}, which the database in {directory} needs, is taken") from error
        port = int(probe.getsockname()[1])
    file.write_text(str(port), encoding="ascii")
    return port
