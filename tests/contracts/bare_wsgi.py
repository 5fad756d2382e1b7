"""The application without anything behind it, for a gunicorn of a test."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from api import server
from api.factory import create_app
from config.settings import load_settings
from services.facade import Services

# So that a test of a silent client is over soon.
server.SILENCE_SECONDS = 1
# What is asked of every request before its body is read.
nothing_behind = SimpleNamespace(app_check=SimpleNamespace(asked=False))
app = create_app(load_settings(), cast("Services", nothing_behind))
