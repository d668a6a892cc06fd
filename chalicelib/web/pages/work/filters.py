"""Filters: what of a list of tasks is wanted, as its address says it. They mean what they mean in the API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from chalicelib.web.frame.endpoint import Call
from chalicelib.web.pages.visit import Visit

HERE = "/tasks"
STATES = ("active", "paused", "completed")


@dataclass(frozen=True, kw_only=True)
class Filtered(Call):
    """A call of which empty parameters are left out: a form sends each of its fields, filled in or not."""

    def query(self, name: str) -> list[str]:
        return [value for value in super().query(name) if value]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """A text in name or description, tags of which a task has all, states of which it has one, and whose tasks."""

    text: str = ""
    tags: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    owner: str | None = None

    @property
    def narrow(self) -> bool:
        """Whether any task is left out."""
        return bool(self.text or self.tags or self.states)

    def address(self, **more: str | int | None) -> str:
        """The address of the list with these filters, which a page's `url` puts below the prefix.

        >>> Filters(text="a b", tags=("x",)).address(cursor="7"), Filters().address()
        ('/tasks?q=a+b&tag=x&cursor=7', '/tasks')
        """
        given = [("q", self.text), *(("state", one) for one in self.states), *(("tag", one) for one in self.tags)]
        given += [("owner", self.owner or ""), *((name, str(value)) for name, value in more.items() if value)]
        query = urlencode([(name, value) for name, value in given if value])
        return f"{HERE}?{query}" if query else HERE

    def in_state(self, state: str | None) -> str:
        """The address for one state, or for all."""
        return replace(self, states=() if state is None else (state,)).address()

    def with_tag(self, tag: str) -> str:
        """The address for those that have a tag as well."""
        return replace(self, tags=tuple(dict.fromkeys((*self.tags, tag)))).address()

    def without_tag(self, tag: str) -> str:
        return replace(self, tags=tuple(one for one in self.tags if one != tag)).address()

    def without_text(self) -> str:
        return replace(self, text="").address()


def filtered(visit: Visit) -> Filtered:
    """The visit as the API's lists take it."""
    return Filtered(request=visit.request, session=visit.session)


def filters_of(call: Filtered, owner: str | None) -> Filters:
    """The filters of a query, as they were given."""
    return Filters(
        text="".join(call.query("q")[-1:]),
        tags=tuple(dict.fromkeys(call.query("tag"))),
        states=tuple(dict.fromkeys(call.query("state"))),
        owner=owner,
    )
