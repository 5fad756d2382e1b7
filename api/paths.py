"""Ids in paths: what one may look like, so that nothing else ever reaches a view, and what each names."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.routing import BaseConverter

from schemas.base import ID_CHARACTERS, LONGEST_ID

# Name in a path → its meaning in the API's text.
MEANINGS = {
    "account_id": "Id of a service account",
    "answer_id": "Id of an answer",
    "area_id": "Id of a place, such as `ac-24` or `ac-24-17`",
    "audience_id": "Id of an audience",
    "batch_id": "Id of a batch",
    "campaign_id": "Id of a campaign",
    "code_id": "Id of a join code",
    "join_request_id": "Id of a request to join",
    "held_id": "Id of a held outcome",
    "conflict_id": "Id of a conflict",
    "contact_id": "Id of a contact",
    "export_id": "Id of an export: its job's id",
    "flag_id": "Id of a flag",
    "import_id": "Id of an import: its job's id",
    "mapping_id": "Id of a remembered mapping",
    "source_id": "Id of a declared source",
    "installation_id": "The app's installation",
    "item_id": "Id of an item in a batch",
    "job_id": "Id of a job",
    "media_id": "Id of a file",
    "outcome_id": "The phone's UUID of the outcome",
    "question_id": "Id of a question",
    "request_id": "Id of a request about a person's rights",
    "review_id": "Id of something to decide about",
    "script_id": "Id of a script",
    "session_id": "Id of a sign-in",
    "suppression_id": "Id of a suppression",
    "tag": "A tag; in lower case as it is kept",
    "task_id": "Id of a task",
    "template_id": "Id of a template",
    "user_id": "Id of a person on the roster",
    "work_request_id": "Id of a volunteer's request for more work",
    "version": "Number of a version, from 1",
}
EXAMPLES: dict[str, Any] = {"area_id": "ac-24", "outcome_id": "6f1f3c0e-52ba-4d0e-9d53-5a4b4c1f2c11", "version": 2}


class IdConverter(BaseConverter):
    """One id of ours; any other text is no address at all, and so 404."""

    regex = rf"[{ID_CHARACTERS}]{{1,{LONGEST_ID}}}"


def register(app: Flask, api: Api) -> None:
    """Make every `<name>` in a rule an id."""
    app.url_map.converters["default"] = IdConverter
    api.register_converter(IdConverter, _schema)


def _schema(_converter: IdConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": rf"^[{ID_CHARACTERS}]+$", "minLength": 1, "maxLength": LONGEST_ID}
