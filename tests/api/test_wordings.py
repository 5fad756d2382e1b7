"""What goes with a number: the link with the live template's text for this person, or the live script of a call."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.conftest import MORNING
from tests.api.phone import Phone
from tests.batch_factories import address_of, enrol, make_campaign, make_contact, wanted
from tests.factories import make_person, next_phone
from tests.library import CERTIFICATE, make_live, move


@pytest.fixture
def campaign(services):
    return make_campaign(services)


@pytest.fixture
def asha(app):
    return make_person(app, name="Asha Verma", channels=("call", "whatsapp", "facebook"))


@pytest.fixture
def live(api, campaign, expert, headquarters):
    """Make content of the campaign live."""
    return lambda kind="template", **changes: make_live(
        api, kind, expert, headquarters, **{"campaign_id": campaign, **changes}
    )


@pytest.fixture
def opened(api, services, campaign, headquarters, asha):
    """Give Asha a batch of people, open it, and return a way to look at its first item."""

    def give(*people, channel="whatsapp"):
        people = people or (make_contact(services),)
        enrol(services, campaign, people)
        assign = {"mode": "volunteers", "user_ids": [asha.id]}
        made = api.post("/batches", wanted(campaign, channel=channel, assign=assign), headquarters).json
        path = f"/me/batches/{made['items'][0]['id']}"
        answer = api.post(f"{path}/open", None, asha)
        assert answer.status_code == 200, answer.json
        return lambda: api.get(path, asha).json["items"][0]

    return give


def text_of(item):
    return parse_qs(urlsplit(item["link"]).query).get("text", [""])[0]


def test_link_carries_the_text_for_this_person(live, opened):
    made = live()

    item = opened()()

    assert text_of(item) == "नमस्ते Sita Devi, मतदान अवश्य करें।\nप्रकाशक: चूरू"
    assert item["template_id"] == made["id"]


def test_text_is_in_the_persons_language(services, live, opened):
    live()

    item = opened(make_contact(services, language="en"))()

    assert text_of(item) == "Dear Sita Devi, please do vote.\nPublished in Churu"


def test_places_and_the_volunteer_stand_in_the_text(live, opened):
    body = "{constituency|x}, {district|x}, {volunteer_name|x}, {campaign|x}"
    live(body={"hi": body, "en": body})

    assert text_of(opened()()).splitlines()[0] == "सुजानगढ़, चूरू, Asha Verma, By-election"


def test_household_is_not_called_by_one_name(services, live, opened):
    shared = next_phone()
    live()

    item = opened(*(make_contact(services, phone=shared, name=name) for name in ("Asha", "Ravi")))()

    assert text_of(item).startswith("नमस्ते जी,")


def test_without_a_live_template_the_link_is_bare(opened):
    item = opened()()

    assert text_of(item) == ""
    assert "template_id" not in item


def test_template_of_another_channel_is_not_used(live, opened):
    live(channel="sms")

    assert "template_id" not in opened()()


def test_own_template_goes_before_that_for_all_and_the_newest_before_the_others(live, opened, clock):
    live()
    clock.set(MORNING.replace(minute=1))
    own = live()
    clock.set(MORNING.replace(minute=2))
    live(campaign_id=None)

    assert opened()()["template_id"] == own["id"]


def test_text_of_a_channel_without_text_in_its_link_is_to_be_copied(services, live, opened):
    live(channel="facebook")
    contact = make_contact(services, addresses=[address_of(services, "sita.devi", "facebook")])

    item = opened(contact, channel="facebook")()

    assert item["link"] == "https://m.me/sita.devi"
    assert item["text"].startswith("नमस्ते Sita Devi,")


def test_call_names_its_script(live, opened):
    made = live("script")

    item = opened(channel="call")()

    assert (item["script_id"], item["link"][:4]) == (made["id"], "tel:")


def test_withdrawn_template_is_gone_from_the_link_at_once(api, live, opened, expert):
    made = live()
    look = opened()
    assert look()["template_id"] == made["id"]

    move(api, "template", made["id"], "withdraw", expert)

    assert "template_id" not in look()


@pytest.mark.parametrize("where", ["", "/campaigns/{}"])
def test_killed_template_leaves_the_link(api, live, opened, campaign, headquarters, where):
    made = live()
    look = opened()
    stop = {"on": True, "template_id": made["id"], "reason": "Complaint"}

    assert api.post(f"{where.format(campaign)}/kill-switch", stop, headquarters).status_code == 200

    assert "template_id" not in look()


def test_only_a_certified_template_is_used_under_the_model_code(api, clock, live, opened, headquarters):
    certified = live(certificate=CERTIFICATE)
    clock.set(MORNING.replace(minute=1))
    plain = live()
    look = opened()
    assert look()["template_id"] == plain["id"]

    api.put("/model-code", {"from": MORNING.isoformat(), "to": None}, headquarters)

    assert look()["template_id"] == certified["id"]


def test_phone_gets_the_new_text_by_its_next_sync(api, live, opened, asha):
    phone = Phone(api, asha)
    opened()
    phone.sync_all()
    live()

    phone.sync_all()

    (batch,) = phone.known["batches"].values()
    assert text_of(batch["items"][0]).startswith("नमस्ते Sita Devi,")
