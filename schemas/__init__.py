"""The shapes on the wire, one module a resource."""

from __future__ import annotations

from schemas.codes import speak_in_codes

speak_in_codes()
