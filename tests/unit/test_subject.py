"""Which of a person's addresses is used."""

from services.domain.rules.subject import Address, pick_address
from tests.unit.rule_cases import ask, person

NOON = "2026-11-22 12:00"


def test_address_is_the_first_that_can_be_used():
    dead, good = Address("a", "mobile", state="dead"), Address("b", "mobile")
    assert pick_address([dead, good], "call") is good
    assert pick_address([dead], "call") is dead
    assert pick_address([Address("c", "landline")], "sms") is None


def test_address_given_for_whatsapp_goes_before_a_mobile():
    phone, own = Address("a", "mobile"), Address("b", "whatsapp")
    assert pick_address([phone, own], "whatsapp") is own
    assert pick_address([phone, own], "call") is phone


def test_address_without_whatsapp_still_takes_calls():
    phone = Address("a", "mobile", dead_channels=frozenset({"whatsapp"}))
    assert ask(person(address=phone), NOON, channel="whatsapp").codes == ("dead_number",)
    assert ask(person(address=phone), NOON, channel="call").allowed
