"""Groups: tasks that run together, or one after the other, and what follows."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.groups.group import Group, GroupState
from chalicelib.core.people.account import Scope
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.frame.paging import after_of, cursor_for, limit_of, one_of, owner_of
from chalicelib.web.group_json import group_json, place_json

groups = Blueprint(__name__)


@endpoint(groups, "GET", "/api/groups")
def list_groups(call: Call) -> Reply:
    """The caller's groups, newest first; for an admin also somebody else's."""
    owner = owner_of(call)
    listing = "groups" if owner is None else f"groups of owner {owner}"
    limit, after = limit_of(call), after_of(call, listing)
    states = one_of(call, "state", GroupState, ", ".join(GroupState))
    page = system().groups.groups(call.user, limit=limit, after=after, states=states, owner=owner)
    items = [group_json(group) for group in page.items]
    return Reply(body={"items": items, "next_cursor": cursor_for(call, listing, page.after)})


@endpoint(groups, "POST", "/api/groups", body=Body.REQUIRED)
def create_group(call: Call) -> Reply:
    """Make a group and begin it."""
    group = system().groups.create(call.user, schemas.group(call.body), asked=call.asked)
    return _accepted(group, Location=call.link(f"/api/groups/{group.id}"))


@endpoint(groups, "GET", "/api/groups/{group_id}")
def read_group(call: Call, group_id: str) -> Reply:
    """One group."""
    return Reply(body=_shown(system().groups.group(call.user, group_id)))


@endpoint(groups, "GET", "/api/groups/{group_id}/members")
def members_of_group(call: Call, group_id: str) -> Reply:
    """The members of a group, in order, with their runs."""
    listing = f"members of {group_id}"
    limit, after = limit_of(call), after_of(call, listing)
    group = system().groups.group(call.user, group_id)
    page = system().group_standings.members(group, limit=limit, after=None if after is None else int(after))
    items = [place_json(place) for place in page.items]
    return Reply(body={"items": items, "next_cursor": cursor_for(call, listing, page.after)})


@endpoint(groups, "POST", "/api/groups/{group_id}/cancel", body=Body.OPTIONAL, scope=Scope.RUN)
def cancel_group(call: Call, group_id: str) -> Reply:
    """End a group that has not ended."""
    schemas.nothing(call.body)
    return _accepted(system().groups.cancel(call.user, group_id))


@endpoint(groups, "POST", "/api/groups/{group_id}/retry", body=Body.OPTIONAL, scope=Scope.RUN)
def retry_group(call: Call, group_id: str) -> Reply:
    """Run those members again that have not succeeded."""
    schemas.nothing(call.body)
    return _accepted(system().groups.retry(call.user, group_id))


def _accepted(group: Group, **headers: str) -> Reply:
    return Reply(status=202, body=_shown(group), headers=headers)


def _shown(group: Group) -> dict[str, object]:
    return group_json(group, system().group_standings.progress(group))
