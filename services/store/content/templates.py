"""Collection `templates`: texts and their files for messages, version by version."""

from __future__ import annotations

from collections.abc import Collection

from pymongo.database import Database

from services.store.collection import Document
from services.store.content.content import ContentStore


class TemplateStore(ContentStore):
    """Templates by id, each with its versions and their states."""

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database, "templates")

    def is_live(self, template_id: str, version: int) -> bool:
        """Tell whether this version of a template is live."""
        live = {"_id": template_id, "versions": {"$elemMatch": {"version": version, "state": "live"}}}
        return self._content.find(live, fields=["_id"]) is not None

    def live_among(self, versions: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return those of some versions of templates that are live."""
        found = self.live_by_ids(dict.fromkeys(key for key, _ in versions))
        return {(key, one["live"]["version"]) for key, one in found.items()}.intersection(versions)

    def showing(self, media_id: str) -> list[Document]:
        """Return the templates whose live version has a file."""
        return self._content.many({"live_media": media_id}, fields={"versions": 0})
