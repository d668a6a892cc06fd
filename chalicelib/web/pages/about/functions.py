"""Functions: what a task may call, how it is called, and a way to a task that calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalice.app import Response

from chalicelib.functions import described, registry
from chalicelib.functions.registry import Registered
from chalicelib.web.json_text import write
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

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
        typed={"q": visit.query.get("q", "")},
    )


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
