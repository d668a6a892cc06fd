"""Refreshing: when a page asks again, and how it learns that nothing has changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from markupsafe import escape

from chalicelib.core.run import FINAL, Run
from chalicelib.web.pages.visit import Visit

SOON = timedelta(minutes=1)
REFRESH_SOON, REFRESH_LATER = 5, 30
"""Seconds until a page without scripts asks again: often while something is about to happen, rarely otherwise."""
_MOVING = re.compile(r"<[^<>]*\sdata-moving\b[^<>]*>[^<]*")
"""A tag that says that its text moves by itself, with that text."""

_OWN_TAG = '<meta name="etag" data-moving content="{}">'


def refresh_seconds(visit: Visit, due_times: Iterable[datetime | None], runs: Iterable[Run | None]) -> int | None:
    """In how many seconds a page should ask again; None where nothing can change, or who looks has switched it off."""
    due_times, runs = list(due_times), list(runs)
    if visit.query.get("refresh") == "off" or not (due_times or runs):
        return None
    soon = any(due is not None and due < visit.now + SOON for due in due_times)
    busy = any(run is not None and run.status not in FINAL for run in runs)
    return REFRESH_SOON if soon or busy else REFRESH_LATER


def page_etag(html: str) -> str:
    """A weak tag of what a page says; what moves by itself, like "in 30 s", has no part in it.

    >>> one, later = ("<p>due <b data-moving>in 30 s</b></p>", "<p>due <b data-moving>in 25 s</b></p>")
    >>> page_etag(one) == page_etag(later), page_etag(one) == page_etag("<p>done</p>")
    (True, False)
    """
    still = _MOVING.sub("", html)
    return f'W/"{hashlib.sha256(still.encode("utf-8", "replace")).hexdigest()[:24]}"'


def with_etag(html: str, etag: str) -> str:
    """The page with its own tag in its head, for the script that asks again: a script cannot see the headers that a
    page came with. The place for it is one that moves, so that the tag stays what it is.

    >>> page = '<meta name="etag" data-moving content="">'
    >>> with_etag(page, 'W/"a"'), page_etag(with_etag(page, 'W/"a"')) == page_etag(page)
    ('<meta name="etag" data-moving content="W/&#34;a&#34;">', True)
    """
    return html.replace(_OWN_TAG.format(""), _OWN_TAG.format(escape(etag)), 1)


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether a browser says that it has what an ETag stands for.

    >>> is_known('W/"a"', 'W/"b", W/"a"'), is_known('W/"a"', None)
    (True, False)
    """
    return etag in (tag.strip() for tag in (if_none_match or "").split(","))
