"""How large a request may be, and how often one address may ask."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

JSON_LIMIT = 1024 * 1024
OUTCOMES_LIMIT = 4 * 1024 * 1024

# Counted by each process for itself: it guards against runaway clients; what must be exact is counted in the database.
limiter = Limiter(
    key_func=get_remote_address,
    storage_uri="memory://",
    strategy="fixed-window",
    headers_enabled=True,
    default_limits=["6000 per minute"],
)
