"""The API reference: the OpenAPI document for people. Whatever the document says is here; nothing is written twice."""

from __future__ import annotations

from functools import lru_cache

from chalice.app import Response

from chalicelib.web.api.document.openapi import document
from chalicelib.web.api.public import VERSION
from chalicelib.web.pages.about.described import Reference, described
from chalicelib.web.pages.responses import page
from chalicelib.web.pages.route import Route
from chalicelib.web.pages.visit import Visit

OPENED = 5
"""So many operations or fewer are shown unfolded."""


def show(visit: Visit) -> Response:
    """Every operation and every schema, or those that were looked for."""
    words = visit.query.get("q", "")[:200]
    whole = _described(visit.address("").rstrip("/"))
    found = whole.about(words)
    return page(
        visit,
        "about/reference.html",
        reference=found,
        count=len(whole.operations),
        opened=len(found.operations) <= OPENED,
        typed={"q": words},
    )


@lru_cache(maxsize=8)
def _described(base: str) -> Reference:
    """Made once for each address that the API is asked at."""
    return described(document(VERSION), base)


ROUTES = (Route(path="/reference", get=show, public=True),)
