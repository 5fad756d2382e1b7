"""One database server for each test process, and a database name of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import hypothesis
import pytest

from config.settings import Settings, load_settings
from services.database import open_database
from services.domain.ids import new_id

pytest_plugins = ["tests.asked"]
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
def mongodb_uri(base_settings: Settings) -> Iterator[str]:
    """The server that this test process uses: the one of SAMPARK_TEST_MONGODB_URI, or an embedded one."""
    named = replace(base_settings, mongodb_uri=os.environ.get("SAMPARK_TEST_MONGODB_URI"))
    with open_database(named, guest_allowed=False) as database:
        yield database.uri


@pytest.fixture(scope="session")
def database_name() -> str:
    """A database that no other test process and no other run uses."""
    return f"sampark_test_{new_id()}"
