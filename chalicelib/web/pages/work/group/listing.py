"""The account's groups, newest first."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core.groups.group import GroupState
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import after_of, cursor_for, one_of
from chalicelib.web.pages.refreshing import REFRESH_SOON
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

LISTING = "group list"
SHOWN = 50


def show(visit: Visit) -> Response:
    """A page of groups; what is left out stands in the address."""
    call = Call(request=visit.request, session=visit.session)
    states = one_of(call, "state", GroupState, ", ".join(GroupState))
    after = after_of(call, LISTING)
    found = visit.system.groups.groups(visit.user, limit=SHOWN, after=after, states=states)
    busy = any(group.state is GroupState.RUNNING for group in found.items)
    return page(
        visit,
        "work/groups.html",
        groups=found.items,
        states=tuple(GroupState),
        chosen=next(iter(sorted(states)), None),
        older=cursor_for(call, LISTING, found.after),
        later_page=after is not None,
        refresh=REFRESH_SOON if busy and after is None else None,
        live=busy and after is None,
    )


ROUTES = (Route(path="/groups", get=show),)
