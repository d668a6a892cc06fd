"""The routes of the API as its OpenAPI document describes them: tests that must hold on every route are made of these.

A route that is added is in them at once. What cannot be read from the document stands in small tables here, and a route
that needs more in one of them fails its tests until somebody says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.core.people.account import Role, Scope
from chalicelib.core.run import RunStatus
from chalicelib.web.api.document.openapi import document
from chalicelib.web.frame.endpoint import CALENDAR
from tests.web.building import HOURLY, NOW, Caller, World, ended_run, in_, json_of, task

OLD_PASSWORD, NEW_PASSWORD = "correct horse battery", "staple of the correct horse"
OLD_HASH = "scrypt$4$8$1$AAAAAAAAAAAAAAAAAAAAAA==$Yu7W8ZwuJxZHOxQ0AhpdNbWwKro1dUD8WP7QUWQJa9g="
"""Of the old password, quickly made."""
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART:20261201T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

GOOD_BODIES: Mapping[str, Any] = {
    "Task": task(),
    "Preview": {"schedule": HOURLY},
    "Backfill": {"from": in_(-7200), "to": in_(0)},
    "Skip": {"due_at": in_(3600)},
    "Group": {"name": "all of them", "members": [{"define": {"name": "one", "action": task()["action"]}}]},
    "Secret": {"value": "s3cret"},
    "NewToken": {"name": "ci", "scopes": ["read"]},
    "PasswordChange": {"current": OLD_PASSWORD, "new": NEW_PASSWORD},
}
"""Bodies that are taken, by the name of their schema; any other schema takes an empty object."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method of a path, as the document tells it."""

    method: str
    path: str
    security: tuple[Mapping[str, list[str]], ...]
    statuses: frozenset[int]
    """Of the answers to who asks rightly."""
    query: frozenset[str]
    takes_body: bool
    schema: str | None
    calendar: bool

    @property
    def public(self) -> bool:
        return not self.security

    @property
    def scope(self) -> Scope | None:
        """What a token must be good for; None where any token will do, or none is needed."""
        needed = [Scope(scope) for each in self.security for scope in each["token"]]
        return needed[0] if needed else None

    @property
    def parameter(self) -> str | None:
        """The parameter of the path, where it has one."""
        found = re.findall(r"{(\w+)}", self.path)
        return found[0] if found else None

    @property
    def kind(self) -> str:
        """What its parameter names: tasks, runs and so on."""
        return self.path.split("/")[2]

    @property
    def names_something(self) -> bool:
        """Whether its parameter names what must be there; a PUT below a name makes it where it is not."""
        return self.parameter is not None and not (self.parameter == "name" and self.method == "PUT")

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": CALENDAR if self.calendar else "application/json"}

    @property
    def body(self) -> Any:
        """A body that is taken."""
        return ICS if self.calendar else GOOD_BODIES.get(self.schema or "", {})

    def at(self, thing: str) -> str:
        """The path for one thing."""
        return re.sub(r"{\w+}", thing, self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _read(method: str, path: str, described: Mapping[str, Any]) -> Route:
    content = described.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref")
    return Route(
        method=method.upper(),
        path=path,
        security=tuple(described["security"]),
        statuses=frozenset(int(status) for status in described["responses"] if status.isdigit()),
        query=frozenset(one["name"] for one in described.get("parameters", []) if one["in"] == "query"),
        takes_body="requestBody" in described,
        schema=None if reference is None else reference.rpartition("/")[2],
        calendar=CALENDAR in content,
    )


ROUTES = [
    _read(method, path, described)
    for path, methods in document("")["paths"].items()
    for method, described in methods.items()
]


@dataclass(frozen=True, kw_only=True)
class People:
    """Who asks: a member whose things are asked for, another member, and an admin. Each knows the old password."""

    world: World
    owner: Caller
    other: Caller
    admin: Caller


def people_of(world: World) -> People:
    """Somebody of each sort."""
    owner, other = (world.caller(name, password_hash=OLD_HASH) for name in ("ann", "bob"))
    admin = world.caller("root", role=Role.ADMIN, password_hash=OLD_HASH)
    return People(world=world, owner=owner, other=other, admin=admin)


def _task(people: People, route: Route) -> str:
    return str(people.owner.created()["id"])


def _run(people: People, route: Route) -> str:
    """One that waits, or one that failed where the route is for such."""
    made = people.owner.created()["id"]
    if not route.path.endswith("/retry"):
        return str(json_of(people.owner.post(f"/api/tasks/{made}/run"))["id"])
    run = ended_run(made, people.owner.id, NOW - timedelta(hours=1), status=RunStatus.FAILED)
    people.world.store.insert_run(run)
    return run.id


def _token(people: People, route: Route) -> str:
    return str(json_of(people.owner.post("/api/tokens", GOOD_BODIES["NewToken"]))["id"])


def _calendar(people: People, route: Route) -> str:
    people.owner.put("/api/calendars/holidays", ICS, headers={"Content-Type": CALENDAR})
    return "holidays"


def _secret(people: People, route: Route) -> str:
    people.owner.put("/api/secrets/api-key", GOOD_BODIES["Secret"])
    return "api-key"


def _user(people: People, route: Route) -> str:
    return people.owner.id


def _invitation(people: People, route: Route) -> str:
    return str(json_of(people.admin.post("/api/invitations"))["id"])


def _group(people: People, route: Route) -> str:
    """One that runs, or one that was cancelled where the route is for such."""
    made = str(json_of(people.owner.post("/api/groups", GOOD_BODIES["Group"]))["id"])
    if route.path.endswith("/retry"):
        people.owner.post(f"/api/groups/{made}/cancel")
    return made


MAKERS: Mapping[str, Callable[[People, Route], str]] = {
    "tasks": _task,
    "runs": _run,
    "tokens": _token,
    "calendars": _calendar,
    "secrets": _secret,
    "users": _user,
    "invitations": _invitation,
    "groups": _group,
}
"""How to make what a parameter names, for the owner."""
REACHED_BY_ADMINS = frozenset({"tasks", "runs", "groups", "users", "invitations"})
"""What an admin sees of others, and acts on; everything else is its owner's alone."""
