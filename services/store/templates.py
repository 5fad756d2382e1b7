"""Collection `templates`: which versions of content are live."""

from __future__ import annotations

from pymongo.database import Database

from services.store.collection import Collection, Document


class TemplateStore:
    """Templates by id, each with its versions and their states."""

    def __init__(self, database: Database[Document]) -> None:
        self._templates = Collection(database, "templates")

    def is_live(self, template_id: str, version: int) -> bool:
        """Tell whether this version of a template is live."""
        live = {"_id": template_id, "versions": {"$elemMatch": {"version": version, "state": "live"}}}
        return self._templates.find(live, fields=["_id"]) is not None
