"""The table `accounts`: what an owner is known by, may do, has asked for and has done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.in_code import Kept
from chalicelib.core.people.account import Answer, Invitation, Token, TokenKind, User
from chalicelib.core.people.acts import Act
from chalicelib.core.people.rates import Counter
from chalicelib.core.people.usage import Usage
from chalicelib.ports.values import Page


class Users(Protocol):
    """Accounts, in the table `accounts`. Reads are strongly consistent."""

    def create_user(self, user: User, *, first: bool = False, invitation: Invitation | None = None) -> bool:
        """Write a user under a name that nobody has (without regard to case), both or neither. False: taken.
        `first` asks for an installation without any account: False when there is one. `invitation` is used up with it:
        False where it was before, has ended by the user's creation, or is gone."""

    def replace_user(self, user: User, *, admins: tuple[frozenset[str], frozenset[str]] | None = None) -> bool:
        """Write a user, under the same name, over its previous version (`user.version - 1`). False: lost. `admins` are
        the ids of all admins, before and after it, where it changes them: False as well where they are others."""

    def has_accounts(self) -> bool:
        """Whether anybody has registered."""

    def user(self, user_id: str) -> User | None:
        """One user by id."""

    def user_named(self, username: str) -> User | None:
        """One user by name, without regard to case."""

    def users(self, *, limit: int, after: str | None) -> Page[User]:
        """All users, in the order in which they registered. One that cannot be read is left out, counted and logged."""

    def admins(self) -> frozenset[str]:
        """The ids of all admins."""


class Tokens(Protocol):
    """Tokens and invitations, in the table `accounts`. Reads are strongly consistent."""

    def put_token(self, token: Token) -> None:
        """Write a new token."""

    def replace_token(self, token: Token, *, digest: str) -> bool:
        """Write a token over the one that has this digest. False: it has another by now, or is gone."""

    def token(self, owner: str, token_id: str) -> Token | None:
        """One token."""

    def tokens_of(self, owner: str, kind: TokenKind) -> list[Token]:
        """An owner's tokens of a kind, in the order of their ids."""

    def note_use(self, owner: str, token_id: str, at: datetime) -> None:
        """Write when a token was used; gone already is well."""

    def delete_token(self, owner: str, token_id: str) -> None:
        """Delete a token; gone already is well."""

    def put_invitation(self, invitation: Invitation) -> None:
        """Write a new invitation."""

    def invitation(self, invitation_id: str) -> Invitation | None:
        """One invitation, also one that was used or has ended, for a while."""

    def invitations(self) -> list[Invitation]:
        """All invitations that there are, in the order of their ids."""

    def delete_invitation(self, invitation_id: str) -> None:
        """Delete an invitation; gone already is well."""


class Accounts(Users, Tokens, Protocol):
    """The table `accounts`. Reads are strongly consistent."""

    def begin_answer(self, owner: str, answer: Answer, now: datetime) -> Answer | None:
        """Keep the place of an answer for a day. None: kept. Otherwise the answer that has the key."""

    def put_answer(self, owner: str, answer: Answer, now: datetime) -> None:
        """Write an answer over its place."""

    def drop_answer(self, owner: str, key: str) -> None:
        """Give an answer's place back: its request came to nothing."""

    def put_calendar(self, calendar: Calendar) -> None:
        """Write a named calendar over whatever its owner has under that name."""

    def calendar(self, owner: str, name: str) -> Calendar | None:
        """One named calendar."""

    def calendars(self, owner: str) -> list[Calendar]:
        """An owner's named calendars, in the order of their names."""

    def delete_calendar(self, owner: str, name: str) -> None:
        """Delete a named calendar; gone already is well."""


class Counters(Protocol):
    """What is counted within a period, in the table `accounts`."""

    def count(self, counter: Counter, most: int) -> int | None:
        """Count one more: what it has come to. None: it had come to `most`, and nothing was counted. One whose answer
        was lost may be counted twice."""

    def uncount(self, counter: Counter) -> None:
        """Take one back; nothing where nothing is counted."""


class Installation(Protocol):
    """What the installation itself has, in the table `accounts`."""

    def installation_key(self, fresh: bytes) -> bytes:
        """The installation's own key: the one that there is, or else `fresh` from now on."""


class InCode(Protocol):
    """What is remembered of schedules in code, in the table `accounts`. Reads are strongly consistent."""

    def schedules_in_code(self) -> list[Kept]:
        """All that is remembered, in the order of names."""

    def put_schedule_in_code(self, kept: Kept) -> bool:
        """Write what is remembered over its previous version (`kept.version - 1`), or the first. False: lost."""

    def drop_schedule_in_code(self, name: str) -> None:
        """Forget a schedule; gone already is well."""


class Acts(Protocol):
    """The audit logs, in the table `accounts`."""

    def put_act(self, act: Act, expires_at: datetime) -> None:
        """Write an act into its owner's log, until it expires."""

    def acts_of(self, owner: str, *, limit: int, after: str | None, since: datetime, until: datetime) -> Page[Act]:
        """An owner's acts within [since, until], newest first."""


class Usages(Protocol):
    """What each owner uses, added up, in the table `accounts`."""

    def use(self, owner: str, more: Usage, quota: Usage) -> bool:
        """Add to what an owner uses. False: it would be beyond the quota, and nothing was added. What was added and
        whose answer was lost may be added twice."""

    def usages(self, owners: Sequence[str]) -> dict[str, Usage]:
        """What each of some owners uses, by the sum; who has never used anything is left out."""

    def counted_at(self, owner: str) -> datetime | None:
        """When it was last counted what an owner uses."""

    def put_usage(self, owner: str, usage: Usage, now: datetime, *, seen: datetime | None) -> bool:
        """Write what was counted, unless somebody counted since `seen`. False: somebody did."""
