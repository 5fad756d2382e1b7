"""The problem catalogue: each code with its status and its texts; docs/problems.md is made from it."""

from __future__ import annotations

from dataclasses import dataclass


def _(text: str) -> str:
    """Mark a text for the translators; it is looked up when the problem is answered."""
    return text


@dataclass(frozen=True)
class Entry:
    """One code: the status it answers with, a short title, and what a person should know or do."""

    status: int
    title: str
    detail: str


PROBLEMS: dict[str, Entry] = {
    # 400: not parseable
    "bad_request": Entry(400, _("Bad request"), _("The request could not be read.")),
    "malformed_body": Entry(400, _("Bad request"), _("The body is not valid JSON.")),
    # 401: nobody is known to be asking
    "unauthenticated": Entry(401, _("Please sign in"), _("This needs an access token.")),
    "token_invalid": Entry(401, _("Please sign in again"), _("The token is not one of ours, or it was changed.")),
    "token_expired": Entry(401, _("Please sign in again"), _("The token has expired.")),
    "token_reused": Entry(
        401, _("Please sign in again"), _("This refresh token was already replaced; the session has ended.")
    ),
    "session_revoked": Entry(401, _("Please sign in again"), _("This session was ended.")),
    "credentials_invalid": Entry(401, _("Sign-in failed"), _("The phone number or the password is wrong.")),
    "id_token_invalid": Entry(401, _("Sign-in failed"), _("The phone sign-in could not be verified.")),
    "id_token_revoked": Entry(
        401, _("Sign-in failed"), _("This phone was signed out since; please prove the number anew.")
    ),
    "identity_changed": Entry(
        401,
        _("Sign-in failed"),
        _("This number was used with another account before; please ask your coordinator for an invitation."),
    ),
    "app_check_failed": Entry(
        401, _("Unknown app"), _("This request does not come from our own app; please install it from its store.")
    ),
    "not_enrolled": Entry(401, _("Sign-in failed"), _("Nobody with this number is enrolled.")),
    # 403, 404, 405
    "forbidden": Entry(403, _("Not allowed"), _("Your role does not allow this.")),
    "not_found": Entry(404, _("Not found"), _("There is nothing here, or it is not yours to see.")),
    "invitation_invalid": Entry(404, _("Not found"), _("This invitation is unknown, used or expired.")),
    "join_code_invalid": Entry(404, _("Not found"), _("This join code is unknown, over or used up.")),
    "no_batch": Entry(404, _("No batch to take"), _("There is no batch for you now; the reasons say why.")),
    "method_not_allowed": Entry(405, _("Method not allowed"), _("This address does not take this method.")),
    "not_acceptable": Entry(406, _("Not acceptable"), _("Answers are JSON.")),
    # 409: contradicts what is stored
    "conflict": Entry(409, _("Conflict"), _("This contradicts what is stored.")),
    "duplicate": Entry(409, _("Already there"), _("There is one like this already.")),
    "phone_taken": Entry(409, _("Already there"), _("Somebody with this phone number is on the roster already.")),
    "state_conflict": Entry(409, _("Not possible now"), _("Its present state does not allow this.")),
    "contact_merged": Entry(
        409, _("Merged"), _("This contact was found to be another one, which `merged_into` names.")
    ),
    "contact_in_batch": Entry(
        409, _("Not possible now"), _("The person lies in an open batch; recall it or let it end first.")
    ),
    "outcome_conflict": Entry(
        409, _("Conflict"), _("Another outcome with this id is stored; both were kept for review.")
    ),
    "idempotency_key_reused": Entry(
        409, _("Key used before"), _("This Idempotency-Key was used with another request in the last 24 hours.")
    ),
    "idempotency_key_in_use": Entry(
        409, _("Still working"), _("The first request with this Idempotency-Key has not been answered yet.")
    ),
    "not_proven": Entry(409, _("Number not proven"), _("Say first how it was shown that the number is theirs.")),
    "own_account": Entry(409, _("Not possible"), _("This cannot be done to your own account.")),
    "last_headquarters": Entry(
        409, _("Not possible"), _("Nobody would be left at headquarters; give somebody else that role first.")
    ),
    "undo_too_late": Entry(409, _("Too late"), _("An import can be undone within seven days.")),
    "plan_expired": Entry(409, _("Plan too old"), _("A plan holds for fifteen minutes; please plan again.")),
    "own_approval": Entry(409, _("Needs another person"), _("The person who proposed this cannot approve it.")),
    # 412, 413, 415
    "stale_version": Entry(412, _("Changed meanwhile"), _("Somebody changed this since you loaded it.")),
    "too_large": Entry(413, _("Too large"), _("The request is larger than this address takes.")),
    "unsupported_media_type": Entry(415, _("Wrong media type"), _("This address takes another Content-Type.")),
    "uri_too_long": Entry(414, _("Address too long"), _("The request's address is too long.")),
    "range_not_satisfiable": Entry(416, _("Range not available"), _("The file is shorter than the asked range.")),
    # 422: well-formed but wrong
    "validation_failed": Entry(422, _("Please check your input"), _("Some fields are wrong; errors names them.")),
    # 413, 422: an uploaded file that cannot be read as a sheet
    "file_too_large": Entry(413, _("File too large"), _("Unpacked, the file is larger than a sheet may be.")),
    "sheet_empty": Entry(422, _("Empty file"), _("There is nothing in this file.")),
    "not_a_sheet": Entry(
        422, _("Not a sheet"), _("Please upload CSV, TSV or XLSX, as it is or packed by gzip or zip.")
    ),
    "old_workbook": Entry(422, _("Old Excel file"), _("Please save the .xls file as XLSX or CSV and upload that.")),
    "encrypted_workbook": Entry(422, _("Locked file"), _("The file has a password; please upload it without one.")),
    "workbook_too_large": Entry(422, _("Workbook too large"), _("Please save the sheet as CSV and upload that.")),
    "file_truncated": Entry(422, _("Broken file"), _("The file ends too early or is damaged; please upload it again.")),
    "zip_bomb": Entry(422, _("Suspicious file"), _("The file unpacks to far more than its size; it was not read.")),
    "zip_of_many": Entry(422, _("Several files"), _("Please upload one sheet at a time.")),
    "header_not_found": Entry(
        422, _("No headings"), _("None of the first 20 rows looks like headings; add them or name the columns.")
    ),
    "too_many_columns": Entry(422, _("Too many columns"), _("A sheet can have at most 200 columns.")),
    "forbidden_column": Entry(
        422,
        _("Forbidden column"),
        _("Columns for caste, religion or Aadhaar are never taken in; remove those that errors names."),
    ),
    # 423: the rules say no
    "blocked_by_rule": Entry(423, _("Blocked by rule"), _("The rules forbid this now; reasons say which.")),
    # 429, 431, 5xx
    "too_many_requests": Entry(429, _("Too many requests"), _("Please wait a little and try again.")),
    "signin_throttled": Entry(429, _("Too many failed sign-ins"), _("Please wait a little and try again.")),
    "headers_too_large": Entry(431, _("Headers too large"), _("The request's headers are too large.")),
    "job_failed": Entry(500, _("The job failed"), _("It was tried several times; the error was recorded.")),
    "internal_error": Entry(500, _("Something went wrong"), _("The error was recorded; please try again.")),
    "database_unavailable": Entry(503, _("Not available"), _("The database does not answer; please try again.")),
    "identity_unavailable": Entry(
        503, _("Not available"), _("Firebase cannot be asked now whether this is genuine; please try again.")
    ),
    "firebase_not_configured": Entry(503, _("Not available"), _("Phone sign-in is not set up here.")),
    "busy": Entry(503, _("Not available"), _("Too busy at the moment; please try again.")),
}

CODE_OF_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    422: "validation_failed",
    429: "too_many_requests",
    431: "headers_too_large",
    500: "internal_error",
    503: "busy",
}
