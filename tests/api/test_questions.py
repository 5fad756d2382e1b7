"""The expert desk over HTTP: asked in the field, answered by one, published by another."""

from __future__ import annotations

import pytest

from services.domain.content.questions import for_phone
from tests.fieldwork import make_campaign

ANSWER = {
    "question": {"hi": "सीता पेंशन कब आएगी?", "en": "When will the pension come?"},
    "answer": {"hi": "हर माह की दस तारीख को।", "en": "On the tenth of each month."},
}


@pytest.fixture
def asked(api, volunteer_of_churu):
    """Ask as a volunteer of Churu, and return the question."""

    def ask(text="रामगढ़ की सड़क कब बनेगी?", actor=volunteer_of_churu, **more):
        answer = api.post("/me/questions", {"text": text, **more}, actor)
        assert answer.status_code == 201, answer.json
        return answer.json

    return ask


@pytest.fixture
def published(api, asked, expert, headquarters):
    """Ask, answer and publish."""

    def publish(**more):
        question = asked(**more)
        assert api.post(f"/questions/{question['id']}/answer", ANSWER, expert).status_code == 200
        answer = api.post(f"/questions/{question['id']}/publish", actor=headquarters)
        assert answer.status_code == 200, answer.json
        return answer.json

    return publish


def found(api, actor, query):
    answer = api.get("/questions", actor, query_string=query)
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


def on_phones(services, campaigns):
    store = services.stores.questions
    return [for_phone(one) for one in store.live_by_ids(head["_id"] for head in store.live_heads(campaigns)).values()]


def test_question_reaches_the_desk(api, asked, expert):
    question = asked()

    listed = api.get("/questions?state=open", expert).json["items"]

    assert [(item["id"], item["text"]) for item in listed] == [(question["id"], "रामगढ़ की सड़क कब बनेगी?")]
    assert "asked_by" not in listed[0]


def test_words_of_a_question_are_not_readable_in_the_database(services, asked):
    asked("Ramgarh ki sadak")

    stored = services.stores.questions._questions.many({})

    assert "amgarh" not in str(stored)
    assert "rmgr" not in str(stored)


@pytest.mark.parametrize("query", ["Ramgarh", "रामगढ", "sarak kab", "सड़क रामगढ़", "Sadak Ramgadh"])
def test_question_is_found_in_either_script(api, asked, expert, query):
    question = asked()
    asked("Pension kab aayegi?")

    assert found(api, expert, {"q": query}) == [question["id"]]


def test_what_was_asked_in_latin_with_a_d_is_found_in_devanagari(api, asked, expert):
    question = asked("Gaadi ke liye sadak chahiye")

    assert found(api, expert, {"q": "गाड़ी सड़क"}) == found(api, expert, {"q": "gadi sarak"}) == [question["id"]]


def test_question_is_found_by_its_answer(api, published, expert):
    question = published()

    assert found(api, expert, {"q": "pension"}) == [question["id"]]
    assert found(api, expert, {"q": "pension zebra"}) == []


def test_coordinator_sees_questions_of_the_own_district(api, asked, coordinator_of_churu, coordinator_of_bhilwara):
    question = asked()

    assert found(api, coordinator_of_churu, {}) == [question["id"]]
    assert found(api, coordinator_of_bhilwara, {}) == []
    assert api.get(f"/questions/{question['id']}", coordinator_of_bhilwara).status_code == 404


def test_volunteer_sees_how_far_the_own_questions_have_come(api, asked, published, volunteer_of_churu, person):
    first, other = published(), asked(actor=person(home_area="rj-churu"))
    second = asked()

    listed = api.get("/me/questions", volunteer_of_churu).json["items"]

    assert [(item["id"], item["state"]) for item in listed] == [(second["id"], "open"), (first["id"], "published")]
    assert other["id"] not in {item["id"] for item in listed}


def test_volunteer_cannot_read_the_desk(api, asked, volunteer_of_churu):
    asked()

    assert api.get("/questions", volunteer_of_churu).status_code == 403


def test_same_key_asks_once(api, expert, volunteer_of_churu):
    for _ in range(2):
        api.post("/me/questions", {"text": "Kab?"}, volunteer_of_churu, headers={"Idempotency-Key": "k"})

    assert len(found(api, expert, {})) == 1


def test_question_with_an_aadhaar_number_is_refused(api, volunteer_of_churu):
    answer = api.post("/me/questions", {"text": "His number is 2341 2341 2346"}, volunteer_of_churu)

    assert (answer.status_code, answer.json["errors"]) == (422, {"text": ["aadhaar_like"]})


@pytest.mark.parametrize("number", ["9876543210", "+91 98765-43210", "०९८७६५ ४३२१०", "0141 2345678", "+1 415 555 0100"])
def test_phone_number_in_a_question_reaches_nobody(api, expert, volunteer_of_churu, number):
    text = "Ring {} on 15/08/2026 about 1,00,000 in 2024 2025 2026 ({})"
    api.post("/me/questions", {"text": text.format(number, number)}, volunteer_of_churu)

    (shown,) = api.get("/questions", expert).json["items"]
    assert shown["text"] == text.format("[…]", "[…]")


def test_whoever_answered_cannot_publish(api, asked, expert):
    question = asked()
    api.post(f"/questions/{question['id']}/answer", ANSWER, expert)

    answer = api.post(f"/questions/{question['id']}/publish", actor=expert)

    assert (answer.status_code, answer.json["code"]) == (409, "own_approval")


