"""Accounts: registering, logging in and out, who one is, and one's password."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.web import entering, schemas
from chalicelib.web.frame.endpoint import PUBLIC, WITH_ANY_TOKEN, Body, Call, Reply, endpoint
from chalicelib.web.rendering import issued_json, user_json

accounts = Blueprint(__name__)


@endpoint(accounts, "POST", "/api/register", admission=PUBLIC, body=Body.REQUIRED)
def register(call: Call) -> Reply:
    """Make an account and log it in."""
    given = schemas.registration(call.body)
    issued = entering.register(
        call.request,
        lambda: system().accounts.register(
            given["username"], given["password"], given["email"], invitation=given.get("invitation")
        ),
    )
    body = {"user": user_json(issued.user)} | issued_json(issued)
    return Reply(body=body, status=201, headers={"Location": call.link("/api/me")})


@endpoint(accounts, "POST", "/api/login", admission=PUBLIC, body=Body.REQUIRED)
def login(call: Call) -> Reply:
    """A token for who knows the password."""
    given = schemas.credentials(call.body)
    issued = entering.log_in(
        call.request, given["username"], lambda: system().accounts.login(given["username"], given["password"])
    )
    return Reply(body=issued_json(issued))


@endpoint(accounts, "POST", "/api/logout", admission=WITH_ANY_TOKEN)
def logout(call: Call) -> Reply:
    """The token that this request carries is dead afterwards."""
    system().tokens.end(call.authenticated)
    return Reply(status=204)


@endpoint(accounts, "GET", "/api/me")
def me(call: Call) -> Reply:
    """Who the token belongs to."""
    return Reply(body=user_json(call.authenticated.user))


@endpoint(accounts, "POST", "/api/password", body=Body.REQUIRED, keyed=False)
def change_password(call: Call) -> Reply:
    """Another password; everything that was logged in is logged out, and this answer has a fresh token."""
    given = schemas.password(call.body, call.user.username)
    issued = entering.show_password(
        call.request,
        call.user.username,
        lambda: system().accounts.change_password(call.authenticated, given["current"], given["new"]),
    )
    return Reply(body=issued_json(issued))
