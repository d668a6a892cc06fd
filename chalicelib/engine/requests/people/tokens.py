"""Tokens: how a request proves whose it is, and what it may do. Of each, only a hash is kept.

A token's text is `<prefix>_<account id>_<token id>_<256 random bits>`. The ids make it one read; they prove nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.errors import (
    Conflict,
    FieldError,
    InsufficientScope,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import Overlapping, Role, Scope, Token, TokenKind, User
from chalicelib.engine.requests.ids import new_id
from chalicelib.logs import log
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore

LOGIN_LIFETIME = timedelta(days=30)
LONGEST_LIFE = timedelta(days=366)
"""Of a named token that ends at all."""
MOST_NAMED = 100
USE_NOTED_EVERY = timedelta(hours=1)
"""A write for every request would cost more than the request."""
DEFAULT_OVERLAP, LONGEST_OVERLAP = timedelta(hours=1), timedelta(days=7)
PREFIXES = {TokenKind.LOGIN: "pct", TokenKind.NAMED: "pct", TokenKind.SESSION: "pcs"}
"""What is in a header and what is in a cookie look different, and neither is taken for the other."""
FOR_HEADERS = frozenset({TokenKind.LOGIN, TokenKind.NAMED})
FOR_COOKIES = frozenset({TokenKind.SESSION})


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new token: what is stored of it, and its text, which is shown once."""

    user: User
    token: Token
    text: str


