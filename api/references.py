"""What a query names besides the page: it must be there for the one who asks, or the parameter is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from marshmallow import Schema

from api.context import services
from schemas.base import Reference


def checked(view: Callable[..., Any], query: Schema | None) -> Callable[..., Any]:
    """Return the view behind a look at every `Reference` of its query that was given."""
    named = {name: field for name, field in (query.fields if query else {}).items() if isinstance(field, Reference)}
    if not named:
        return view

    @wraps(view)
    def looked_at(**given: Any) -> Any:
        for name, field in named.items():
            if given["query"][name] is not None:
                services().references.require(
                    given["actor"], field.to, given["query"][name], field=field.data_key or name
                )
        return view(**given)

    return looked_at
