"""Proof that a form was made for who sends it: no other site can read it, so none can send one in their name.

The proof is an HMAC of something secret that the browser has in a cookie out of reach of scripts: the session's token,
or a random text while nobody is logged in. Nothing is stored, and a session that ends takes its forms with it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping

from chalicelib.web.pages.forms.body import fields
from chalicelib.web.pages.visit import Visit

FIELD = "csrf_token"
PURPOSE = b"punctual: a form of this browser"
_STALE = (
    "this form was made for an earlier visit, so nothing was done: you have logged in or out since then, "
    "or your browser keeps no cookies"
)
SAY_IT_AGAIN = f"{_STALE[0].upper()}{_STALE[1:]}. Look through it, and send it again."
DO_IT_AGAIN = f"{_STALE}. Go back to the page, and do it again"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """For a browser of which nobody is logged in: 256 random bits."""
    return secrets.token_urlsafe(32)


def is_secret(text: str | None) -> bool:
    """Whether a cookie holds what `new_secret` makes."""
    return text is not None and _SECRET.fullmatch(text) is not None


def token_of(visit: Visit) -> str:
    """What the forms on a page for this visitor carry."""
    return hmac.new(visit.secret.encode(), PURPOSE, "sha256").hexdigest()


def is_from_browser(headers: Mapping[str, str]) -> bool:
    """Whether a request has any mark of a browser.

    Every browser since 2019 sends an Origin with a form of another site, and no site can make it leave that out. So
    what has none of these headers is no browser's, and borrows nobody's cookie.
    """
    return any(name.lower() in ("origin", "referer") or name.lower().startswith("sec-") for name in headers)


def is_proven(visit: Visit) -> bool:
    """Whether what was sent is a form that was made for this visitor, or comes from what is no browser."""
    if not is_from_browser(visit.headers):
        return True
    given = fields(visit).get(FIELD, "")
    return bool(visit.secret) and hmac.compare_digest(given.encode(), token_of(visit).encode())
