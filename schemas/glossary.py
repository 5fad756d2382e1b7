"""What fields that come again and again mean, said once: the OpenAPI document takes from here what a shape omits."""

from __future__ import annotations

from typing import Any

# Field, or `Shape.field` where the same name means another thing, → its meaning.
MEANINGS: dict[str, str] = {}

# Field → a value that examples show.
EXAMPLES: dict[str, Any] = {
    "campaign_id": "01m83jzv0175bq8zry1grw1d",
    "name": "Asha Verma",
    "reason": "Asked for by the district",
    "phone": "+919876543210",
}
