"""Answers about people: accounts, what lets somebody in, and what was done."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.people.account import Role, Scope
from chalicelib.web.api.document.schema import (
    Schema,
    instant,
    listing,
    number,
    or_null,
    record,
    ref,
    some,
    switch,
    text,
)

_USER = {
    "id": text("its id"),
    "username": text("its name"),
    "email": text("its e-mail address"),
    "role": {"enum": list(Role), "description": "what it may do beyond its own tasks"},
    "can_run_commands": switch("whether its tasks may run commands"),
    "can_call_aws": switch("whether its tasks may call AWS"),
}
_LOGIN = {"token": text("for the Authorization header; shown once"), "expires_at": or_null(instant("when it ends"))}
_TOKEN = {
    "id": text("its id, which proves nothing"),
    "name": text("what it is for"),
    "scopes": some({"enum": list(Scope)}, "what it is good for"),
    "created_at": instant("when it was made"),
    "expires_at": or_null(instant("when it ends; null: never")),
    "last_used_at": or_null(instant("when it was last used, to the hour")),
    "previous_valid_until": or_null(instant("until when its former text still counts")),
}
_INVITATION = {
    "id": text("its id, which lets nobody in"),
    "invited_by": text("the id of the admin who made it"),
    "can_run_commands": switch("whether the account's tasks may run commands"),
    "can_call_aws": switch("whether the account's tasks may call AWS"),
    "created_at": instant("when it was made"),
    "expires_at": instant("when it ends"),
    "used_by": or_null(text("the id of the account that was made by it")),
}
_ACT = {
    "id": text("its id"),
    "at": instant("when"),
    "owner": text("in whose log it stands"),
    "actor": or_null(record("who did it", {"id": text("its id"), "username": text("its name")})),
    "action": text("the method and the route"),
    "target": or_null(text("what it was done to")),
    "status": number("of the answer"),
    "source": text("the address it came from"),
    "by": text("by what its sender was known: token, session or password"),
    "token_id": or_null(text("which token")),
    "request_id": text("what it is called in logs"),
}
ANSWERS: Mapping[str, Schema] = {
    "User": record("An account as its owner sees it.", _USER),
    "ListedUser": record("An account as admins see it.", {**_USER, "created_at": instant("when it registered")}),
    "UserList": listing("ListedUser"),
    "Registered": record("A new account, logged in.", {"user": ref("User"), **_LOGIN}),
    "Login": record("A token for who knows the password.", _LOGIN),
    "Token": record("A named token, without its text.", _TOKEN),
    "NewTokenText": record(
        "A token with its text, which no other answer has.",
        {**_TOKEN, "token": or_null(text("its text; null where an Idempotency-Key is used again"))},
    ),
    "TokenList": listing("Token"),
    "Invitation": record("Leave to make one account, without its text.", _INVITATION),
    "NewInvitationText": record(
        "An invitation with its text, which no other answer has.",
        {**_INVITATION, "invitation": or_null(text("its text; null where an Idempotency-Key is used again"))},
    ),
    "InvitationList": listing("Invitation"),
    "Act": record("Something that was done, or tried.", _ACT),
    "ActList": listing("Act"),
    "AlertKey": record("The key of one's alerts.", {"key": text("as Standard Webhooks writes it")}),
}