@dataclass(frozen=True, kw_only=True)
class Session:
    """Who is asking, and by which token."""

    user: User
    token: Token

    @property
    def scopes(self) -> frozenset[Scope]:
        return self.token.reaches(self.user)

    @property
    def caller(self) -> User:
        """The account as far as the token reaches: an admin only where it has that scope."""
        return self.user if Scope.ADMIN in self.scopes else replace(self.user, role=Role.MEMBER)

    def require(self, scope: Scope) -> None:
        """`NotAllowed` where the account, or `InsufficientScope` where the token, is not good for something."""
        if scope not in self.user.scopes:
            raise NotAllowed("only an admin may do this")
        if scope not in self.scopes:
            raise InsufficientScope(scope)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Tokens of this installation."""

    store: WholeStore
    clock: Clock

    def authenticate(self, text: str, kinds: AbstractSet[TokenKind] = FOR_HEADERS) -> Session:
        """Whose token this is; `NotAuthenticated` for one that is malformed, of another kind, unknown, expired or
        revoked."""
        now = floor_ms(self.clock.now())
        token = self._proven(text, kinds, now)
        user = None if token is None else self.store.user(token.owner)
        if token is None or user is None or token.epoch not in (None, user.epoch):
            raise NotAuthenticated("this token is unknown, expired or revoked: log in again")
        self._note_use(token, now)
        return Session(user=user, token=token)

    def _proven(self, text: str, kinds: AbstractSet[TokenKind], now: datetime) -> Token | None:
        prefix, *ids, secret = text.split("_", 3) if text.count("_") >= 3 else ("", "", "", "")
        owner, token_id = ids
        if not secret or not all(each.isalnum() and each.isascii() for each in ids):
            return None
        if not any(token_id.startswith(kind) and prefix == PREFIXES[kind] for kind in kinds):
            return None
        token = self.store.token(owner, token_id)
        return None if token is None else token.proven_by(digest_of(text), now)

    def _note_use(self, token: Token, now: datetime) -> None:
        """At most once an hour, and never so that a request fails for it."""
        used = token.last_used_at
        if token.kind is TokenKind.NAMED and (used is None or now - used >= USE_NOTED_EVERY):
            with suppress(Unavailable):
                self.store.note_use(token.owner, token.id, now)

    def issue(self, user: User, kind: TokenKind) -> Issued:
        """A token for who has just proved who they are, good for all that the account may do."""
        now = floor_ms(self.clock.now())
        return self._put(user, kind, now, scopes=frozenset(Scope), expires_at=now + LOGIN_LIFETIME, epoch=user.epoch)

    def end(self, session: Session) -> None:
        """The token is dead from the next request on."""
        self.store.delete_token(session.token.owner, session.token.id)

    def named(self, session: Session) -> list[Token]:
        """The caller's named tokens, the oldest first."""
        return self.store.tokens_of(session.user.id, TokenKind.NAMED)

    def create(
        self, session: Session, name: str, scopes: AbstractSet[Scope], expires_at: datetime | None = None
    ) -> Issued:
        """A named token for a script, which can do no more, and no longer, than the token that asks for it."""
        now = floor_ms(self.clock.now())
        if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
            raise _wrong("out_of_range", f"must lie in the future, at most {LONGEST_LIFE.days} days from now")
        for scope in sorted(scopes):
            session.require(scope)
        if _outlives(expires_at, session):
            raise _wrong("outlives", "must not lie after the end of the token that this request carries")
        if len(self.named(session)) >= MOST_NAMED:
            raise Conflict(f"this account has {MOST_NAMED} named tokens, which is all it may have: delete one first")
        issued = self._put(
            session.user, TokenKind.NAMED, now, scopes=frozenset(scopes), expires_at=expires_at, name=name
        )
        log("token_created", owner=session.user.id, token_id=issued.token.id, scopes=sorted(scopes))
        return issued

    def rotate(self, session: Session, token_id: str, overlap: timedelta = DEFAULT_OVERLAP) -> Issued:
        """Another secret for a named token. The one before counts for the overlap; one that was before that is dead."""
        known, now = self._own(session, token_id), floor_ms(self.clock.now())
        scopes = known.scopes & session.user.scopes  # an admin's who is none any more does not come back
        for scope in sorted(scopes):
            session.require(scope)
        if _outlives(known.expires_at, session):
            raise NotAllowed("the token that this request carries ends before the one that it would renew")
        if known.expires_at is not None and known.expires_at <= now:
            raise Conflict("this token has expired: make another")
        text = _new_text(session.user, known.id)
        old = Overlapping(digest=known.digest, until=now + overlap)
        token = replace(known, scopes=scopes, digest=digest_of(text), previous=old)
        if not self.store.replace_token(token, digest=known.digest):
            raise Conflict("this token was rotated or deleted at this very moment: look again")
        log("token_rotated", owner=session.user.id, token_id=token.id)
        return Issued(user=session.user, token=token, text=text)

    def revoke(self, session: Session, token_id: str) -> None:
        """A named token is dead from the next request on, its earlier secret too."""
        self.store.delete_token(session.user.id, self._own(session, token_id).id)
        log("token_revoked", owner=session.user.id, token_id=token_id)

    def _own(self, session: Session, token_id: str) -> Token:
        is_named = token_id.startswith(TokenKind.NAMED)
        token = self.store.token(session.user.id, token_id) if is_named else None
        if token is None:
            raise NotFound("there is no such token")
        return token

    def _put(
        self,
        user: User,
        kind: TokenKind,
        now: datetime,
        *,
        scopes: frozenset[Scope],
        expires_at: datetime | None,
        epoch: int | None = None,
        name: str = "",
    ) -> Issued:
        token_id = kind + new_id(now)
        text = _new_text(user, token_id)
        token = Token(
            id=token_id,
            owner=user.id,
            digest=digest_of(text),
            scopes=scopes,
            created_at=now,
            expires_at=expires_at,
            epoch=epoch,
            name=name,
        )
        self.store.put_token(token)
        return Issued(user=user, token=token, text=text)


def _outlives(expires_at: datetime | None, session: Session) -> bool:
    """Whether something that ends then would outlive the token that asks for it. Who logged in knows the password, and
    may ask for what lasts longer."""
    own = session.token
    if own.kind is not TokenKind.NAMED or own.expires_at is None:
        return False
    return expires_at is None or expires_at > own.expires_at


def digest_of(text: str) -> str:
    """What is kept of a secret text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _new_text(user: User, token_id: str) -> str:
    prefix = PREFIXES[TokenKind(token_id[0])]
    return f"{prefix}_{user.id}_{token_id}_{secrets.token_urlsafe(32)}"


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid(FieldError(pointer="/expires_at", code=code, detail=detail))
