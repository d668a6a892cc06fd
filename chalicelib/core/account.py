"""Accounts: who somebody is, and how they prove it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Role(enum.StrEnum):
    """What an account may do beyond its own tasks."""

    ADMIN = "admin"
    MEMBER = "member"


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody with an account. `password_hash` says itself how it was made."""

    id: str
    username: str
    email: str
    role: Role
    can_run_commands: bool
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Token:
    """Proof of an earlier log-in. Only the hash of its secret is kept; `id` is that hash."""

    id: str
    owner: str
    created_at: datetime
    expires_at: datetime


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
