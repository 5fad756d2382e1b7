"""The Firebase double, one for each module, and gateways that talk to it over real HTTP."""

from __future__ import annotations

import pytest

from services.gateways.identity import FirebaseIdentity
from services.gateways.messaging import FirebaseMessaging
from tests.fcm.server import running


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
