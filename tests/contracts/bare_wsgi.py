"""The application without anything behind it, for a gunicorn of a test."""

from __future__ import annotations

from typing import cast

from api import server
from api.factory import create_app
from config.settings import load_settings
from services.facade import Services

# So that a test of a silent client is over soon.
server.SILENCE_SECONDS = 1
app = create_app(load_settings(), cast("Services", None))
