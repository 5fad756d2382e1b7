"""The application without anything behind it, for a gunicorn of a test."""

from __future__ import annotations

from typing import cast

from api.factory import create_app
from config.settings import load_settings
from services.facade import Services

app = create_app(load_settings(), cast("Services", None))
