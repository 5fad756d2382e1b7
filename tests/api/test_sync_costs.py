"""What a sync costs: round trips that do not grow, few bytes, and nothing skipped while others write."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.phone import HQ, Phone, assign_batches, give_batches
from tests.batch_factories import enrol, make_campaign, make_contact
from tests.contracts.phones import free_task
from tests.library import make_live

# Round trips of one sync, the sender's own check (one) and the day's caps (one) included; three fewer once the process
# knows the live content.
NOTHING_NEW = 9
# … and one more for each kind of content that has news.
WHOLE_PAGE = 20
_FIRST = ("सीता", "रमेश", "Sunita", "Kailash", "विमला", "Mohan", "गीता", "Shyam", "कमला", "Rajendra", "Pushpa", "हरि")
_LAST = ("देवी", "शर्मा", "Jat", "Meena", "गुर्जर", "Saini", "राजपूत", "Bairwa", "चौधरी", "Singh", "Kanwar", "मीणा")


@pytest.fixture
def phone(api, volunteer_of_churu):
    return Phone(api, volunteer_of_churu)


@pytest.fixture
def campaign(services):
    return make_campaign(services)


def trips(commands, phone):
    with commands.noted() as names:
        phone.sync()
    return len(names)


def test_sync_with_nothing_new_is_a_few_reads(services, phone, campaign, commands):
    give_batches(services, campaign, phone.person, 3)
    phone.sync_all()

    assert trips(commands, phone) == NOTHING_NEW


@pytest.mark.parametrize(("number", "size"), [(1, 2), (4, 2), (4, 25)])
def test_round_trips_do_not_grow_with_the_page(api, services, phone, campaign, commands, number, size):
    batches = give_batches(services, campaign, phone.person, number, size=size)
    for _ in range(number):
        free_task(services, services.phones, HQ)
    for batch in batches:
        api.post(f"/me/batches/{batch['_id']}/open", actor=phone.person)

    assert trips(commands, phone) == WHOLE_PAGE


@pytest.mark.parametrize("number", [1, 5])
def test_news_of_a_kind_of_content_is_one_round_trip_more(api, phone, commands, expert, headquarters, number):
    phone.sync()
    nothing_new = trips(commands, phone)
    for _ in range(number):
        make_live(api, "script", expert, headquarters)
        make_live(api, "template", expert, headquarters)

    # One to store the cursor, one for each of the two kinds.
    assert trips(commands, phone) == nothing_new + 3


@pytest.mark.parametrize("channel", ["call", "whatsapp"])
def test_batch_of_25_fits_in_8_kb_on_the_wire(api, app, services, phone, campaign, expert, headquarters, channel):
    text = "नमस्ते {name|जी}, क्षेत्र में सड़क, पानी और स्कूल के काम आगे बढ़े हैं। मतदान के दिन अपने बूथ पर अवश्य पधारें। "
    make_live(
        api, "template", expert, headquarters, body={"hi": text * 3, "en": "Dear {name|friend}, please vote. " * 8}
    )
    dice = random.Random(7)
    people = [
        make_contact(
            services,
            name=f"{dice.choice(_FIRST)} {dice.choice(_LAST)}",
            phone=f"+919{dice.randrange(10**9):09}",
            tags=(f"village:{dice.randrange(9)}",),
        )
        for _ in range(25)
    ]
    enrol(services, campaign, people)
    (batch,) = assign_batches(services, campaign, phone.person, size=25, channel=channel)
    assert batch["size"] == 25
    api.post(f"/me/batches/{batch['_id']}/open", actor=phone.person)
    for encoding in ("br", "gzip"):
        headers = {**phone.person.headers, "Accept-Encoding": encoding}
        answer = app.test_client().get("/api/v1/me/sync", headers=headers)
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        assert answer.headers["Content-Encoding"] == encoding
        assert len(answer.data) + head <= 8 * 1024


def test_answer_with_nothing_new_has_a_head_of_350_bytes(app, phone):
    phone.sync()

    answer = app.test_client().get(
        "/api/v1/me/sync", headers=phone.person.headers, query_string={"cursor": phone.cursor}
    )

    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    # The server adds a status line, its name, the date and `Connection`: 106 bytes.
    assert (answer.status_code, answer.data) == (204, b"")
    assert head + 106 <= 350


def test_nothing_is_skipped_while_others_write(api, services, phone, campaign):
    batches = give_batches(services, campaign, phone.person, 6, size=2)
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(change_batches, services, batches, seed) for seed in range(2)]
        writers.append(pool.submit(change_tasks, services))
        while not all(writer.done() for writer in writers):
            phone.sync()
    assert [writer.exception() for writer in writers] == [None] * 3
    phone.sync_all()
    phone.sync_all()

    fresh = Phone(api, phone.person)
    fresh.sync_all()
    assert phone.known == fresh.known


def change_tasks(services):
    for number in range(15):
        task = free_task(services, services.phones, HQ)
        if number % 3 == 0:
            services.tasks.cancel(HQ, task["_id"], version=None)


def change_batches(services, batches, seed):
    dice = random.Random(seed)
    for _ in range(60):
        batch = services.stores.batches.get(dice.choice(batches)["_id"])
        state = dice.choice(["assigned", "active", "recalled"])
        services.stores.batches.swap(batch, {"state": state, "due_at": services.clock.now()})
