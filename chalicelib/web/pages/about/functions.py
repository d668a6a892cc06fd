"""Functions: what a task may call, how it is called, and a way to a task that calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalice.app import Response

from chalicelib.core import schedule as schedules
from chalicelib.core.errors import Invalid
from chalicelib.core.in_code import Reported, Standing
from chalicelib.core.instant import EPOCH
from chalicelib.core.people.account import may_see
from chalicelib.engine.requests.tasks.in_code import NONSENSE
from chalicelib.functions import described, registry
from chalicelib.functions.registry import Registered
from chalicelib.web.frame.json_text import write
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit
from chalicelib.web.sentences import sentence

KINDS = {
    "positional_only": "by place only",
    "keyword_only": "by name only",
    "var_positional": "any number, by place",
    "var_keyword": "any number, by name",
}
"""What is unusual about how a parameter is given."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """A function as the page shows it: its first line says what it does, the rest says more."""

    name: str
    signature: str
    does: str
    more: str
    parameters: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Standings:
    """A schedule in code as the page shows it."""

    one: Reported
    words: str


STANDING_WORDS: Mapping[Standing, tuple[str, str]] = {
    Standing.NEW: ("Not deployed yet", "The next deployment makes a task of it."),
    Standing.CHANGED: ("Changed in the code", "The next deployment brings it."),
    Standing.AS_SAID: ("As in the code", ""),
    Standing.EDITED: ("Changed by hand", "It stays so until the code says something else, or it is restored."),
    Standing.PAUSED: ("Paused by hand", "No deployment resumes it."),
    Standing.DELETED: ("Deleted by hand", "No deployment makes it again."),
    Standing.REMOVED: ("No longer in the code", "The next deployment pauses its task."),
    Standing.GONE: ("No longer in the code", "Its task may be deleted."),
    Standing.UNKNOWN: ("Nobody knows", "A module could not be loaded: nothing is done about it."),
    Standing.REFUSED: ("Refused", ""),
}


def show(visit: Visit) -> Response:
    """Every function, by name. An admin also sees which modules could not be loaded."""
    functions = [_described(one) for one in registry.registered()]
    wanted = visit.query.get("q", "").casefold().split()
    found = [one for one in functions if all(word in f"{one.name} {one.does} {one.more}".casefold() for word in wanted)]
    return page(
        visit,
        "about/functions.html",
        functions=found,
        count=len(functions),
        broken=registry.broken() if visit.user.is_admin else {},
        in_code=_in_code(visit),
        standing_words=STANDING_WORDS,
        typed={"q": visit.query.get("q", "")},
    )


def _in_code(visit: Visit) -> list[Standings]:
    """The schedules in code, for whose business they are; for others, none."""
    if not any(one.schedules for one in registry.registered()) and not visit.user.is_admin:
        return []
    report = visit.system.in_code.look()
    if report.owner is None or not may_see(visit.user, report.owner.id):
        return []
    return [Standings(one=one, words=_words(one)) for one in report.items]


def _words(one: Reported) -> str:
    """A schedule in words; as it is written where it makes no sense."""
    try:
        return sentence(schedules.parse(one.schedule, EPOCH)) if one.schedule else ""
    except (Invalid, *NONSENSE):
        return ""


def _described(one: Registered) -> Described:
    does, _, more = one.description.strip().partition("\n")
    parameters = [
        {
            **each,
            "how": KINDS.get(each["kind"], ""),
            "otherwise": "" if each["required"] or "var_" in each["kind"] else write(each["default"]),
        }
        for each in described.to_json(one)["parameters"]
    ]
    signature = described.written(one)
    return Described(name=one.name, signature=signature, does=does, more=more.strip(), parameters=parameters)


ROUTES = (Route(path="/functions", get=show),)
