"""What fields that come again and again mean, said once: the OpenAPI document takes from here what a shape omits."""

from __future__ import annotations

from typing import Any

from config.paths import read_json

_GLOSSARY = read_json("glossary.json")
# Field, or `Shape.field` where the same name means another thing, → its meaning.
MEANINGS: dict[str, str] = _GLOSSARY["meanings"]
# Field → a value that examples show.
EXAMPLES: dict[str, Any] = _GLOSSARY["examples"]
