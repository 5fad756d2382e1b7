"""Images and voice of the library: taken by content, fetched in parts, seen by whoever may see what shows them."""

from __future__ import annotations

import hashlib
import io

import pytest

from tests.library import TEMPLATE, make_content, make_live, move

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1100


def upload(api, actor, content=PNG, **headers):
    data = {"file": (io.BytesIO(content), "photo.svg"), "label": "Poster"}
    return api.ask("POST", "/media", actor, data=data, content_type="multipart/form-data", headers=headers)


@pytest.fixture
def poster(api, expert):
    answer = upload(api, expert)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_file_is_known_by_its_content(poster):
    assert poster["media_type"] == "image/png"
    assert poster["size"] == len(PNG)
    assert poster["sha256"] == hashlib.sha256(PNG).hexdigest()


def test_file_comes_back_whole(api, expert, poster):
    answer = api.get(f"/media/{poster['id']}", expert)

    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-99", (0, 100)),
        ("bytes=262100-262200", (262100, 262201)),
        ("bytes=270000-", (270000, len(PNG))),
        ("bytes=-10", (len(PNG) - 10, len(PNG))),
        ("bytes=5-99999999", (5, len(PNG))),
    ],
)
def test_part_is_fetched(api, expert, poster, wanted, part):
    start, stop = part
    answer = api.get(f"/media/{poster['id']}", expert, headers={"Range": wanted})

    assert (answer.status_code, answer.data) == (206, PNG[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(PNG)}"


@pytest.mark.parametrize("weak", ["", "W/"])
def test_phone_that_has_the_file_is_not_sent_it_again(api, expert, poster, weak):
    path = f"/media/{poster['id']}"
    etag = api.get(path, expert).headers["ETag"]

    again = api.get(path, expert, headers={"If-None-Match": f"{weak}{etag}", "Range": "bytes=0-9"})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert api.get(path, expert, headers={"If-None-Match": '"another"'}).status_code == 200


def test_range_behind_the_end_is_a_problem(api, expert, poster):
    answer = api.get(f"/media/{poster['id']}", expert, headers={"Range": f"bytes={len(PNG)}-"})

    assert (answer.status_code, answer.json["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{len(PNG)}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "items=0-5", "bytes=x"])
def test_other_ranges_get_the_whole_file(api, expert, poster, wanted):
    assert api.get(f"/media/{poster['id']}", expert, headers={"Range": wanted}).status_code == 200


def test_part_of_another_file_is_not_mixed_in(api, expert, poster):
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert api.get(f"/media/{poster['id']}", expert, headers=headers).status_code == 200
    headers["If-Range"] = f'"{poster["sha256"]}"'
    assert api.get(f"/media/{poster['id']}", expert, headers=headers).status_code == 206


@pytest.mark.parametrize(("content", "code"), [(b"<svg></svg>", "not_an_image_or_audio"), (b"", "empty")])
def test_other_files_are_refused(api, expert, content, code):
    answer = upload(api, expert, content)

    assert (answer.status_code, answer.json["errors"]) == (422, {"file": [code]})


def test_file_above_the_limit_leaves_nothing(api, services, expert):
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    large = PNG[:8] + bytes(6 * 1024 * 1024)
    data = part % (b"label", b"", b"Poster") + part % (b"file", b'; filename="a.png"', large) + b"--x--\r\n"

    answer = api.ask("POST", "/media", expert, data=data, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 413
    assert services.stores.media._chunks.many({}) == []


def test_same_key_stores_one_file(api, services, expert):
    first, second = (upload(api, expert, **{"Idempotency-Key": "k"}).json for _ in range(2))

    assert first["id"] == second["id"]


def test_volunteer_sees_what_a_live_template_shows(api, expert, headquarters, volunteer_of_churu, poster):
    path = f"/media/{poster['id']}"
    assert api.get(path, volunteer_of_churu).status_code == 404
    made = make_live(api, "template", expert, headquarters, media=[poster["id"]])
    assert api.get(path, volunteer_of_churu).status_code == 200

    move(api, "template", made["id"], "withdraw", expert)

    assert api.get(path, volunteer_of_churu).status_code == 404


def test_template_with_an_unknown_file_is_refused(api, expert, poster):
    make_content(api, "template", expert, media=[poster["id"]])
    answer = api.post("/templates", {**TEMPLATE, "media": [poster["id"], "nosuch"]}, expert)

    assert answer.json["errors"] == {"media": ["media_unknown"]}


def test_volunteer_adds_no_files(api, volunteer_of_churu):
    assert upload(api, volunteer_of_churu).status_code == 403


def test_types_of_files_are_documented_and_the_part_that_may_be_asked_for(app):
    shown = app.test_client().get("/api/v1/openapi.json").json["paths"]["/api/v1/media/{media_id}"]["get"]

    assert {"image/png", "image/jpeg", "audio/ogg", "audio/aac"} <= shown["responses"]["206"]["content"].keys()
    assert {"Range", "If-Range"} <= {parameter["name"] for parameter in shown["parameters"]}
    assert {"Content-Range", "Accept-Ranges"} <= shown["responses"]["206"]["headers"].keys()
