"""How rows add to contacts: nothing is lost, what sources tell differently is kept twice, again changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.cipher import Cipher, KeyRing
from services.domain.contacts.contacts import Also, Contact, ContactAddress, Mention, Place
from services.domain.contacts.edits import erased
from services.domain.contacts.keys import ContactKeys
from services.domain.contacts.matching import CREATED, DUPLICATES, SUPPRESSED, UPDATED, Matcher
from services.domain.contacts.merging import Incoming, create, merge
from services.domain.sheets.people import PersonRow
from services.domain.sheets.row_addresses import RowAddress

KEYS = ContactKeys(Cipher(KeyRing([b"a key"]), b"an index key"))
PLACE = Place("rj", "rj-churu", "ac-24", "ac-24-17")
OTHER = Place("rj", "rj-churu", "ac-24", "ac-24-18")
ROLL = ("roll", "2026-10-01", "list-of-the-roll")


def address(value: str = "+919876543210", **facts: Any) -> ContactAddress:
    known: dict[str, Any] = {"kind": "mobile", "basis": "consent", "source_id": "roll", "collected_on": "2026-10-01"}
    known |= facts
    return ContactAddress(key=KEYS.address(known["kind"], value), value=value, **known)


def row(
    *phones: ContactAddress,
    line: int = 2,
    place: Place = PLACE,
    source: tuple[str, str, str] = ROLL,
    import_id: str = "import",
    roll_group: str | None = None,
    stripped: tuple[str, ...] = (),
    **facts: Any,
) -> Incoming:
    told: dict[str, Any] = {"name": "Sita Devi", "serial_no": 1, "gender": "female", "age": 40, **facts}
    person = PersonRow(**told, addresses=tuple(RowAddress(one.kind, one.value, "phone") for one in phones))
    source_id, on, group = source
    identities = KEYS.identities(person, place.part_id, of_roll=roll_group is not None)
    claims = roll_group is None and person.serial_no is not None and place.part_id is not None
    return Incoming(
        person=person,
        place=place,
        mention=Mention(source_id, import_id, line, on, group),
        identities=identities,
        words=KEYS.words(place.part_id, (person.name, person.name_hi)),
        addresses=tuple(phones),
        stripped=stripped,
        roll_group=roll_group,
        claimed=identities[-1] if claims else None,
    )


def made(*phones: ContactAddress, **facts: Any) -> Contact:
    first = row(*phones, **facts)
    return create(first.identities[0], first)


def merged(contact: Contact, later: Incoming, *, join_allowed: bool = False) -> Contact:
    return merge(contact, later, join_allowed=join_allowed)


NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LATER = ("form", "2026-11-01", "list-of-a-form")
EARLIER = ("old", "2025-01-01", "old-list")


def test_the_same_row_again_is_the_same_contact() -> None:
    contact = made(address(), house_no="12")
    assert merged(contact, row(address(), house_no="12", line=3)) is contact


def test_what_was_not_known_is_taken_over() -> None:
    after = merged(made(), row(house_no="12", relative_name="Ram Lal", language="hi", line=3))
    assert (after.facts["house_no"], after.facts["relative_name"], after.language) == ("12", "Ram Lal", "hi")


def test_a_later_source_is_believed_and_the_earlier_kept() -> None:
    after = merged(made(house_no="12"), row(house_no="14", source=LATER))
    assert after.facts["house_no"] == "14"
    assert after.also == (Also("house_no", "12", "roll"),)
    assert after.facts_from == {"house_no": "form"}


def test_an_earlier_source_is_kept_beside() -> None:
    after = merged(made(house_no="12"), row(house_no="14", source=EARLIER))
    assert after.facts["house_no"] == "12"
    assert after.also == (Also("house_no", "14", "old"),)


def test_a_name_in_the_other_script_is_no_other_name() -> None:
    after = merged(made(), row(name="सीता देवी"))
    assert (after.facts["name"], after.facts["name_hi"], after.also) == ("Sita Devi", "सीता देवी", ())


def test_an_unknown_gender_tells_nothing() -> None:
    contact = made()
    assert merged(contact, row(gender="unknown")) is contact


def test_tags_add_up() -> None:
    assert merged(made(tags=("a", "b")), row(tags=("b", "c"))).tags == ("a", "b", "c")


def test_a_second_number_stands_beside_the_first_that_stays_preferred() -> None:
    after = merged(made(address()), row(address("+919876500000")))
    assert [(one.value, one.preferred) for one in after.addresses] == [
        ("+919876543210", True),
        ("+919876500000", False),
    ]


def test_a_number_from_elsewhere_waits_when_joined_to_the_roll() -> None:
    contact = made(roll_group=ROLL[2])
    joined = row(address(source_id="form"), source=LATER)
    assert [(one.state, one.why) for one in merged(contact, joined).addresses] == [("quarantined", "joined")]
    assert [one.state for one in merged(contact, joined, join_allowed=True).addresses] == ["ok"]


def test_the_next_edition_of_the_roll_joins_nothing() -> None:
    contact = made(roll_group=ROLL[2])
    next_edition = ("roll-2", "2026-11-01", ROLL[2])
    after = merged(contact, row(address(source_id="roll-2"), source=next_edition, roll_group=ROLL[2]))
    assert [one.state for one in after.addresses] == ["ok"]


def test_a_number_that_waited_is_freed_by_a_source_that_may() -> None:
    contact = made(roll_group=ROLL[2])
    waiting = merged(contact, row(address(source_id="form"), source=LATER))
    freed = merged(waiting, row(address(), roll_group=ROLL[2]))
    assert [(one.state, one.why) for one in freed.addresses] == [("ok", None)]


def test_a_dead_number_stays_dead() -> None:
    contact = made(address())
    dead = replace(contact, addresses=(replace(contact.addresses[0], state="dead"),))
    assert merged(dead, row(address(), line=3)) is dead


def test_a_stronger_basis_is_taken_over_with_its_source() -> None:
    contact = made(address(basis="voluntary"))
    after = merged(contact, row(address(basis="consent", source_id="form"), source=LATER))
    assert [(one.basis, one.source_id) for one in after.addresses] == [("consent", "form")]


def test_a_whatsapp_number_that_is_a_mobile_serves_more() -> None:
    contact = made(address(kind="whatsapp"))
    assert [one.kind for one in merged(contact, row(address())).addresses] == ["mobile"]


def test_a_place_frees_what_waited_for_one() -> None:
    waiting = address(state="quarantined", why="no_place")
    nowhere = made(waiting, place=Place(), serial_no=None)
    after = merged(nowhere, row(address(), serial_no=None))
    assert after.place == PLACE
    assert [one.state for one in after.addresses] == ["ok"]


def test_a_known_place_is_not_changed_by_a_sheet() -> None:
    contact = made(epic="ABC1234567")
    assert merged(contact, row(epic="ABC1234567", place=OTHER, serial_no=5)).place == PLACE


values = st.fixed_dictionaries(
    {},
    optional={
        "house_no": st.sampled_from(["1", "2", "3"]),
        "relative_name": st.sampled_from(["Ram", "Shyam"]),
        "language": st.sampled_from(["hi", "mwr"]),
        "age": st.sampled_from([40, 41, 60]),
        "tags": st.sampled_from([("a",), ("b", "c")]),
    },
)


@given(st.lists(st.tuples(values, st.sampled_from([ROLL, LATER, EARLIER])), max_size=6))
def test_rows_told_again_change_nothing(told: list[tuple[dict[str, Any], tuple[str, str, str]]]) -> None:
    """What makes a chunk repeatable: after all rows, each of them adds nothing any more."""
    rows = [row(line=number, source=source, **facts) for number, (facts, source) in enumerate(told, start=3)]
    contact = made()
    for one in rows:
        contact = merged(contact, one)
    for one in rows:
        assert merged(contact, one) is contact


def matched(matcher: Matcher, *rows: Incoming) -> list[str]:
    return [matcher.take(one, join_allowed=False).kind for one in rows]


def test_rows_count_by_what_they_did() -> None:
    matcher = Matcher([], apart=KEYS.apart)
    rows = (row(line=2), row(line=3), row(line=4, house_no="5"), row(line=5, serial_no=2))
    assert matched(matcher, *rows) == [CREATED, DUPLICATES, UPDATED, CREATED]


def test_rows_that_were_stored_before_a_kill_count_as_they_did() -> None:
    rows = (row(line=2), row(line=3), row(line=4, house_no="5"))
    first = Matcher([], apart=KEYS.apart)
    matched(first, *rows)
    again = Matcher(first.created(), apart=KEYS.apart)
    assert matched(again, *rows) == [CREATED, DUPLICATES, UPDATED]
    assert (again.created(), again.changed()) == ([], [])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"epic": "ABC1234567"}, {"epic": "ABC1234567", "serial_no": 9}, True),
        ({"epic": "ABC1234567"}, {"epic": "XYZ1234567"}, False),
        ({"roll_group": "roll"}, {"name": "Gita Bai", "roll_group": "roll"}, True),
        ({"roll_group": "roll"}, {"name": "Gita Bai", "source": LATER}, False),
        ({"roll_group": "roll"}, {"name": "सीता देवी", "source": LATER}, True),
        ({"roll_group": "roll"}, {"age": 70, "source": LATER}, False),
        ({"source": LATER}, {"name": "Gita Bai", "roll_group": "roll"}, False),
        ({"source": LATER}, {"name": "Seeta Devi", "roll_group": "roll"}, True),
        ({"roll_group": "roll"}, {"serial_no": 9, "source": LATER}, True),
        ({"serial_no": 1}, {"serial_no": 2}, False),
        ({"serial_no": None}, {"serial_no": None, "gender": "male"}, False),
        ({"serial_no": None, "age": 70}, {"serial_no": None, "age": 40}, False),
        ({"serial_no": None, "age": 43}, {"serial_no": None, "age": 40}, True),
        ({"serial_no": None}, {"serial_no": 3}, True),
        ({"serial_no": None, "name": "सीता देवी"}, {"serial_no": None, "name": "Seeta Devi"}, True),
    ],
)
def test_who_is_the_same_person(first: dict[str, Any], second: dict[str, Any], same: bool) -> None:
    matcher = Matcher([], apart=KEYS.apart)
    matched(matcher, row(address(), line=2, **first), row(address(), line=3, **second))
    assert len(matcher.created()) == (1 if same else 2)


def test_a_stranger_on_a_claimed_serial_is_a_contact_without_it_however_often_he_is_told() -> None:
    of_the_roll = row(roll_group="roll")
    stranger = row(address(), name="Gita Bai", source=LATER, line=3)
    matcher = Matcher([], apart=KEYS.apart)
    assert matched(matcher, of_the_roll, stranger, stranger._replace(mention=stranger.mention._replace(line=4))) == [
        CREATED,
        CREATED,
        DUPLICATES,
    ]
    assert [(one.facts["name"], one.serial_no) for one in matcher.created()] == [("Sita Devi", 1), ("Gita Bai", None)]


def test_the_roll_finds_its_place_free_when_another_sheet_claimed_it_first() -> None:
    matcher = Matcher([], apart=KEYS.apart)
    claimed = row(name="Gita Bai", source=LATER, line=3)
    assert matched(matcher, claimed, row(roll_group="roll"), claimed._replace(mention=row().mention)) == [
        CREATED,
        CREATED,
        DUPLICATES,
    ]


def test_a_matcher_tells_whom_it_will_have_stored_by_their_keys_as_they_then_are() -> None:
    known, unchanged = made(serial_no=7, epic="ABC1234567"), made(serial_no=8)
    matcher = Matcher([known, unchanged], apart=KEYS.apart)
    matched(matcher, row(serial_no=7, house_no="9", line=3), row(address(), line=4))
    [new] = matcher.created()
    stored = matcher.to_be_stored((*known.keys, *unchanged.keys, *new.keys, "of nobody"))
    assert stored == {new.id: new, known.id: replace(matcher.get(known.id), version=2)}


def test_an_erased_person_is_known_again_by_a_claimed_serial_and_name() -> None:
    gone = erased(made(roll_group="roll"), keys=KEYS, by="somebody", at=NOW)
    matcher = Matcher([gone], apart=KEYS.apart)
    told = [row(source=LATER, line=3), row(source=LATER, line=4, name="Gita Bai")]
    assert matched(matcher, *told) == [SUPPRESSED, CREATED]


def test_a_later_name_takes_the_other_script_of_the_earlier_one_along() -> None:
    contact = made(name="Shobha", name_hi="शोभा", roll_group="roll")
    after = merged(contact, row(name="Gita Bai", source=LATER))
    assert dict(after.facts) == {"name": "Gita Bai"}
    assert after.also == (Also("name", "Shobha", "roll"), Also("name_hi", "शोभा", "roll"))


def test_an_earlier_name_lends_the_known_one_no_script() -> None:
    after = merged(made(name="Shobha"), row(name="Gita Bai", name_hi="गीता बाई", source=EARLIER))
    assert dict(after.facts) == {"name": "Shobha"}
    assert after.also == (Also("name", "Gita Bai", "old"), Also("name_hi", "गीता बाई", "old"))


def test_another_relative_is_not_called_by_the_relation_of_the_first() -> None:
    contact = made(relative_name="Ram Lal", relation="father")
    after = merged(contact, row(relative_name="Mohan", source=LATER))
    assert (after.facts["relative_name"], after.facts.get("relation")) == ("Mohan", None)


def test_two_people_of_one_number_and_name_are_found_apart_again() -> None:
    father, son = {"serial_no": None, "age": 70}, {"serial_no": None, "age": 30}
    rows = (row(address(), line=2, **father), row(address(), line=3, **son))
    first = Matcher([], apart=KEYS.apart)
    matched(first, *rows)
    again = Matcher(first.created(), apart=KEYS.apart)
    other = [
        row(address(), line=one.mention.line, import_id="second", **told)
        for one, told in zip(rows, (father, son), strict=True)
    ]
    assert matched(again, *other) == [DUPLICATES, DUPLICATES]


def test_a_person_of_the_roll_who_opted_out_is_kept_without_number() -> None:
    matcher = Matcher([], apart=KEYS.apart)
    assert matched(matcher, row(stripped=("key",))) == [SUPPRESSED]
    (contact,) = matcher.created()
    assert (contact.addresses, contact.stripped) == ((), ("key",))


def test_of_anybody_else_who_opted_out_nothing_is_kept() -> None:
    matcher = Matcher([], apart=KEYS.apart)
    assert matched(matcher, row(stripped=("key",), serial_no=None)) == [SUPPRESSED]
    assert matcher.created() == []


def test_who_opted_out_as_a_person_gets_no_address() -> None:
    contact = made()
    matcher = Matcher([contact], apart=KEYS.apart, opted_out=frozenset({contact.id}))
    assert matched(matcher, row(address(), line=3)) == [SUPPRESSED]
    assert matcher.get(contact.id).addresses == ()
