"""One database server for each test process, and a database name of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from config.settings import Settings, load_settings
from services.domain.ids import new_id
from services.operations.database import open_database

_MEMORY = Path("/dev/shm")  # noqa: S108 - the system's own memory file system
pytest_plugins = ["tests.asked", "tests.logscan"]
pytest.register_assert_rewrite("tests.api.watch", "tests.contracts.walk")

# A shared machine may pause an example for longer than any deadline; pytest-timeout ends what truly hangs.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


@pytest.fixture(scope="session")
def base_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a test installation: nothing of this machine's environment but SAMPARK_TEST_MONGODB_URI."""
    with pytest.MonkeyPatch.context() as environment:
        for variable in [name for name in os.environ if name.startswith("SAMPARK_")]:
            environment.delenv(variable)
        environment.setenv("SAMPARK_ENV", "test")
        environment.setenv("SAMPARK_DATA_DIR", str(tmp_path_factory.mktemp("var")))
        return load_settings()


@pytest.fixture(scope="session")
def quick_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory in memory where there is one: most tests ask what is written, not whether the disk has it."""
    if not _MEMORY.is_dir():
        yield tmp_path_factory.mktemp("quick")
        return
    with tempfile.TemporaryDirectory(prefix="sampark-test-", dir=_MEMORY) as made:
        yield Path(made)


@pytest.fixture(scope="session")
def mongodb_uri(base_settings: Settings, quick_dir: Path) -> Iterator[str]:
    """The server that this test process uses: the one of SAMPARK_TEST_MONGODB_URI, or an embedded one."""
    named = replace(base_settings, mongodb_uri=os.environ.get("SAMPARK_TEST_MONGODB_URI"), data_dir=quick_dir)
    with open_database(named, guest_allowed=False) as database:
        yield database.uri


@pytest.fixture(scope="session")
def database_name() -> str:
    """A database that no other test process and no other run uses."""
    return f"sampark_test_{new_id()}"
