"""Writes with pymongo alone, into another database, what the product has written: what a figure is a ratio of."""

from __future__ import annotations

import time

from pymongo import MongoClient

from .grounds import Document

_CHUNK = 1000


def copy_indexes(client: MongoClient[Document], source: str, target: str, name: str) -> None:
    """Give a collection of another database the same indexes."""
    for index in client[source][name].list_indexes():
        wanted = {key: value for key, value in index.items() if key not in ("v", "key", "ns")}
        if wanted["name"] != "_id_":
            client[target][name].create_index(list(index["key"].items()), **wanted)


def write_again(client: MongoClient[Document], source: str, target: str, name: str) -> float:
    """Insert what a collection holds, in the order in which it lies there, and return the seconds of writing alone."""
    copy_indexes(client, source, target, name)
    seconds, waiting = 0.0, []
    for document in client[source][name].find(batch_size=_CHUNK):
        waiting.append(document)
        if len(waiting) == _CHUNK:
            seconds += _insert(client, target, name, waiting)
            waiting = []
    return seconds + (_insert(client, target, name, waiting) if waiting else 0.0)


def _insert(client: MongoClient[Document], target: str, name: str, documents: list[Document]) -> float:
    began = time.perf_counter()
    client[target][name].insert_many(documents, ordered=False)
    return time.perf_counter() - began
