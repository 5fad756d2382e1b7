"""The application that gunicorn serves."""

from __future__ import annotations

from api.factory import create_app
from config.logging import configure
from config.settings import load_settings
from services.container import build_services

_settings = load_settings()
configure(_settings.log_level)
app = create_app(_settings, build_services(_settings))
