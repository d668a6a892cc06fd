"""What is answered about people: accounts, what lets somebody in, and what was done."""

from __future__ import annotations

from typing import Literal, TypedDict


class User(TypedDict):
    """An account as its owner sees it."""

    id: str
    username: str
    email: str
    role: Literal["admin", "member"]
    can_run_commands: bool
    can_call_aws: bool


class ListedUser(User):
    """An account as admins see it."""

    created_at: str


class Login(TypedDict):
    """A token for who knows the password."""

    token: str
    expires_at: str | None


class Registered(Login):
    """A new account, logged in."""

    user: User


class Token(TypedDict):
    """A named token, without its text."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    previous_valid_until: str | None


class NewTokenText(Token):
    """A token with its text, which no other answer has. The text is None where the first answer to the request was lost
    on its way: make another then."""

    token: str | None


class Invitation(TypedDict):
    """Leave to make one account, without its text."""

    id: str
    invited_by: str
    can_run_commands: bool
    can_call_aws: bool
    created_at: str
    expires_at: str
    used_by: str | None


class NewInvitationText(Invitation):
    """An invitation with its text, which no other answer has; None as with `NewTokenText`."""

    invitation: str | None


class Act(TypedDict):
    """Something that was done, or tried."""

    id: str
    at: str
    owner: str
    actor: dict[str, str] | None
    action: str
    target: str | None
    status: int
    source: str
    by: str
    token_id: str | None
    request_id: str


class AlertKey(TypedDict):
    """The key with which one's alerts are signed."""

    key: str
