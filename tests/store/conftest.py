"""A database of its own for each test of a store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from services.domain.cipher import Cipher
from services.domain.ids import new_id
from services.store.collection import Document, open_client
from services.store.keyring import open_cipher

KEY = b"a key that only these tests know"


@pytest.fixture(scope="session")
def mongo_client(mongodb_uri: str) -> Iterator[MongoClient[Document]]:
    """A client with the options that the product has."""
    with open_client(mongodb_uri) as client:
        yield client


@pytest.fixture
def database(mongo_client: MongoClient[Document]) -> Iterator[Database[Document]]:
    """An empty database."""
    name = f"sampark_store_{new_id()}"
    yield mongo_client[name]
    mongo_client.drop_database(name)


@pytest.fixture
def cipher(database: Database[Document]) -> Cipher:
    """The cipher of this database."""
    return open_cipher(database, [KEY])
