"""The HTTP API: blueprints for app.py to register, and the middleware that goes with them."""

from chalicelib.web.api.alerts import alerts
from chalicelib.web.api.groups import groups
from chalicelib.web.api.people.accounts import accounts
from chalicelib.web.api.people.audit import audit
from chalicelib.web.api.people.tokens import tokens
from chalicelib.web.api.people.users import users
from chalicelib.web.api.public import public
from chalicelib.web.api.runs import runs
from chalicelib.web.api.secrets import secrets
from chalicelib.web.api.tasks.calendars import calendars
from chalicelib.web.api.tasks.in_code import in_code
from chalicelib.web.api.tasks.tasks import tasks
from chalicelib.web.api.tasks.trying import trying
from chalicelib.web.frame.problems import problems_middleware

blueprints = (
    *(public, accounts, tokens, users, tasks, runs, groups, calendars, secrets, trying, in_code),
    *(audit, alerts),
)

__all__ = ["blueprints", "problems_middleware"]
