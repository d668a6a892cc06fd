"""Shapes of what is sent about accounts: registering, logging in, passwords, tokens and invitations.

Each field's description completes the sentence "must be …".
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.people.account import Role, Scope
from chalicelib.web.checks.shapes.values import WEEK, Instant, Name

EMAIL = r"^[^@\s\x00-\x1f\x7f-\x9f]{1,64}@[^@\s\x00-\x1f\x7f-\x9f.]+(\.[^@\s\x00-\x1f\x7f-\x9f.]+)*\Z"
"""A local part, an @, and names between dots: whether it can be written to is only known by writing to it."""
Password = Annotated[str, Meta(min_length=10, max_length=256, description="10 to 256 characters")]
Switch = Annotated[bool, Meta(description="true or false")]


class Registration(Struct, forbid_unknown_fields=True):
    """A new account. An `invitation` lets somebody in where registration is closed."""

    username: Annotated[
        str,
        Meta(
            min_length=3,
            max_length=64,
            pattern=r"^[A-Za-z0-9._@-]*\Z",
            description="3 to 64 of letters, digits and . _ - @",
        ),
    ]
    password: Password
    email: Annotated[
        str,
        Meta(max_length=254, pattern=EMAIL, description="an e-mail address"),
    ]
    invitation: Annotated[str, Meta(max_length=256, description="the text of an invitation")] | UnsetType = UNSET


class Credentials(Struct, forbid_unknown_fields=True):
    """Who logs in."""

    username: Annotated[str, Meta(max_length=64, description="a text of up to 64 characters")]
    password: Annotated[str, Meta(max_length=256, description="a text of up to 256 characters")]


class PasswordChange(Struct, forbid_unknown_fields=True):
    """Another password for who knows the current one."""

    current: Annotated[str, Meta(max_length=256, description="a text of up to 256 characters")]
    new: Password


class NewToken(Struct, forbid_unknown_fields=True):
    """A token for a script: without `expires_at`, or with null, it does not end by itself."""

    name: Name
    scopes: Annotated[
        list[Annotated[Scope, Meta(description=f"one of {', '.join(Scope)}")]],
        Meta(min_length=1, max_length=len(Scope), description=f"a list of one or more of {', '.join(Scope)}"),
    ]
    expires_at: Instant | None = None


class Rotation(Struct, forbid_unknown_fields=True):
    """For how long the secret that is replaced still counts."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=WEEK, description="a whole number from 0 to 604,800")] = 3600


class NewInvitation(Struct, forbid_unknown_fields=True):
    """Leave to make one account, with what it may do from the start; without `expires_at` it ends in seven days."""

    can_run_commands: Switch = False
    can_call_aws: Switch = False
    expires_at: Instant | UnsetType = UNSET


class UserChange(Struct, forbid_unknown_fields=True):
    """What an admin changes of an account."""

    role: Annotated[Role, Meta(description=f"one of {', '.join(Role)}")] | UnsetType = UNSET
    can_run_commands: Switch | UnsetType = UNSET
    can_call_aws: Switch | UnsetType = UNSET
