"""Content as those who write it send it: a template, a script, and their way to being live."""

from __future__ import annotations

from typing import Any

from tests.factories import Person

TEMPLATE = {
    "name": "Appeal to vote",
    "category": "appeal",
    "channel": "whatsapp",
    "body": {"hi": "नमस्ते {name|जी}, मतदान अवश्य करें।", "en": "Dear {name|friend}, please do vote."},
    "publisher": {"hi": "प्रकाशक: चूरू", "en": "Published in Churu"},
}
CERTIFICATE = {"number": "MCMC/12", "authority": "Churu", "issued_on": "2026-11-20", "file_sha256": "a" * 64}
RULING = {"by": "Returning officer", "on": "2026-11-20", "note": "An invitation, no advertisement"}
SCRIPT = {
    "name": "First call",
    "opening": {name: {"hi": "नमस्ते", "en": "Good day"} for name in ("who", "for_whom", "number_source", "how_to_stop")},
    "questions": [
        {
            "id": "topic",
            "kind": "single",
            "text": {"hi": "क्या सुधारें?", "en": "What is needed?"},
            "required": True,
            "options": [
                {"value": "roads", "label": {"hi": "सड़क", "en": "Roads"}},
                {"value": "nothing", "label": {"hi": "कुछ नहीं", "en": "Nothing"}, "next": "end"},
            ],
        },
        {"id": "which", "kind": "text", "text": {"hi": "कौन सी?", "en": "Which one?"}},
    ],
}


def make_content(api: Any, kind: str, author: Person, **changes: Any) -> dict[str, Any]:
    """Write a template or script, a draft."""
    answer = api.post(f"/{kind}s", {**(TEMPLATE if kind == "template" else SCRIPT), **changes}, author)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def move(api: Any, kind: str, key: str, change: str, actor: Person, *, version: int = 1, **options: Any) -> Any:
    """Ask for a change of a version's state."""
    return api.post(f"/{kind}s/{key}/versions/{version}/{change}", actor=actor, **options)


def make_live(api: Any, kind: str, author: Person, approver: Person, **changes: Any) -> dict[str, Any]:
    """Write, submit and approve."""
    made = make_content(api, kind, author, **changes)
    assert move(api, kind, made["id"], "submit", author).status_code == 200
    answer = move(api, kind, made["id"], "approve", approver)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)
