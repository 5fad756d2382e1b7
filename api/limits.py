"""How large a request may be, and how often one address may ask."""

from __future__ import annotations

import math
import time

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

JSON_LIMIT = 1024 * 1024
OUTCOMES_LIMIT = 4 * 1024 * 1024
# The verb of a route that asks nobody who they are.
PUBLIC = "public"


def _knows_its_caller() -> bool:
    """Tell whether the route asks who is there: then its use is bounded by the person's work, not by the address.

    A hall full of volunteers is one address. Besides, counting costs a thread every few milliseconds.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    declared = getattr(view, "declared", None)
    return declared is not None and declared.verb != PUBLIC


# Counted by each process for itself: it guards against runaway clients; what must be exact is counted in the database.
limiter = Limiter(
    key_func=get_remote_address,
    storage_uri="memory://",
    strategy="fixed-window",
    # Its headers would put a Retry-After on every answer, over ours where somebody must wait for another reason.
    headers_enabled=False,
    default_limits=["6000 per minute"],
    default_limits_exempt_when=_knows_its_caller,
)


def seconds_to_wait() -> int:
    """Return when the limit that this request has passed begins anew."""
    passed = limiter.current_limit
    return max(1, math.ceil(passed.reset_at - time.time())) if passed else 60
