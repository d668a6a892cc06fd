"""The account's runs across tasks, newest first; what is left out, and whose they are, stands in the address."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import urlencode

from chalice.app import Response

from chalicelib.core.errors import NotFound
from chalicelib.core.people.account import User
from chalicelib.core.run import NEEDS_ATTENTION, Run, RunStatus
from chalicelib.ports import Page
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import after_of, cursor_for, owner_of, statuses_of
from chalicelib.web.pages.refreshing import refresh_seconds
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

RUNS_SHOWN = 50
CHOICES: tuple[tuple[str, frozenset[RunStatus]], ...] = (
    ("All", frozenset()),
    ("Needs attention", NEEDS_ATTENTION),
    ("Failed", frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.LOST})),
    ("Missed", frozenset({RunStatus.MISSED})),
    ("Waiting for a retry", frozenset({RunStatus.RETRYING})),
    ("Under way", frozenset({RunStatus.QUEUED, RunStatus.RUNNING})),
    ("Succeeded", frozenset({RunStatus.SUCCEEDED})),
    ("Skipped or cancelled", frozenset({RunStatus.SKIPPED, RunStatus.CANCELLED})),
)
"""What can be chosen by one click; the address takes any other statuses as well."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One filter: its word, its address, and whether it is the one that is shown."""

    word: str
    path: str
    chosen: bool


def show(visit: Visit) -> Response:
    """A page of runs, or why there is none."""
    call = Call(request=visit.request, session=visit.session)
    owner, statuses = owner_of(call), statuses_of(call)
    listing = "run list" if owner is None else f"run list of {owner}"
    after = after_of(call, listing)
    whose = None if owner is None else _somebody(visit, owner)
    can_list = visit.system.overview.lists(statuses)
    found: Page[Run] = Page(items=())
    if can_list:
        found = visit.system.overview.runs(visit.user, limit=RUNS_SHOWN, after=after, statuses=statuses, owner=owner)
    older = cursor_for(call, listing, found.after)
    return page(
        visit,
        "work/run_list.html",
        runs=found.items,
        can_list=can_list,
        whose=whose,
        choices=[_choice(visit, word, of, statuses, whose) for word, of in CHOICES],
        statuses=sorted(str(status) for status in statuses),
        newest=_path(visit, statuses, whose),
        older=None if older is None else _path(visit, statuses, whose, cursor=older),
        later_page=after is not None,
        refresh=None if after is not None else refresh_seconds(visit, [], found.items),
        live=after is None,
    )


def _somebody(visit: Visit, owner: str) -> User:
    """Another account, for an admin; to everybody else it is as if there were none."""
    if not visit.user.is_admin:
        raise NotFound("there is no such user")
    return visit.system.accounts.user(visit.user, owner)


def _choice(
    visit: Visit, word: str, of: AbstractSet[RunStatus], statuses: AbstractSet[RunStatus], whose: User | None
) -> Choice:
    return Choice(word=word, path=_path(visit, of, whose), chosen=of == statuses)


def _path(visit: Visit, statuses: AbstractSet[RunStatus], whose: User | None, cursor: str | None = None) -> str:
    """The address of a list: a status may stand in it several times."""
    given = [("status", str(status)) for status in sorted(statuses)]
    given += [] if whose is None else [("owner", whose.id)]
    given += [] if cursor is None else [("cursor", cursor)]
    return visit.url("/runs") + (f"?{urlencode(given)}" if given else "")


ROUTES = (Route(path="/runs", get=show),)
