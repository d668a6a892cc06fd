"""Nowhere: an address of one part at which there is nothing. Who typed it gets a page, a script a problem."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.core.errors import NotFound
from chalicelib.web.frame.problems import refusal
from chalicelib.web.pages.responses import prefers_page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

NOTHING = "there is nothing at this address"


def show(visit: Visit, page: str) -> Response:
    """That there is nothing."""
    error = NotFound(NOTHING)
    if prefers_page(visit):
        raise error
    return refusal(error, visit.request)


ROUTES = (Route(path="/{page}", get=show, public=True),)
