"""How handles are brought to one form, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.identifiers.handles import normalise_handle


@pytest.mark.parametrize(
    ("platform", "written", "handle"),
    [
        ("x", "@Sita_Devi", "sita_devi"),
        ("x", "https://twitter.com/Sita_Devi?s=20", "sita_devi"),
        ("x", "x.com/sita_devi/status/12345", "sita_devi"),
        ("instagram", "@Sita.Devi_", "sita.devi_"),
        ("instagram", "https://www.instagram.com/sita.devi/?hl=hi", "sita.devi"),
        ("instagram", "ig.me/m/sita", "sita"),
        ("facebook", "Sita.Devi.12", "sita.devi.12"),
        ("facebook", "https://m.facebook.com/sita.devi/", "sita.devi"),
        ("facebook", "https://hi-in.facebook.com/profile.php?id=100012345678901", "100012345678901"),
        ("facebook", "https://www.facebook.com/people/Sita-Devi/100012345678901/", "100012345678901"),
        ("facebook", "m.me/sita.devi", "sita.devi"),
    ],
)
def test_one_account_has_one_handle(platform, written, handle):
    assert normalise_handle(platform, written) == handle


@pytest.mark.parametrize(
    ("platform", "written"),
    [
        ("x", ""),
        ("x", "@"),
        ("x", "Sita Devi"),
        ("x", "सीता"),
        ("x", "this_name_is_too_long"),
        ("x", "https://x.com/search?q=sita"),
        ("x", "https://instagram.com/sita"),
        ("x", "http://[broken"),
        ("instagram", "sita..devi"),
        ("instagram", ".sita"),
        ("instagram", "https://instagram.com/p/Cabc123/"),
        ("instagram", "sita@example.org"),
        ("facebook", "https://facebook.com/groups/12345"),
        ("facebook", "https://facebook.com"),
        ("facebook", "https://example.org/sita"),
        ("facebook", "9876543210"),
        ("facebook", "javascript://facebook.com/sita"),
        ("facebook", "s" * 1000),
    ],
)
def test_what_names_no_single_account_is_refused(platform, written):
    assert normalise_handle(platform, written) is None


@given(st.sampled_from(["facebook", "instagram", "x"]), st.one_of(st.text(), st.from_regex(r"[@a-z/:.?=\[\]]{0,40}")))
def test_any_text_gives_a_stable_handle_or_none(platform, written):
    handle = normalise_handle(platform, written)
    assert handle is None or normalise_handle(platform, handle) == handle
