"""The services for one command: on the server that runs already, or on one started for the time of the command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from config.logging import configure
from config.settings import load_settings
from services.container import build_services
from services.facade import Services
from services.operations.database import open_database


@contextlib.contextmanager
def opened_services() -> Iterator[Services]:
    """Give the services that the environment describes; raise SettingsError or DomainError when they cannot be had."""
    settings = load_settings()
    configure(settings.log_level)
    with open_database(settings, guest_allowed=True) as database:
        services = build_services(replace(settings, mongodb_uri=database.uri))
        with contextlib.closing(services):
            yield services
