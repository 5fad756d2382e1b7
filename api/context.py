"""The way from a request to the services: one look-up, so that no other module knows where they are kept."""

from __future__ import annotations

from typing import cast

from flask import current_app

from services.facade import Services


def services() -> Services:
    """Return the services of the running application."""
    return cast("Services", current_app.extensions["sampark"])
