"""Invitations: how an admin lets somebody in where registration is closed. Of each, only a hash is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from chalicelib.core.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import Invitation, User
from chalicelib.engine.requests.ids import new_id
from chalicelib.engine.requests.people.tokens import digest_of
from chalicelib.logs import log
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore

PREFIX = "pci"
LIFETIME, LONGEST_LIFE = timedelta(days=7), timedelta(days=30)
MOST_INVITATIONS = 500
"""Those that were used or have ended count for another thirty days."""


@dataclass(frozen=True, kw_only=True)
class Invited:
    """A new invitation: what is stored of it, and its text, which is shown once."""

    invitation: Invitation
    text: str


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """Invitations of this installation, made and taken back by its admins."""

    store: WholeStore
    clock: Clock

    def invite(
        self,
        caller: User,
        *,
        can_run_commands: bool = False,
        can_call_aws: bool = False,
        expires_at: datetime | None = None,
    ) -> Invited:
        """Leave to make one account within a week, or until another instant of the next thirty days."""
        admins_only(caller)
        now = floor_ms(self.clock.now())
        ends = now + LIFETIME if expires_at is None else expires_at
        if not now < ends <= now + LONGEST_LIFE:
            raise _wrong(f"must lie in the future, at most {LONGEST_LIFE.days} days from now")
        if len(self.store.invitations()) >= MOST_INVITATIONS:
            raise Conflict(f"there are {MOST_INVITATIONS} invitations, which is all there may be: delete some first")
        invitation_id = new_id(now)
        text = f"{PREFIX}_{invitation_id}_{secrets.token_urlsafe(32)}"
        invitation = Invitation(
            id=invitation_id,
            digest=digest_of(text),
            invited_by=caller.id,
            can_run_commands=can_run_commands,
            can_call_aws=can_call_aws,
            created_at=now,
            expires_at=ends,
        )
        self.store.put_invitation(invitation)
        log("invited", admin=caller.id, invitation_id=invitation_id)
        return Invited(invitation=invitation, text=text)

    def invitations(self, caller: User) -> list[Invitation]:
        """All invitations that there are, the oldest first."""
        admins_only(caller)
        return self.store.invitations()

    def take_back(self, caller: User, invitation_id: str) -> None:
        """Nobody gets in by it any more; an account that was made with it stays."""
        admins_only(caller)
        if self.store.invitation(invitation_id) is None:
            raise NotFound("there is no such invitation")
        self.store.delete_invitation(invitation_id)
        log("invitation_taken_back", admin=caller.id, invitation_id=invitation_id)

    def valid(self, text: str) -> Invitation:
        """The invitation that a text is, while it is good; `NotAllowed` for one that is unknown, used or has ended."""
        prefix, _, rest = text.partition("_")
        invitation_id, _, secret = rest.partition("_")
        known = prefix == PREFIX and invitation_id.isalnum() and invitation_id.isascii() and secret
        found = self.store.invitation(invitation_id) if known else None
        if found is None or not compare_digest(found.digest, digest_of(text)):
            raise _refused()
        if found.used_by is not None or found.expires_at <= self.clock.now():
            raise _refused()
        return found


def admins_only(caller: User) -> None:
    """`NotAllowed` for anybody but an admin."""
    if not caller.is_admin:
        raise NotAllowed("only an admin may do this")


def _refused() -> NotAllowed:
    return NotAllowed("this invitation is unknown, used or has ended: ask an admin for another")


def _wrong(detail: str) -> Invalid:
    return Invalid(FieldError(pointer="/expires_at", code="out_of_range", detail=detail))
