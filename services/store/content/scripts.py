"""Collection `scripts`: what is said and asked in a call, version by version."""

from __future__ import annotations

from pymongo.database import Database

from services.domain.content.content import FOR_ALL
from services.store.collection import Document
from services.store.content.content import ContentStore


class ScriptStore(ContentStore):
    """Scripts by id, each with its versions and their states."""

    def __init__(self, database: Database[Document]) -> None:
        super().__init__(database, "scripts")

    def of_campaign(self, campaign_id: str) -> list[Document]:
        """Return the scripts that a campaign may use or could use once, with all their versions."""
        return self._content.many({"shelf": {"$in": [campaign_id, FOR_ALL]}})
