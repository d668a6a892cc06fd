"""Accounts: registering, logging in, changing the password, and what admins do with the accounts of others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.errors import (
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
    WrongPassword,
)
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import Invitation, Role, TokenKind, User
from chalicelib.engine.requests.acting import acted
from chalicelib.engine.requests.ids import new_id
from chalicelib.engine.requests.people.invitations import Invitations, admins_only
from chalicelib.engine.requests.people.passwords import NOBODYS_HASH, hash_password, is_weak, password_matches
from chalicelib.engine.requests.people.tokens import Issued, Session, Tokens
from chalicelib.logs import log
from chalicelib.ports import Clock, Page
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Registration

TRIES = 20
"""An account that others change at the same time is changed again this often."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What an admin changes of an account; None leaves it as it is."""

    role: Role | None = None
    can_run_commands: bool | None = None
    can_call_aws: bool | None = None

    def of(self, user: User) -> User:
        """The account as changed; the very same one where nothing changes."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return user if all(getattr(user, name) == value for name, value in given.items()) else user.changed(**given)


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Accounts of this installation."""

    store: WholeStore
    clock: Clock
    registration: Registration
    tokens: Tokens
    invitations: Invitations
    joined: Callable[[User], None] = lambda user: None
    """Told of each account that is made."""

    def register(
        self,
        username: str,
        password: str,
        email: str,
        *,
        invitation: str | None = None,
        kind: TokenKind = TokenKind.LOGIN,
    ) -> Issued:
        """Make an account and log it in. The first one becomes the admin. `Conflict` where the name is taken.

        An invitation lets somebody in whatever the mode, once: of two who use it at the same time, one gets in.
        """
        invited = None if invitation is None else self.invitations.valid(invitation)
        if invited is None and not self._admits(first=not self.store.has_accounts()):
            raise NotAllowed("registration is closed on this installation: ask its admin for an invitation")
        now, password_hash = floor_ms(self.clock.now()), hash_password(password)
        for first in (True, False) if invited is None else (False,):
            user = self._new(username, email, password_hash, now, first=first, invited=invited)
            admitted = invited is not None or self._admits(first=first)
            if admitted and self.store.create_user(user, first=first, invitation=invited):
                self.joined(user)
                return self.tokens.issue(user, kind)
        if invitation is not None:
            self.invitations.valid(invitation)
        raise Conflict("this name is taken: choose another")

    def _new(
        self, username: str, email: str, password_hash: str, now: datetime, *, first: bool, invited: Invitation | None
    ) -> User:
        open_to_all = self.registration is Registration.OPEN
        return User(
            id=new_id(now),
            username=username,
            email=email,
            role=Role.ADMIN if first else Role.MEMBER,
            can_run_commands=first or open_to_all or (invited is not None and invited.can_run_commands),
            can_call_aws=first or (invited is not None and invited.can_call_aws),
            password_hash=password_hash,
            created_at=now,
        )

    def _admits(self, *, first: bool) -> bool:
        return self.registration is Registration.OPEN or (self.registration is Registration.FIRST and first)

    def login(self, username: str, password: str, *, kind: TokenKind = TokenKind.LOGIN) -> Issued:
        """A new token for who knows the password; `NotAuthenticated`, as slowly, for anybody else."""
        user = self.store.user_named(username)
        if not password_matches(password, user.password_hash if user else NOBODYS_HASH) or user is None:
            raise NotAuthenticated("name or password is wrong")
        if is_weak(user.password_hash):
            self._hash_anew(user, password)
        return self.tokens.issue(user, kind)

    def _hash_anew(self, user: User, password: str) -> None:
        """As today's parameters want it; where that does not succeed, the next log-in tries."""
        with suppress(Unavailable):
            stronger = self.store.replace_user(user.changed(password_hash=hash_password(password)))
            log("password_hashed_anew", owner=user.id, written=stronger)

    def change_password(self, session: Session, current: str, new: str) -> Issued:
        """Another password. Everything that was logged in by the old one is logged out, in the very same write; who
        asks gets a fresh token. Named tokens stay: they are no log-ins, and are revoked one by one."""
        user = session.user
        if session.token.kind is TokenKind.NAMED:
            raise NotAllowed("a named token may not change the password: log in with the password first")
        if not password_matches(current, user.password_hash):
            detail = "is not the password of this account"
            raise WrongPassword(FieldError(pointer="/current", code="wrong_password", detail=detail))
        if current == new:
            raise _wrong("/new", "unchanged", "must be another than the current one")
        changed = user.changed(password_hash=hash_password(new), epoch=user.epoch + 1)
        if not self.store.replace_user(changed):
            raise Conflict("this account was changed by somebody else at this very moment: try again")
        log("password_changed", owner=user.id)
        return self.tokens.issue(changed, session.token.kind)

    def users(self, caller: User, *, limit: int, after: str | None = None) -> Page[User]:
        """All accounts, in the order in which they registered. For admins."""
        admins_only(caller)
        return self.store.users(limit=limit, after=after)

    def user(self, caller: User, user_id: str) -> User:
        """One account. For admins."""
        admins_only(caller)
        found = self.store.user(user_id)
        if found is None:
            raise NotFound("there is no such user")
        return found

    def change_user(self, caller: User, user_id: str, changes: Changes) -> User:
        """Give an account another role or other rights. For admins. `Conflict` where no admin would be left.

        It counts from the next request on; a command or an AWS call that the account may not make any more is refused
        when its run starts.
        """
        for _ in range(TRIES):
            known = self.user(caller, user_id)
            new = changes.of(known)
            if new is known:
                return known
            if self.store.replace_user(new, admins=self._all_admins(known, new)):
                acted(caller, user_id, "change_user", user_id)
                log("user_changed", logging.WARNING, admin=caller.id, user_id=user_id, role=str(new.role))
                return new
        raise Conflict("this account is being changed by others all the time: try again")

    def _all_admins(self, known: User, new: User) -> tuple[frozenset[str], frozenset[str]] | None:
        """All admins before and after a change; None where it does not concern them."""
        if new.role is known.role:
            return None
        before = self.store.admins()
        after = before | {new.id} if new.is_admin else before - {new.id}
        if not after:
            raise Conflict("this is the last admin: make somebody else an admin first")
        return before, after


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(FieldError(pointer=pointer, code=code, detail=detail))
