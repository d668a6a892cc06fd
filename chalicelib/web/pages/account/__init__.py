"""Pages of who is here, and of what is theirs beside tasks."""

from chalicelib.web.pages.account import (
    audit,
    calendars,
    entering,
    members,
    password,
    secrets,
    settings,
    tokens,
)

MODULES = (entering, password, settings, calendars, secrets, tokens, members, audit)
