"""Accounts: registering, logging in and out, and who one is."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap import system
from chalicelib.core.instant import to_text
from chalicelib.web import entering, schemas
from chalicelib.web.endpoint import Body, Call, Reply, endpoint
from chalicelib.web.rendering import user_json

accounts = Blueprint(__name__)


@endpoint(accounts, "POST", "/api/register", public=True, body=Body.REQUIRED)
def register(call: Call) -> Reply:
    """Make an account and log it in."""
    given = schemas.registration(call.body)
    issued = entering.register(
        call.request,
        lambda: system().accounts.register(given["username"], given["password"], given["email"]),
    )
    expires = to_text(issued.token.expires_at)
    body = {"user": user_json(issued.user), "token": issued.text, "expires_at": expires}
    return Reply(body=body, status=201, headers={"Location": call.link("/api/me")})


@endpoint(accounts, "POST", "/api/login", public=True, body=Body.REQUIRED)
def login(call: Call) -> Reply:
    """A token for who knows the password."""
    given = schemas.credentials(call.body)
    issued = entering.log_in(
        call.request, given["username"], lambda: system().accounts.login(given["username"], given["password"])
    )
    return Reply(body={"token": issued.text, "expires_at": to_text(issued.token.expires_at)})


@endpoint(accounts, "POST", "/api/logout", body=Body.NONE)
def logout(call: Call) -> Reply:
    """The token that this request carries is dead afterwards."""
    system().accounts.logout(call.authenticated)
    return Reply(status=204)


@endpoint(accounts, "GET", "/api/me")
def me(call: Call) -> Reply:
    """Who the token belongs to."""
    return Reply(body=user_json(call.user))
