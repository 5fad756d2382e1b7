"""What kind of server answers at an address, and how a fresh MongoDB becomes a replica set of one."""

from __future__ import annotations

import pymongo
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from services.domain.errors import Unavailable
from services.store.collection import Document

_ALREADY_INITIALIZED = 23
_SELECTION_MS = 15_000
_ANSWER_SECONDS = 5


def describe(uri: str) -> str:
    """Return the name, version and hosts of the server at `uri`, without its credentials; raise Unavailable."""
    try:
        with MongoClient[Document](uri) as client, pymongo.timeout(_ANSWER_SECONDS):
            info = client.admin.command("buildInfo")
            hosts = ", ".join(f"{host}:{port}" for host, port in sorted(client.nodes))
    except PyMongoError as error:
        raise Unavailable("database_unavailable") from error
    if "secantusVersion" in info:
        return f"secantusd-rs {info['secantusVersion']} at {hosts}"
    return f"MongoDB {info['version']} at {hosts}"


def initiate_replica_set(uri: str) -> None:
    """Make the mongod at `uri` the only member of the set that the URI names, once, and wait until it takes writes."""
    parsed = parse_uri(uri)
    [(host, port)] = parsed["nodelist"]
    name = parsed["options"]["replicaSet"]
    try:
        with MongoClient[Document](host, port, directConnection=True, serverSelectionTimeoutMS=_SELECTION_MS) as direct:
            _initiate(direct, name=name, member=f"{host}:{port}")
        with MongoClient[Document](uri, serverSelectionTimeoutMS=_SELECTION_MS) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        raise Unavailable("database_unavailable") from error


def _initiate(direct: MongoClient[Document], *, name: str, member: str) -> None:
    try:
        direct.admin.command("replSetInitiate", {"_id": name, "members": [{"_id": 0, "host": member}]})
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALIZED:
            raise
