"""Scripts: every way leads to an end, nothing forbidden is asked, answers go the way they must."""

from __future__ import annotations

from typing import Any

import pytest

from config.paths import read_json
from services.domain.content.script_walk import walk, wrong_with_answers
from services.domain.content.scripts import check
from services.domain.content.topics import ForbiddenTopics
from services.domain.errors import Invalid

TOPICS = ForbiddenTopics(read_json("forbidden_topics.json"))


def question(name: str, kind: str = "text", **changes: Any) -> dict[str, Any]:
    defaults = {"required": False, "options": [], "range": None, "when": [], "next": None}
    return {"id": name, "kind": kind, "text": {"hi": "क्या चाहिए?", "en": "What is needed?"}, **defaults, **changes}


def options(*values: str, **targets: str) -> list[dict[str, Any]]:
    return [{"value": one, "label": {"hi": "हाँ", "en": "Yes"}, "next": targets.get(one)} for one in values]


def when(name: str, op: str, value: Any = None) -> list[dict[str, Any]]:
    return [{"question": name, "op": op, "value": value}]


def wrong(*questions: dict[str, Any]) -> dict[str, list[str]]:
    try:
        check({"questions": list(questions)}, TOPICS)
    except Invalid as error:
        return error.fields
    return {}


BRANCHING = [
    question("topic", "single", required=True, options=options("roads", "water", "none", none="end")),
    question("which_road", when=when("topic", "is", "roads"), required=True),
    question("supply", "scale", range={"from": 1, "to": 5}, when=when("topic", "is", "water")),
    question("visit", "date", when=when("supply", "at_most", 2)),
]


def test_branching_script_is_kept() -> None:
    assert wrong(*BRANCHING) == {}


@pytest.mark.parametrize(
    ("broken", "field", "code"),
    [
        ([question("a", next="b")], "questions.0.next", "unknown_target"),
        ([question("a"), question("b", next="a")], "questions.0.next", "circle"),
        ([question("a", next="a")], "questions.0.next", "circle"),
        ([question("a", next="c"), question("b"), question("c")], "questions.1", "unreachable"),
        ([question("a", next="end"), question("b")], "questions.1", "unreachable"),
        ([question("a"), question("a")], "questions.1.id", "duplicate_id"),
        ([question("end")], "questions.0.id", "reserved"),
        ([question("a", "single", options=options("x"))], "questions.0.options", "too_few_options"),
        ([question("a", "single", options=options("x", "x"))], "questions.0.options", "duplicate_value"),
        ([question("a", options=options("x", "y"))], "questions.0.options", "not_of_this_kind"),
        ([question("a", "multi", options=options("x", x="end"))], "questions.0.options", "next_needs_single_choice"),
        ([question("a", "scale")], "questions.0.range", "required"),
        ([question("a", "scale", range={"from": 1, "to": 50})], "questions.0.range", "out_of_range"),
        ([question("a", "number", range={"from": 5, "to": 1})], "questions.0.range", "out_of_range"),
        ([question("a", when=when("x", "answered"))], "questions.0.when", "unknown_question"),
        ([question("a", when=when("b", "answered")), question("b")], "questions.0.when", "asked_only_later"),
        ([question("a"), question("b", when=when("a", "is", "x"))], "questions.1.when", "operator_unfit"),
        (
            [question("a", "single", options=options("x", "y")), question("b", when=when("a", "is", "z"))],
            "questions.1.when",
            "unknown_option",
        ),
        (
            [question("a", "scale", range={"from": 1, "to": 5}), question("b", when=when("a", "at_least", 9))],
            "questions.1.when",
            "out_of_range",
        ),
    ],
)
def test_broken_script_is_refused_by_place(broken: list[dict[str, Any]], field: str, code: str) -> None:
    assert wrong(*broken)[field] == [code]


