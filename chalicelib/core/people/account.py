"""Accounts: who somebody is, how they prove it, and what they may do."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import Any


class Role(enum.StrEnum):
    """What an account may do beyond its own tasks."""

    ADMIN = "admin"
    """Sees and does everything, and says who else may what. The first account is one; an admin makes others."""
    MEMBER = "member"
    """Has its own tasks only."""


class Scope(enum.StrEnum):
    """What a token is good for. Each stands for itself, but who may write may read."""

    READ = "read"
    """Look at one's tasks, runs and calendars."""
    RUN = "run"
    """Start, cancel, retry, backfill and skip."""
    WRITE = "write"
    """Define, change and delete; make tokens that can do no more than this one."""
    ADMIN = "admin"
    """Do what the account may do as an admin; without it, an admin's token reaches no further than a member's."""


class TokenKind(enum.StrEnum):
    """What a token is used for. A token's id begins with its kind's letter."""

    LOGIN = "l"
    """Given to who registers or logs in by the API. For the Authorization header."""
    NAMED = "t"
    """Made by its owner for a script, with a name and scopes of its own. For the Authorization header."""
    SESSION = "s"
    """Given to a browser that registers or logs in. For the cookie, and good for nothing else."""


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody with an account. `password_hash` says itself how it was made.

    `epoch` counts how often everything that was logged in was logged out; `version` the changes of the account.
    """

    id: str
    username: str
    email: str
    role: Role
    can_run_commands: bool
    password_hash: str
    created_at: datetime
    can_call_aws: bool = False
    epoch: int = 0
    version: int = 1

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def scopes(self) -> frozenset[Scope]:
        """All that this account could give a token."""
        return frozenset(Scope) if self.is_admin else frozenset(Scope) - {Scope.ADMIN}

    def changed(self, **changes: Any) -> User:
        """This account, one version on."""
        return replace(self, version=self.version + 1, **changes)


def may_see(caller: User, owner: str) -> bool:
    """Whether somebody may see, and act on, what belongs to an account: its owner may, and an admin."""
    return caller.id == owner or caller.is_admin


@dataclass(frozen=True, kw_only=True)
class Overlapping:
    """A secret that was replaced, and until when it still counts."""

    digest: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Token:
    """Proof of an earlier log-in. Of its text only the SHA-256 is kept; `id` names it and proves nothing.

    `expires_at` None: never. `epoch` is that of the account when it was given out; None for those that a change of the
    password leaves alone. `name` and `last_used_at` are those of named ones.
    """

    id: str
    owner: str
    digest: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    epoch: int | None = None
    name: str = ""
    last_used_at: datetime | None = None
    previous: Overlapping | None = None

    @property
    def kind(self) -> TokenKind:
        return TokenKind(self.id[0])

    def proven_by(self, digest: str, now: datetime) -> Token | None:
        """This token as far as a secret with this digest carries it: one that was replaced, until the overlap's end."""
        old = self.previous
        if compare_digest(digest, self.digest):
            found = self
        elif old is not None and compare_digest(digest, old.digest):
            found = replace(self, expires_at=old.until if self.expires_at is None else min(old.until, self.expires_at))
        else:
            return None
        return None if found.expires_at is not None and found.expires_at <= now else found

    def reaches(self, user: User) -> frozenset[Scope]:
        """What it is good for as things stand: no token has more than its account."""
        implied = {Scope.READ} if Scope.WRITE in self.scopes else set()
        return (self.scopes | implied) & user.scopes


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Leave to make one account, whatever the registration's mode, with what that account is granted from the start.

    Of its text only the SHA-256 is kept. `used_by` is the account that was made with it.
    """

    id: str
    digest: str
    invited_by: str
    can_run_commands: bool
    can_call_aws: bool
    created_at: datetime
    expires_at: datetime
    used_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered to a request that carried an idempotency key. `digest` is the request's; an answer that is
    still being made has status 0, one whose making broke off has status 1. `begun_at` is when that first began."""

    key: str
    digest: str
    status: int
    begun_at: datetime
    body: str
    headers: dict[str, str]
