"""Ports: what the engine needs from the world, in its own verbs. Adapters implement them; one contract suite tests all.

Every verb either does what it says or raises `Unavailable` after its own retries. Partial answers of a batch never come
out of here: what was refused was asked again, or the verb raises and may be called again as a whole. A conditional verb
that lost says so by its result; that is normal and quiet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from chalicelib.core.account import Answer, Invitation, Rights, Token, TokenKind, User
from chalicelib.core.acts import Act
from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.calendars.spans import Calendar, Span
from chalicelib.core.message import PassMessage, RunMessage
from chalicelib.core.rates import Counter
from chalicelib.core.run import Outcome, Run
from chalicelib.core.secrets.naming import KeptSecret
from chalicelib.core.task import Task
from chalicelib.core.usage import Usage
from chalicelib.core.window import Entry, LateEntry

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list, and where to go on: `after` is the key of the last item looked at, None at the list's end.

    A verb that is asked to go on after something that is no such key raises `Invalid`.
    """

    items: tuple[T, ...]
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hinting:
    """A jump on its way: all tasks of the shard are hinted at. Those up to the id `after` have been (None: none yet);
    what each is owed begins after window `since` (None: with its last change)."""

    since: datetime | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Control:
    """Where a shard's passes stand: everything that begins before the end of window `through` has been handled.

    `cursor` is the key of the last entry handled in the window after `through`; `token` and `lease_until` say which
    pass is at it. `through` None: no pass has ever been here. `hinting` is the jump that is not finished, `skipped` the
    first and the last of the windows that were jumped over and are still to be looked into.
    """

    through: datetime | None = None
    cursor: str | None = None
    hinting: Hinting | None = None
    skipped: tuple[datetime, datetime] | None = None
    token: str | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LatePartition:
    """A shard's late partition as one read found it. `more`: it holds further entries than were read."""

    control: Control
    entries: tuple[LateEntry, ...]
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class Audited:
    """How far the auditor has come: windows up to `recorded` have been looked into for what was not recorded, those up
    to `ended` for what did not end; `chains_at` is when it last began to look at all tasks, `chains_after` the id of
    the last one it looked at, None when it had looked at all."""

    recorded: datetime | None = None
    ended: datetime | None = None
    chains_at: datetime | None = None
    chains_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that no function could handle, from the dead-letter queue of `queue`. Who buries it shows `receipt`."""

    queue: str
    id: str
    body: str
    receipt: str


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An entry and the shard it belongs to; `late` puts it into the late partition instead of its window."""

    entry: Entry
    shard: int
    late: bool


class Tasks(Protocol):
    """The table `tasks`. Reads by id are strongly consistent."""

    def create_task(self, task: Task, entry: Placed | None) -> None:
        """Write a new task and its first entry, both or neither. `Conflict` where another task has its id."""

    def replace_task(self, task: Task, entry: Placed | None) -> bool:
        """Write a task over its previous version (`task.version - 1`), with an entry, both or neither. False: lost."""

    def delete_task(self, task_id: str, version: int | None) -> bool:
        """Delete a task if it has this version (any, for None). False: it has another. Gone already is True."""

    def task(self, task_id: str) -> Task | None:
        """One task."""

    def tasks(self, task_ids: Iterable[str]) -> dict[str, Task | None]:
        """Those of the tasks that exist, by id. None for one that cannot be read; that is logged."""

    def tasks_of(self, owner: str, *, limit: int, after: str | None) -> Page[Task]:
        """An owner's tasks, newest first."""

    def tasks_in(self, shard: int | None, *, after: str | None) -> Page[Task]:
        """Some of a shard's tasks (None: of all), in any order that stays the same, by reading the whole table: only
        for jumping an outage, and for the auditor. One that cannot be read is left out and logged."""


class Agenda(Protocol):
    """The table `agenda`. Reads are strongly consistent."""

    def shards_in_use(self, at_least: int) -> int:
        """How many shards have to be looked at: as many as there have ever been, and `at_least` from now on."""

    def late(self, shard: int, limit: int) -> LatePartition:
        """Control row and late entries of a shard in one read, at most `limit` entries."""

    def window(self, start: datetime, shard: int, *, after: str | None, limit: int) -> list[Entry]:
        """Up to `limit` entries of a window in the order of their keys, from after a key on."""

    def put_entries(self, entries: Sequence[Placed]) -> None:
        """Write entries. One that is there already stays as it is, but a late one is given a new nonce."""

    def delete_late(self, shard: int, entries: Sequence[LateEntry]) -> None:
        """Delete late entries, each only if it has not been written again since it was read."""

    def absent_entries(self, entries: Sequence[Placed]) -> list[Placed]:
        """Those entries that are not where they would be written."""

    def audited(self) -> Audited:
        """How far the auditor has come."""

    def put_audited(self, audited: Audited) -> None:
        """Write how far the auditor has come."""

    def take_lease(self, shard: int, token: str, *, now: datetime, until: datetime) -> Control | None:
        """Begin a pass: the control row as it now stands, or None where another pass's lease has not ended."""

    def move(self, shard: int, control: Control) -> bool:
        """Write the control row if `control.token` still holds the lease. False: it does not."""


