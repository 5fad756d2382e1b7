"""How large a request may be, and how often one address may ask."""

from __future__ import annotations

import math
import time

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

JSON_LIMIT = 1024 * 1024
OUTCOMES_LIMIT = 4 * 1024 * 1024

# Counted by each process for itself: it guards against runaway clients; what must be exact is counted in the database.
limiter = Limiter(
    key_func=get_remote_address,
    storage_uri="memory://",
    strategy="fixed-window",
    # Its headers would put a Retry-After on every answer, over ours where somebody must wait for another reason.
    headers_enabled=False,
    default_limits=["6000 per minute"],
)


def seconds_to_wait() -> int:
    """Return when the limit that this request has passed begins anew."""
    passed = limiter.current_limit
    return max(1, math.ceil(passed.reset_at - time.time())) if passed else 60