def test_condition_on_another_branch_is_refused() -> None:
    way = [
        question("a", "single", required=True, options=options("x", "y", x="b", y="c")),
        question("b", next="end"),
        question("c", when=when("b", "answered")),
    ]
    assert wrong(*way) == {"questions.2.when": ["asked_only_later"]}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Whom did you vote for?", "vote_cast"),
        ("Which party have you voted for?", "vote_cast"),
        ("आपने किसे वोट दिया?", "vote_cast"),
        ("किस पार्टी को आपने वोट दिया था?", "vote_cast"),
        ("आप किसको मतदान करके आए, मत दे चुके?", "vote_cast"),
        ("How'd you vote?", "vote_cast"),
        ("Which party did you vote", "vote_cast"),
        ("Who got your vote?", "vote_cast"),
        ("For which candidate was your vote?", "vote_cast"),
        ("आपका वोट किसको गया?", "vote_cast"),
        ("आपने किस चुनाव चिह्न का बटन दबाया?", "vote_cast"),
        ("aapne vote kisko daala", "vote_cast"),
        ("आपने किसको चुना?", "vote_cast"),
        ("What is your caste?", "caste"),
        ("आपकी जाति क्या है?", "caste"),
        ("Which religion do you follow?", "religion"),
        ("आपका धर्म क्या है?", "religion"),
        ("Aadhaar number?", "aadhaar"),
        ("आधार कार्ड नंबर बताएँ", "aadhaar"),
    ],
)
def test_forbidden_question_is_refused(text: str, kind: str) -> None:
    assert wrong(question("a", text={"hi": text, "en": "x"})) == {"questions.0.text.hi": [f"forbidden_{kind}"]}


@pytest.mark.parametrize(
    "text",
    [
        "क्या बिजली रोज़ जाती है?",
        "किस आधार पर आप कहते हैं?",
        "Do you know where to vote?",
        "Do you know which papers you need to cast your vote?",
        "क्या आपने मतदान किया?",
        "Did you vote today?",
        "आप किसे वोट देंगे?",
        "How will you vote?",
        "Which candidate do you prefer?",
        "Which work in your village is still open?",
        "क्या आपका नाम मतदाता सूची में है?",
    ],
)
def test_fair_question_is_kept(text: str) -> None:
    assert wrong(question("a", text={"hi": text, "en": text})) == {}


def test_forbidden_choice_is_refused() -> None:
    bad = question("a", "single", options=options("obc", "other"))
    assert wrong(bad) == {"questions.0.options.0": ["forbidden_caste"]}


def test_walk_puts_one_question_after_the_other() -> None:
    assert walk(BRANCHING, {}).next == "topic"
    assert walk(BRANCHING, {"topic": "roads"}).next == "which_road"
    assert walk(BRANCHING, {"topic": "water"}).next == "supply"
    assert walk(BRANCHING, {"topic": "water", "supply": 1}).next == "visit"
    assert walk(BRANCHING, {"topic": "water", "supply": 4}).next is None
    assert walk(BRANCHING, {"topic": "none"}).next is None


@pytest.mark.parametrize(
    ("answers", "wrong_answers"),
    [
        ({"topic": "none"}, {}),
        ({"topic": "trains"}, {"topic": "unknown_option"}),
        ({"topic": ["roads"]}, {"topic": "unknown_option"}),
        ({}, {"topic": "answer_required"}),
        ({"topic": "roads"}, {"which_road": "answer_required"}),
        ({"topic": "none", "supply": 3}, {"supply": "question_not_asked"}),
        ({"topic": "none", "caste": "x"}, {"caste": "question_unknown"}),
        ({"topic": "water", "supply": 6}, {"supply": "out_of_range"}),
        ({"topic": "water", "supply": True}, {"supply": "not_a_number"}),
        ({"topic": "water", "supply": 1.5}, {"supply": "not_a_whole_number"}),
        ({"topic": "water", "supply": 1, "visit": "tomorrow"}, {"visit": "not_a_date"}),
        ({"topic": "water", "supply": None}, {}),
    ],
)
def test_answers_are_judged_by_their_way(answers: dict[str, Any], wrong_answers: dict[str, str]) -> None:
    assert wrong_with_answers(BRANCHING, answers, whole=True) == wrong_answers


def test_partial_answers_need_not_be_all() -> None:
    assert wrong_with_answers(BRANCHING, {"topic": "roads"}, whole=False) == {}