class Runs(Protocol):
    """The table `runs`."""

    def insert_run(self, run: Run) -> Run | None:
        """Write a run if there is none with its key. None: written, by this call or an earlier try of it (same token).
        Otherwise the run that is there."""

    def replace_run(self, run: Run, *, token: str, entry: Placed | None = None) -> Run | None:
        """Write a run over one that has `token`, with an entry, both or neither. None: written, by this call or an
        earlier try of it (the run there has `run.token` and status). Otherwise the run that is there; `NotFound` where
        there is none. `TooLarge` where the run with its output does not fit."""

    def enqueue_run(self, run: Run, entry: Placed) -> bool:
        """Write a queued run and its entry, both or neither. False: there is a run with its key."""

    def enqueue_runs(self, queued: Sequence[tuple[Run, Placed]]) -> list[Run | None]:
        """Write queued runs, each with its entry, both or neither. For each: None where it was written, otherwise the
        run that is there."""

    def run(self, task_id: str, due_at: datetime) -> Run | None:
        """One run with its output, strongly consistent."""

    def runs_at(self, occurrences: Sequence[tuple[str, datetime]]) -> list[Run]:
        """Those of the runs with these task ids and due times that exist, without output, in any order. What was
        written a moment ago may not be among them."""

    def runs_of(
        self, task_id: str, *, limit: int, after: str | None, first: datetime | None, last: datetime | None
    ) -> Page[Run]:
        """A task's runs with their output, newest due time first, within [first, last]."""

    def last_runs(self, task_ids: Sequence[str], limit: int) -> dict[str, list[Run]]:
        """The newest runs of each of some tasks, without output, newest first."""

    def feed(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs across tasks with their output, newest due time first."""

    def attention(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs that failed, were missed or lost, or wait for a retry, newest due time first, no output."""


class Slots(Protocol):
    """The slots of tasks that do not allow overlap, in the table `runs`."""

    def take_slot(self, slot: Slot) -> Slot | None:
        """Write a slot if its task has none. None: written, by this call or an earlier try of it (same token).
        Otherwise the slot that is there."""

    def move_slot(self, slot: Slot, *, token: str) -> bool:
        """Write a slot over the one that has `token`. False: it has another by now, or there is none."""

    def slot(self, task_id: str) -> Slot | None:
        """A task's slot, strongly consistent."""

    def free_slot(self, slot: Slot) -> bool:
        """Delete a slot if it still has its token. False: it has another by now. Gone already is True."""


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

    def rights(self, user_id: str) -> Rights | None:
        """What a user is allowed, read without anything else about them."""

    def user_named(self, username: str) -> User | None:
        """One user by name, without regard to case."""

    def users(self, *, limit: int, after: str | None) -> Page[User]:
        """All users, in the order in which they registered."""

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

    def counted_at(self, owner: str) -> datetime | None:
        """When it was last counted what an owner uses."""

    def put_usage(self, owner: str, usage: Usage, now: datetime, *, seen: datetime | None) -> bool:
        """Write what was counted, unless somebody counted since `seen`. False: somebody did."""


class Store(Tasks, Agenda, Runs, Slots, Accounts, Counters, Installation, Acts, Usages, Protocol):
    """The four tables."""


class Queue(Protocol):
    """The queues."""

    def send_passes(self, passes: Sequence[PassMessage]) -> None:
        """Ask dispatchers to handle shards."""

    def send_runs(self, messages: Sequence[RunMessage], now: datetime) -> None:
        """Send each message to its channel's queue so that it arrives just before its start."""

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """Messages of the dead-letter queues, at most `limit` of each. One that is not buried is there again after a
        minute."""

    def bury(self, letter: DeadLetter) -> None:
        """Delete a dead letter; gone already is well."""


class Secrets(Protocol):
    """Values that an owner has given a name. Who writes one may read the former value for moments after."""

    def put(self, owner: str, name: str, value: str) -> None:
        """Keep a value under a name, over whatever its owner has there. `Conflict` where there is no room."""

    def names(self, owner: str) -> list[KeptSecret]:
        """An owner's secrets, in the order of their names."""

    def delete(self, owner: str, name: str) -> None:
        """Delete a secret; gone already is well."""

    def values(self, owner: str, names: Iterable[str]) -> dict[str, str]:
        """The values of those of an owner's secrets that exist, by name."""


class Clock(Protocol):
    """The time. `now` may be set back; `elapsed` never is."""

    def now(self) -> datetime:
        """Aware, UTC."""

    def elapsed(self) -> timedelta:
        """Since some fixed moment, for measuring how long something took."""

    def wait_until(self, instant: datetime) -> None:
        """Return when `now()` has reached an instant."""


class CalendarFile(Protocol):
    """Reads files that hold calendars."""

    def __call__(self, raw: bytes, now: datetime) -> tuple[Span, ...]:
        """The spans of its events around now, in order and apart. `Invalid` says in a sentence why there are none."""


class Action(Protocol):
    """Performs one type of action."""

    def __call__(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        """What it came to. Never raises for what the action did. `context` names task, run, due time and attempt."""
