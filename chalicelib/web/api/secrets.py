"""Secrets: values that tasks name. They are given, and never shown again."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.core.errors import FieldError, Invalid, NotFound
from chalicelib.core.instant import to_text
from chalicelib.core.secrets.naming import NAME, RIGHT_NAME
from chalicelib.web import schemas
from chalicelib.web.frame.endpoint import Body, Call, Reply, endpoint

secrets = Blueprint(__name__)


@endpoint(secrets, "GET", "/api/secrets")
def list_secrets(call: Call) -> Reply:
    """The names of the caller's secrets, and when each was given its value."""
    kept = system().secrets.names(call.user)
    items = [{"name": one.name, "updated_at": to_text(one.updated_at)} for one in kept]
    return Reply(body={"items": items, "next_cursor": None})


@endpoint(secrets, "PUT", "/api/secrets/{name}", body=Body.REQUIRED)
def put_secret(call: Call, name: str) -> Reply:
    """Give a secret its value."""
    if NAME.fullmatch(name) is None:
        raise Invalid(FieldError(pointer="/name", code="wrong_form", detail=RIGHT_NAME))
    system().secrets.put(call.user, name, schemas.secret(call.body)["value"])
    return Reply(status=204)


@endpoint(secrets, "DELETE", "/api/secrets/{name}")
def delete_secret(call: Call, name: str) -> Reply:
    """Delete a secret that no task names."""
    if NAME.fullmatch(name) is None:
        raise NotFound("there is no such secret")
    system().secrets.delete(call.user, name)
    return Reply(status=204)
