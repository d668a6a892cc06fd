"""Accounts: registering, logging in and out, and knowing who is asking."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.account import Role, Token, User
from chalicelib.core.errors import Conflict, NotAllowed, NotAuthenticated
from chalicelib.core.instant import floor_ms
from chalicelib.engine.requests.catalog import new_id
from chalicelib.ports import Clock, Store
from chalicelib.settings import Registration

TOKEN_LIFETIME = timedelta(days=30)
TOKEN_PREFIX = "pct"
SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P = 15, 8, 3
"""About 250 ms and 32 MiB a guess: OWASP's figures for scrypt."""
SCRYPT_MEMORY = 64 * 1024 * 1024


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


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Accounts of this installation."""

    store: Store
    clock: Clock
    registration: Registration

    def register(self, username: str, password: str, email: str) -> Issued:
        """Make an account and log it in. The first one becomes the admin. `Conflict` where the name is taken."""
        if not self._admits(first=not self.store.has_accounts()):
            raise NotAllowed("registration is closed on this installation: ask its admin")
        now, password_hash = floor_ms(self.clock.now()), hash_password(password)
        for first in (True, False):
            user = User(
                id=new_id(now),
                username=username,
                email=email,
                role=Role.ADMIN if first else Role.MEMBER,
                can_run_commands=first or self.registration is Registration.OPEN,
                password_hash=password_hash,
                created_at=now,
            )
            if self._admits(first=first) and self.store.create_user(user, first=first):
                return self._issue(user, now)
        raise Conflict("this name is taken: choose another")

    def _admits(self, *, first: bool) -> bool:
        return self.registration is Registration.OPEN or (self.registration is Registration.FIRST and first)

    def login(self, username: str, password: str) -> Issued:
        """A new token for who knows the password; `NotAuthenticated`, as slowly, for anybody else."""
        user = self.store.user_named(username)
        if not password_matches(password, user.password_hash if user else _NOBODYS_HASH) or user is None:
            raise NotAuthenticated("name or password is wrong")
        return self._issue(user, floor_ms(self.clock.now()))

    def logout(self, session: Session) -> None:
        """The token is dead from the next request on."""
        self.store.delete_token(session.token.owner, session.token.id)

    def authenticate(self, text: str) -> Session:
        """Whose token this is; `NotAuthenticated` for one that is malformed, unknown, expired or revoked."""
        prefix, _, rest = text.partition("_")
        owner, _, secret = rest.partition("_")
        if prefix == TOKEN_PREFIX and owner.isalnum() and owner.isascii() and secret:
            token = self.store.token(owner, _token_id(text))
            user = self.store.user(owner) if token is not None and token.expires_at > self.clock.now() else None
            if token is not None and user is not None:
                return Session(user=user, token=token)
        raise NotAuthenticated("this token is unknown, expired or revoked: log in again")

    def _issue(self, user: User, now: datetime) -> Issued:
        text = f"{TOKEN_PREFIX}_{user.id}_{secrets.token_urlsafe(32)}"
        token = Token(id=_token_id(text), owner=user.id, created_at=now, expires_at=now + TOKEN_LIFETIME)
        self.store.put_token(token)
        return Issued(user=user, token=token, text=text)


def _token_id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hash_password(password: str) -> str:
    """`scrypt$log2 n$r$p$salt$hash`: the parameters are kept, so that they can be raised."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
    return f"scrypt${SCRYPT_LOG_N}${SCRYPT_R}${SCRYPT_P}${_text(salt)}${_text(digest)}"


def password_matches(password: str, stored: str) -> bool:
    """Whether a password is the one that was hashed; takes as long either way."""
    _, log_n, r, p, salt, digest = stored.split("$")
    own = _scrypt(password, base64.b64decode(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(own, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**log_n, r=r, p=p, maxmem=SCRYPT_MEMORY, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


_NOBODYS_HASH = f"scrypt${SCRYPT_LOG_N}${SCRYPT_R}${SCRYPT_P}${_text(bytes(16))}${_text(bytes(32))}"
"""Compared with when a name is unknown, so that an unknown name takes as long as a wrong password."""
