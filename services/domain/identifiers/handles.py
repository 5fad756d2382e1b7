"""Facebook, Instagram and X handles: however a person gave them, one canonical lower-case name each, or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

MAX_CELL = 300


@dataclass(frozen=True, slots=True)
class _Platform:
    """What a platform's handles look like and where its links lead."""

    shape: re.Pattern[str]
    hosts: frozenset[str]
    reserved: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLATFORMS = {
    "facebook": _Platform(
        shape=re.compile(r"(?=.{5,50}\Z)[a-z0-9]+(?:\.[a-z0-9]+)*"),
        hosts=frozenset({"facebook.com", "fb.com", "fb.me", "m.me", "messenger.com"}),
        reserved=_words(
            "events gaming groups hashtag help home.php login marketplace media messages pages people permalink.php"
            " photo photo.php posts profile.php reel search share sharer story.php stories videos watch"
        ),
    ),
    "instagram": _Platform(
        shape=re.compile(r"(?=.{1,30}\Z)(?!.*\.\.)[a-z0-9_](?:[a-z0-9._]*[a-z0-9_])?"),
        hosts=frozenset({"instagram.com", "instagr.am", "ig.me"}),
        reserved=_words("about accounts direct explore p reel reels stories tv web"),
    ),
    "x": _Platform(
        shape=re.compile(r"[a-z0-9_]{1,15}"),
        hosts=frozenset({"x.com", "twitter.com"}),
        reserved=_words("compose explore hashtag home i intent messages notifications search settings share"),
    ),
}
_ALL_HOSTS = frozenset[str]().union(*(platform.hosts for platform in _PLATFORMS.values()))

_SCHEME = re.compile(r"[a-z]+://", re.IGNORECASE)
_SUBDOMAIN = re.compile(r"^(?:www|m|web|mobile|mbasic|touch|[a-z]{2}-[a-z]{2})\.")
_PHONE = re.compile(r"(?:91|0)?[6-9][0-9]{9}")


def normalise_handle(platform: str, text: str) -> str | None:
    """Return the canonical handle on `facebook`, `instagram` or `x`, or None for what names no single account there."""
    rules = _PLATFORMS[platform]
    text = text.strip()
    if not text or len(text) > MAX_CELL:
        return None
    if _SCHEME.match(text) or _bare_host(text) in _ALL_HOSTS:
        handle = _from_link(text, rules)
    else:
        handle = text.removeprefix("@").lower()
    if handle is None or handle in rules.reserved or not rules.shape.fullmatch(handle):
        return None
    # A phone number in a handle's column was written there by mistake, or is a contact that nobody consented to.
    return None if _PHONE.fullmatch(handle) else handle


def _from_link(text: str, rules: _Platform) -> str | None:
    """The account that a profile link leads to; None for other sites and for posts, groups and searches."""
    try:
        link = urlsplit(text if _SCHEME.match(text) else f"https://{text}")
        host = _host(link.hostname or "")
    except ValueError:
        return None
    if link.scheme.lower() not in {"http", "https"} or host not in rules.hosts:
        return None
    path = [part.lower() for part in link.path.split("/") if part]
    if path[:1] == ["profile.php"]:
        return parse_qs(link.query).get("id", [""])[0] or None
    if path[:1] == ["people"]:
        return path[-1]
    # Conversation links put one word before the account: messenger.com/t/<id>, ig.me/m/<user>, instagram.com/_u/<user>.
    if path[:1] and path[0] in {"t", "m", "_u"} and len(path) > 1:
        path = path[1:]
    return path[0].removeprefix("@") if path else None


def _bare_host(text: str) -> str:
    """The site that a link without `https://` begins with, if it is one."""
    return _host(re.split(r"[/?]", text, maxsplit=1)[0])


def _host(name: str) -> str:
    name = name.lower()
    return name if name in _ALL_HOSTS else _SUBDOMAIN.sub("", name)
