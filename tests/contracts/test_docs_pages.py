"""What the application shows of itself comes from itself; pages made from the code are as the code is now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from api.catalogue import PROBLEMS
from api.documents import DOCS, pages, problems
from schemas.codes import FIELD_CODES


@pytest.mark.parametrize("page", ["/docs", "/docs/problems"])
def test_a_page_loads_nothing_from_elsewhere(bare_app: Flask, page: str) -> None:
    client = bare_app.test_client()
    answer = client.get(page)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    addresses = re.findall(r"""(?:src|href|url)=["']?([^"'\s>]+)""", answer.get_data(as_text=True))
    for address in addresses:
        assert re.match(r"/(?!/)", address), address
        with client.get(address) as found:
            assert found.status_code == 200, address


def test_the_reader_of_the_api_starts_with_our_document(bare_app: Flask) -> None:
    client = bare_app.test_client()
    script = client.get("/docs/start.js")
    assert script.mimetype == "text/javascript"
    shown = re.search(r'url: "([^"]+)"', script.get_data(as_text=True))
    assert shown
    assert client.get(shown[1]).json["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("asset", "mimetype"), [("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript")]
)
def test_the_assets_ship_with_the_application(bare_app: Flask, asset: str, mimetype: str) -> None:
    with bare_app.test_client().get(f"/docs/assets/{asset}") as answer:
        assert (answer.status_code, answer.mimetype) == (200, mimetype)
        assert len(answer.get_data()) > 10_000


def test_the_policy_lets_the_page_run_its_own_scripts_alone(bare_app: Flask) -> None:
    answer = bare_app.test_client().get("/docs")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["connect-src"]) == ("'self'", "'self'")
    assert "<script>" not in answer.get_data(as_text=True)
    assert "http" not in " ".join(policy.values())


def test_the_first_page_leads_to_the_readable_one(bare_app: Flask) -> None:
    answer = bare_app.test_client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/docs")


def test_every_problem_has_the_place_that_its_type_names(bare_app: Flask) -> None:
    text = bare_app.test_client().get("/docs/problems").get_data(as_text=True)
    assert [code for code in PROBLEMS if f'id="{code}"' not in text] == []


def test_every_code_is_on_the_page_of_problems(bare_app: Flask) -> None:
    text = problems(bare_app)
    assert [code for code in PROBLEMS if f"### `{code}`" not in text] == []
    assert [code for code in FIELD_CODES if f"| `{code}` |" not in text] == []


@pytest.mark.parametrize("page", ["openapi.json", "problems.md", "permissions.md"])
def test_a_page_made_from_the_code_is_as_the_code_is(page: str) -> None:
    kept: Path = DOCS / page
    assert kept.read_text(encoding="utf-8") == pages()[kept], "run: make openapi, and read its diff"
