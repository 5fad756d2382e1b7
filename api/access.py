"""Who may ask which route about whose things: the page docs/permissions.md, from the routes and the data of roles."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

from api.factory import BASE
from api.limits import PUBLIC
from api.operations import Declared
from config.paths import read_json
from services.domain.people.actor import ROLES, Actor
from services.policy import Policy

_HEAD = """# Permissions

Made from `config/data/roles.json` (which verbs a role holds), `config/data/access.json` (whose things a route is about)
and the routes themselves by `make openapi`; tests compare, and ask every route as every role about a thing of the own
district and of another.

A role that does not hold the verb is answered 403 `forbidden`. A thing that is not within a role's reach is answered
404 `not_found`, as one that does not exist. Scope is part of each query: lists leave out what is out of reach.
What would be made or moved out of reach, such as a volunteer of another district, is 403: there is nothing to hide.
What a role sees and may not change, such as a peer or a task of headquarters, is 403 too.

| In the table | means |
|---|---|
| all | of the whole state |
| district | of the own home district, see below |
| own | one's own |
| live | what is approved and in use |
| figures | sums alone, in tens and none of fewer than ten people |
| by key | a service account that was given the verb, within the reach of the role that it acts as |
| – | never |

"""
_WORDS = {"hq_admin": "Headquarters"}


def routes(app: Flask) -> Iterator[tuple[str, Declared]]:
    """Give every declared route under the name that access.json has it by: `GET /batches/<batch_id>`."""
    for rule in app.url_map.iter_rules():
        declared = getattr(app.view_functions[rule.endpoint], "declared", None)
        if declared is not None:
            yield f"{declared.method} {rule.rule.removeprefix(BASE)}", declared


def permissions(app: Flask) -> str:
    """Return the page of all routes by role."""
    access, policy = read_json("access.json"), Policy(read_json("roles.json"))
    kinds = access["kinds"]
    lines = [_HEAD, "## Whose things\n\n", "| Things | What they are |\n|---|---|\n"]
    lines += [f"| {name} | {kind['about']} |\n" for name, kind in kinds.items()]
    lines += ["\n## Fields\n\n", "| Fields | Who sees them, and changes them |\n|---|---|\n"]
    lines += [f"| {one['fields']} | {one['seen']} |\n" for one in access["fields"]]
    named = {name: _WORDS.get(name, name.capitalize()) for name in ROLES}
    lines += ["\n## Routes\n\n", f"| Route | Verb | Things | {' | '.join(named.values())} | Programs |\n"]
    lines += [f"|{'---|' * (4 + len(ROLES))}\n"]
    for route, declared in sorted(routes(app), key=lambda one: one[0].split(" ")[::-1]):
        kind = access["routes"].get(route, "?")
        verb = "–" if declared.verb == PUBLIC else f"`{declared.verb}`"
        reach = [_reach(policy, declared, role, kinds.get(kind, {}).get("reach", {})) for role in ROLES]
        program = "by key" if declared.for_services else "open" if declared.verb == PUBLIC else "–"
        lines.append(f"| `{route}` | {verb} | {kind} | {' | '.join(reach)} | {program} |\n")
    return "".join(lines)


def _reach(policy: Policy, declared: Declared, role: str, reach: dict[str, str]) -> str:
    if declared.verb == PUBLIC:
        return "open"
    may = policy.can(Actor(user_id="", role=role, session_id=""), declared.verb)
    return reach.get(role, "?") if may else "–"
