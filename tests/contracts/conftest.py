"""The Firebase double with its gateways over real HTTP, and the application whose promises are checked."""

from __future__ import annotations

from typing import cast

import pytest
from flask import Flask

from api.factory import create_app
from config.settings import Settings
from services.facade import Services
from services.gateways.identity import FirebaseIdentity
from services.gateways.messaging import FirebaseMessaging
from tests.api.conftest import (  # noqa: F401 - pytest finds fixtures by the module they stand in
    _standing_app,
    _standing_clock,
    api,
    app,
    clock,
    commands,
    coordinator_of_churu,
    expert,
    headquarters,
    observer,
    person,
    services,
    settings,
    volunteer_of_churu,
)
from tests.fcm.server import running


@pytest.fixture(scope="session")
def bare_app(base_settings: Settings) -> Flask:
    """The application without anything behind it: enough for what it says about itself."""
    return create_app(base_settings, cast("Services", None))


@pytest.fixture(scope="module")
def double():
    with running() as double:
        yield double


@pytest.fixture
def credentials(double, tmp_path):
    double.clear()
    return double.write_credentials(tmp_path)


@pytest.fixture
def messaging(double, credentials):
    gateway = FirebaseMessaging(credentials, base_url=double.url, timeouts=(1.0, 0.3))
    yield gateway
    gateway.close()


@pytest.fixture
def identity(double, credentials):
    gateway = FirebaseIdentity(credentials, certs_url=double.certs_url, timeouts=(1.0, 0.3))
    yield gateway
    gateway.close()
