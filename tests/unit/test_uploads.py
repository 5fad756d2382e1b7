"""Uploaded files on their way in: readable here, unreadable on the disk."""

from __future__ import annotations

import io
import os

import pytest

from api.uploads import SealedSpool


def test_what_was_written_is_read_back() -> None:
    content = os.urandom(300_001)
    with SealedSpool() as spool:
        for at in range(0, len(content), 7_000):
            spool.write(content[at : at + 7_000])
        spool.seek(0)
        assert spool.read(100) == content[:100]
        spool.seek(0)
        assert spool.read() == content


def test_the_disk_holds_no_word_of_it() -> None:
    with SealedSpool() as spool:
        spool.write(b"Sushila,9876543210\n" * 5000)
        spool._file.seek(0)
        assert b"Sushila" not in spool._file.read()


def test_one_can_only_go_back_to_the_start() -> None:
    with SealedSpool() as spool:
        spool.write(b"abc")
        with pytest.raises(io.UnsupportedOperation):
            spool.seek(1)
