"""What folding forgives across spellings and scripts, and what it must keep apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.text import beginnings, clean, fold, latin_digits, tokens

DEVANAGARI = st.text(st.characters(min_codepoint=0x0900, max_codepoint=0x097F))


@pytest.mark.parametrize(
    ("devanagari", "latin"),
    [
        ("सीता", "Sita Seeta sita SEETA Sītā"),
        ("लक्ष्मी", "Lakshmi Laxmi"),
        ("गीता", "Gita Geeta"),
        ("पूजा", "Puja Pooja"),
        ("ममता", "Mamta Mamata"),
        ("कमला", "Kamla Kamala"),
        ("शारदा", "Sharda Sharada"),
        ("कौशल्या", "Kaushalya Koushalya"),
        ("कृष्ण", "Krishna"),
        ("चन्द्र", "Chandra"),
        ("राजेन्द्र", "Rajendra"),
        ("नारायण", "Narayan Narain"),
        ("विजय", "Vijay Vijai"),
        ("राव", "Rao Rav"),
        ("छोटू", "Chhotu Chotu"),
        ("लाल", "Lal Laal Lall"),
        ("ज़ाकिर", "Zakir Jakir"),
        ("फ़रीद", "Farid Fareed Pharid"),
        ("ज्ञान", "Gyan"),
        ("जयपुर", "Jaipur"),
        ("चित्तौड़गढ़", "Chittorgarh Chittaurgarh"),
        ("सवाई माधोपुर", "Sawai Madhopur"),
    ],
)
def test_a_name_has_one_key_in_both_scripts(devanagari, latin):
    spellings = [latin] if " " in devanagari else latin.split()
    assert {fold(spelling) for spelling in spellings} == {fold(devanagari)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("सम्पर्क", "संपर्क"),
        ("हिन्दी", "हिंदी"),
        ("चाँद", "चांद"),
        ("सहाड़ा", "सहाडा"),
        ("ज़", "ज"),
        ("क़", "\u0958"),
        ("सलूंबर", "सलूम्बर"),
        ("जालौर", "जालोर"),
        ("अनीता", "अनिता"),
        ("श\u094d\u200dयाम", "श्याम"),
        ("१७", "17"),
    ],
)
def test_spellings_of_one_script_that_fold_together(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("राम", "रमा"), ("कमल", "कमला"), ("सीता", "सुनीता"), ("लाल", "लीला"), ("Anil", "Anila"), ("17", "117")],
)
def test_names_that_stay_apart(one, other):
    assert fold(one) != fold(other)


def test_tokens_are_the_words_in_order_without_punctuation():
    assert tokens(" सीता-देवी (w/o) 24/17 ") == [*tokens("Sita"), *tokens("Devi"), "v", "o", "24", "17"]


def test_text_without_a_word_has_no_key():
    assert tokens(" \u200d।- ") == []
    assert fold("") == ""


def test_clean_keeps_letters_and_drops_what_cannot_be_seen():
    assert clean("\ufeff  श\u094d\u200dयाम \n लाल\u200c ") == "श\u094dयाम लाल"
    assert clean("e\u200d\u0301") == "é"


def test_devanagari_digits_become_latin():
    assert latin_digits("भाग १७/२४") == "भाग 17/24"


@given(st.one_of(st.text(), DEVANAGARI, st.text("aceghijklmnopqrstuvwxyz ")))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.one_of(st.text(), DEVANAGARI))
def test_the_key_does_not_depend_on_how_the_text_is_composed(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.one_of(st.text(), DEVANAGARI))
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("name", ["सीता", "Sita", "Seeta"])
@pytest.mark.parametrize("typed", ["si", "Sit", "सी", "सीत", "सीता", "sita"])
def test_a_name_is_known_by_how_it_begins_in_either_script(name, typed):
    assert tokens(typed)[0] in beginnings(name)


@pytest.mark.parametrize(("name", "typed"), [("लक्ष्मी", "la lak laksh"), ("Rajesh", "रा राज राजे"), ("श्याम", "shya sy")])
def test_letters_that_a_whole_word_loses_end_its_beginning(name, typed):
    assert {fold(one) for one in typed.split()} <= set(beginnings(name))


def test_a_single_letter_is_no_beginning():
    assert [one for one in beginnings("Sita Devi") if len(one) < 2] == []


@given(st.text(st.characters(codec="ascii", categories=("Lu", "Ll")), min_size=1, max_size=12))
def test_whatever_is_typed_of_a_word_is_a_beginning(word):
    found = set(beginnings(word))
    for end in range(1, len(word) + 1):
        typed = fold(word[:end])
        assert typed in found or len(typed) < 2


@given(DEVANAGARI)
def test_beginnings_of_any_text_are_its_words_first(text):
    assert beginnings(text)[: len(set(tokens(text)))] == list(dict.fromkeys(tokens(text)))
