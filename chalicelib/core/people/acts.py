"""Acts: who did what, from where and when, as the audit log keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=90)
"""How long an act is kept."""
NOBODY = "nobody"
"""Under this stands what was tried in the name of an account that there is not."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a request came from: an address, by what its sender was known (`token`, `session`, `password`; the id of
    the token, where there was one), and what the request is called in answers and logs."""

    source: str
    by: str
    request_id: str
    token_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that was done, or tried. `owner` is whose audit log it stands in; `actor` is the account that did it,
    None where nobody proved to be one. `action` is the route that was asked, `target` what it was asked for."""

    id: str
    at: datetime
    owner: str
    actor: str | None
    actor_name: str | None
    action: str
    target: str
    status: int
    origin: Origin
