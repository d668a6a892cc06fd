"""Dead letters: runs whose messages nobody could handle, and trying them again."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.engine.requests.control import MOST_REDRIVEN
from chalicelib.web.frame.endpoint import Call
from chalicelib.web.frame.paging import after_of, cursor_for
from chalicelib.web.pages.about.queues import asked_queues
from chalicelib.web.pages.responses import page, redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

HERE, LISTING = "/dead-letters", "dead letters page"
RUNS_SHOWN = 50


def show(visit: Visit) -> Response:
    """The caller's runs that ended like that, newest first; an admin also sees what the queues hold right now."""
    call = Call(request=visit.request, session=visit.session)
    after = after_of(call, LISTING)
    found = visit.system.reports.undelivered(visit.user, limit=RUNS_SHOWN, after=after)
    return page(
        visit,
        "about/dead_letters.html",
        runs=found.items,
        older=cursor_for(call, LISTING, found.after),
        later_page=after is not None,
        queues=asked_queues(visit) if visit.user.is_admin else None,
        most=MOST_REDRIVEN,
        notice=_notice(visit),
    )


def _notice(visit: Visit) -> str | None:
    if visit.query.get("done") != "redriven":
        return None
    count = visit.query.get("count", "")
    number = int(count) if count.isdecimal() and count.isascii() and len(count) <= len(str(MOST_REDRIVEN)) else 0
    if not number:
        return "None could be tried again: their tasks are gone, or may not do what they do any more."
    return f"{number} run{'s are' if number > 1 else ' is'} queued for another attempt."


def redrive(visit: Visit) -> Response:
    """Try the caller's dead letters again, as many as one request can."""
    redriven = visit.system.control.redrive(visit.user)
    return redirect(visit, HERE, done="redriven", count=str(len(redriven)))


ROUTES = (Route(path=HERE, get=show, post=redrive),)
