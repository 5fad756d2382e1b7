"""Deep links by channel, and what is shown of a name or address before it may be used."""

from __future__ import annotations

import pytest

from services.domain.batches.links import deep_link, mask_address, mask_name


@pytest.mark.parametrize(
    ("channel", "address", "link"),
    [
        ("call", "+919876543210", "tel:+919876543210"),
        ("sms", "+919876543210", "sms:+919876543210?body=%E0%A4%A8%E0%A4%AE%E0%A4%B8%E0%A5%8D%E0%A4%A4%E0%A5%87%20%26"),
        ("whatsapp", "+919876543210", "https://wa.me/919876543210?text=%E0%A4%A8%E0%A4%AE%E0%A4%B8%E0%A5%8D%E0%A4%A4%E0%A5%87%20%26"),
        ("facebook", "asha.verma", "https://m.me/asha.verma"),
        ("instagram", "asha_v", "https://ig.me/m/asha_v"),
        ("x", "12345", "https://x.com/messages/compose?recipient_id=12345&text=%E0%A4%A8%E0%A4%AE%E0%A4%B8%E0%A5%8D%E0%A4%A4%E0%A5%87%20%26"),
    ],
)  # fmt: skip
def test_each_channel_has_its_link(channel, address, link):
    assert deep_link(channel, address, "नमस्ते &") == link


def test_a_masked_name_tells_initials_only():
    assert mask_name("Sita Devi") == "S••• D•••"
    assert mask_name("सीता देवी") == "सी••• दे•••"
    assert mask_name("") == ""


def test_a_masked_address_cannot_be_dialled():
    assert mask_address("+919876543210") == "+91 98••••••10"
    assert mask_address("asha.verma") == "a•••"