def test_question_without_an_answer_is_not_published(api, asked, headquarters):
    question = asked()

    assert api.post(f"/questions/{question['id']}/publish", actor=headquarters).json["code"] == "state_conflict"


def test_answer_reaches_phones_only_when_published(api, services, asked, expert, headquarters):
    question = asked()
    api.post(f"/questions/{question['id']}/answer", ANSWER, expert)
    assert on_phones(services, []) == []

    api.post(f"/questions/{question['id']}/publish", actor=headquarters)

    told = {"id": question["id"], "version": 1, "campaign_id": None, **ANSWER}
    assert on_phones(services, []) == [told]


def test_answer_reaches_the_phones_of_its_campaign(services, published, headquarters):
    one, other = (make_campaign(services, headquarters) for _ in range(2))
    before = services.campaigns.get(one)["content_version"]
    question = published(campaign_id=one)

    assert [item["id"] for item in on_phones(services, [one])] == [question["id"]]
    assert on_phones(services, [other]) == []
    assert services.campaigns.get(one)["content_version"] == before + 1


def test_better_answer_takes_the_place_when_it_is_published(api, services, published, expert, headquarters):
    question = published()
    better = {**ANSWER, "answer": {"hi": "हर माह की बारह तारीख को।", "en": "On the twelfth."}}
    path = f"/questions/{question['id']}"
    assert api.post(f"{path}/answer", better, expert).json["state"] == "answered"
    assert on_phones(services, [])[0]["answer"] == ANSWER["answer"]

    api.post(f"{path}/publish", actor=headquarters)

    assert [(item["version"], item["answer"]) for item in on_phones(services, [])] == [(2, better["answer"])]


def test_publishing_twice_changes_once(api, published, headquarters):
    question = published()

    again = api.post(f"/questions/{question['id']}/publish", actor=headquarters)

    assert (again.status_code, again.json["version"]) == (200, question["version"])


def test_withdrawn_answer_leaves_the_phones_and_does_not_come_back_by_itself(api, services, published, headquarters):
    question = published()
    path = f"/questions/{question['id']}"

    assert api.post(f"{path}/withdraw", actor=headquarters).json["state"] == "withdrawn"

    assert on_phones(services, []) == []
    assert api.post(f"{path}/publish", actor=headquarters).json["code"] == "state_conflict"


def test_stale_version_is_refused(api, asked, expert):
    question = asked()

    answer = api.post(f"/questions/{question['id']}/answer", ANSWER, expert, headers={"If-Match": '"9"'})

    assert answer.status_code == 412


def test_a_question_is_shown_to_its_district_and_to_nobody_elses(
    api, asked, coordinator_of_churu, coordinator_of_bhilwara
):
    question = asked()

    answer = api.get(f"/questions/{question['id']}", coordinator_of_churu)

    assert (answer.status_code, answer.json["text"]) == (200, question["text"])
    assert api.get(f"/questions/{question['id']}", coordinator_of_bhilwara).status_code == 404


def answers(api, actor, **query):
    answer = api.get("/me/answers", actor, query_string=query)
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


@pytest.mark.parametrize("query", ["pension", "पेंशन", "tenth", "दस तारीख", "ramgarh"])
def test_volunteer_finds_a_published_answer_in_either_script(api, published, volunteer_of_churu, query):
    known = published()["id"]

    assert answers(api, volunteer_of_churu, q=query) == [known]


def test_volunteer_reads_what_all_may_read_and_not_what_was_asked(api, published, volunteer_of_churu):
    published()

    (item,) = api.get("/me/answers", volunteer_of_churu).json["items"]

    assert (item["question"], item["answer"]) == (ANSWER["question"], ANSWER["answer"])
    assert "text" not in item


def test_volunteer_finds_no_answer_that_is_not_published(api, asked, published, expert, headquarters, person):
    volunteer = person(role="volunteer", home_area="rj-churu")
    api.post(f"/questions/{asked()['id']}/answer", ANSWER, expert)
    gone = published()["id"]
    api.post(f"/questions/{gone}/withdraw", actor=headquarters)

    assert answers(api, volunteer) == answers(api, volunteer, q="pension") == []


def test_volunteer_finds_answers_of_the_campaigns_where_they_work(api, services, headquarters, published, person):
    campaign = make_campaign(services, headquarters, helpers=[{"constituency": "ac-24", "districts": ["rj-churu"]}])
    own, for_all = published(campaign_id=campaign)["id"], published()["id"]
    helper, other = (person(role="volunteer", home_area=home) for home in ("rj-churu", "rj-kota"))

    assert answers(api, helper) == [for_all, own]
    assert answers(api, helper, campaign_id=campaign) == [own]
    assert answers(api, other) == [for_all]
    assert answers(api, other, campaign_id=campaign) == []


def test_answers_are_paged(api, published, volunteer_of_churu):
    first, second = published()["id"], published()["id"]

    page = api.get("/me/answers", volunteer_of_churu, query_string={"limit": 1}).json

    assert [item["id"] for item in page["items"]] == [second]
    assert answers(api, volunteer_of_churu, limit=1, cursor=page["next_cursor"]) == [first]


def test_search_for_nothing_is_refused(api, volunteer_of_churu):
    assert api.get("/me/answers", volunteer_of_churu, query_string={"q": "—"}).status_code == 422
