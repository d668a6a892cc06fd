"""Choosing the time zone that the pages show."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.web.pages import cookies, zones
from chalicelib.web.pages.cookies import Cookie
from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.responses import redirect
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit, local_path
from chalicelib.web.pages.zones import Choice

A_YEAR_SECONDS = 365 * 24 * 3600
WHERE_TO_NAME_IT = "/settings"


def choose(visit: Visit) -> Response:
    """Remember the choice in this browser, and go back. Who wants a zone of theirs that nobody has named, names it."""
    given = fields(visit)
    wanted = zones.chosen(given.get("choice", ""), given.get("mine", "") or visit.zones.mine)
    unnamed = given.get("choice") == Choice.MINE and not wanted.mine
    back = redirect(visit, local_path(given.get("next")))
    response = (
        redirect(visit, WHERE_TO_NAME_IT, zone="unknown" if given.get("mine") else "unnamed") if unnamed else back
    )
    kept = cookies.written(Cookie.ZONE, visit.system.settings, visit.prefix, wanted.written(), A_YEAR_SECONDS)
    response.headers["Set-Cookie"] = kept
    return response


ROUTES = (Route(path="/zone", post=choose),)
