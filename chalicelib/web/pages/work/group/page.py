"""The page of a group: how far it has come, its members page by page, and what may be done with it."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core.groups.group import Group, GroupState, Member
from chalicelib.core.run import run_id
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import after_of, cursor_for
from chalicelib.web.pages.looks.words import group_look
from chalicelib.web.pages.refreshing import REFRESH_SOON
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

SHOWN = 50
DONE = {
    "cancelled": "The group was cancelled: nothing of it starts any more.",
    "retried": "Those members run again that have not succeeded.",
}


def show(visit: Visit, group_id: str) -> Response:
    """One group. While it runs, it is shown anew by itself."""
    group = visit.system.groups.group(visit.user, group_id)
    call, listing = Call(request=visit.request, session=visit.session), f"group page {group_id}"
    after = after_of(call, listing)
    members = visit.system.group_standings.members(group, limit=SHOWN, after=None if after is None else int(after))
    progress = visit.system.group_standings.progress(group)
    running = group.state is GroupState.RUNNING
    return page(
        visit,
        "work/group.html",
        group=group,
        progress=progress,
        counts=[(group_look(status), number) for status, number in sorted(progress.counts.items())],
        members=[(place, group_look(place.status)) for place in members.items],
        follows=_follows(group),
        first=after is None,
        more=cursor_for(call, listing, members.after),
        notice=DONE.get(visit.query.get("done", "")),
        refresh=REFRESH_SOON if running else None,
        live=running,
    )


def _follows(group: Group) -> list[tuple[str, Member, str | None]]:
    """What follows it, in words, with its run where it has begun."""
    ways = (
        ("When all have succeeded", group.then, group.then_at),
        ("When not", group.on_failure, group.on_failure_at),
    )
    return [
        (when, member, None if due is None else run_id(member.task_id, due)) for when, member, due in ways if member
    ]


def cancel(visit: Visit, group_id: str) -> Response:
    """End a group that has not ended."""
    visit.system.groups.cancel(visit.user, group_id)
    return redirect(visit, f"/group/{group_id}", done="cancelled")


def retry(visit: Visit, group_id: str) -> Response:
    """Run those members again that have not succeeded."""
    visit.system.groups.retry(visit.user, group_id)
    return redirect(visit, f"/group/{group_id}", done="retried")


ROUTES = (
    Route(path="/group/{group_id}", get=show),
    Route(path="/group/{group_id}/cancel", post=cancel),
    Route(path="/group/{group_id}/retry", post=retry),
)
