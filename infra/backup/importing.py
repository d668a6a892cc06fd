"""Importing: what a file holds is taken into a stage, each thing once however often it is asked for.

What is there already is left alone and counted. A task is written with its first agenda entry by the engine's own
rules: its due times are owed from the moment of the import on, and none of the past is made up for. Accounts come
without tokens and secrets. A line that makes no sense is refused with a sentence, and the others go on.

What it costs: five write units for each new task (a transaction of two items, and the index by owner), two and a read
for one that is there; for an account a transaction of four items.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from typing import Any, BinaryIO

from chalicelib.adapters.aws import side_by_side
from chalicelib.core import task as definitions
from chalicelib.core.errors import Conflict
from chalicelib.core.instant import MILLISECOND, floor_ms
from chalicelib.core.people.account import Role, User
from chalicelib.core.people.usage import NOTHING, Usage, usage_of
from chalicelib.core.planning import first_entry
from chalicelib.core.schedule import calendars_of
from chalicelib.core.secrets.naming import names
from chalicelib.core.task import Task
from chalicelib.core.window import shard_of
from chalicelib.engine.writing import place, write_placed
from chalicelib.ports import Clock
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import MOST
from infra.backup import lines
from infra.backup.lines import Counts, Refused

AT_ONCE = 64
"""Lines that are held, and tasks that are written side by side as far as the adapter lets them."""
NO_QUOTA = Usage(tasks=MOST, stored_bytes=MOST, hourly_runs=MOST)
KINDS = ("user", "calendar", "task")


class Taken(enum.StrEnum):
    """What became of a thing."""

    ADDED = "added"
    THERE = "there already"
    REPLACED = "replaced"
    DIFFERENT = "there and different"
    """Left alone: only `replace` gives it what the file says."""
    REFUSED = "refused"


@dataclass
class Report:
    """What became of everything in a file, and what was refused, by line."""

    taken: Counter[tuple[str, Taken]] = field(default_factory=Counter)
    secrets: set[tuple[str, str]] = field(default_factory=set)
    """Owner and name of the secrets that new tasks name: their values are to be given anew."""
    seen: Counts = field(default_factory=Counts)
    expected: Counts | None = None
    refused: int = 0

    @property
    def whole(self) -> bool:
        """Whether as many things came as the last line says."""
        return self.expected is None or replace(self.expected, left_out=0) == self.seen


@dataclass
class Importing:
    """Takes things into a stage. `replace`: a task or calendar that is there and different becomes as in the file.
    `same_names`: an account whose name somebody has there is taken for that one."""

    store: WholeStore
    clock: Clock
    shards: int
    replace: bool = False
    same_names: bool = False
    report: Report = field(default_factory=Report)
    _owners: dict[str, str | None] = field(default_factory=dict)
    _added: list[Task] = field(default_factory=list)

    def take(self, file: BinaryIO, tell: Callable[[int, str], object]) -> Report:
        """Take in all lines after the first; `tell` hears the number and the sentence of each that is refused."""
        numbered = enumerate(lines.lines_of(file), 1)
        next(numbered, None)
        while batch := list(islice(numbered, AT_ONCE)):
            parsed = [(number, *self._parsed(raw)) for number, raw in batch]
            for kind, some in groupby(parsed, key=lambda line: line[1]):
                self._take_alike(kind, list(some), tell)
        return self.report

    def _parsed(self, raw: bytes) -> tuple[str, Any]:
        try:
            return lines.parsed(raw)
        except Refused as error:
            return "refused", error

    def _take_alike(self, kind: str, some: list[tuple[int, str, Any]], tell: Callable[[int, str], object]) -> None:
        """Take in lines of one kind: tasks side by side, all else in turn."""
        do = {"user": self._user, "calendar": self._calendar, "task": self._task}.get(kind, self._other(kind))
        if kind == "task":
            each = side_by_side(lambda line: _settled(do, line[2]), some)
        else:
            each = [_settled(do, line[2]) for line in some]
        for (number, _, _), became in zip(some, each, strict=True):
            if kind in KINDS:
                self.report.seen = self.report.seen.plus(**{f"{kind}s": 1})
            if isinstance(became, Refused):
                self.report.refused += 1
                tell(number, str(became))
            if became is not None:
                self.report.taken[kind, Taken.REFUSED if isinstance(became, Refused) else became] += 1
        self._count_usage()

    def _other(self, kind: str) -> Callable[[Any], Taken | None]:
        def handle(data: Any) -> Taken | None:
            if kind == "end":
                self.report.expected = lines.counts_of(data)
            elif kind != "page":
                raise (
                    data
                    if isinstance(data, Refused)
                    else Refused(f"holds a thing that is not known here: {kind!r:.60}")
                )
            return None

        return handle

    def _user(self, data: Any) -> Taken:
        user = lines.user_of(data)
        found = self.store.user(user.id)
        if found is None:
            return self._new_user(user)
        self._owners[user.id] = user.id
        if user.is_admin and found == _as_member(user):
            return self._made_admin(user)  # an import broke off in between
        return Taken.THERE

    def _new_user(self, user: User) -> Taken:
        """Write an account as a member, and make it an admin in a second write: the row of all admins is in that."""
        member = _as_member(user) if user.is_admin else user
        if not self.store.create_user(member):
            there = self.store.user_named(user.username)
            if not self.same_names or there is None:
                raise Refused(
                    f"/username {user.username} is taken there by another account: rename one of them, or take the "
                    "two for the same with --same-names"
                )
            self._owners[user.id] = there.id
            return Taken.THERE
        self._owners[user.id] = user.id
        return self._made_admin(user) if user.is_admin else Taken.ADDED

    def _made_admin(self, user: User) -> Taken:
        admins = self.store.admins()
        if not self.store.replace_user(user, admins=(admins, admins | {user.id})):
            raise Refused("was changed there at this very moment: import the file again")
        return Taken.ADDED

    def _owner(self, of: str) -> str:
        """Who a thing of the file belongs to in this stage."""
        if of not in self._owners:
            self._owners[of] = None if self.store.user(of) is None else of
        owner = self._owners[of]
        if owner is None:
            raise Refused(f"/owner {of} has no account there")
        return owner

    def _calendar(self, data: Any) -> Taken:
        given = lines.calendar_of(data)
        calendar = replace(given, owner=self._owner(given.owner))
        found = self.store.calendar(calendar.owner, calendar.name)
        if found is not None and found.spans == calendar.spans:
            return Taken.THERE
        if found is not None and not self.replace:
            return Taken.DIFFERENT
        self.store.put_calendar(calendar)
        return Taken.ADDED if found is None else Taken.REPLACED

    def _task(self, data: Any) -> Taken:
        """A task keeps its id and, where this stage has that shard, its shard: what an earlier life of it has left in
        the agenda then belongs to the same chain of entries."""
        now = floor_ms(self.clock.now())
        given = lines.task_of(data, now)
        shard = given.shard if given.shard < self.shards else shard_of(given.id, self.shards)
        task = replace(given, owner=self._owner(given.owner), shard=shard)
        try:
            self._written(task, lambda placed: self.store.create_task(task, placed))
        except Conflict:
            return self._there_already(task)
        self._added.append(task)
        return Taken.ADDED

    def _there_already(self, task: Task) -> Taken:
        found = self.store.task(task.id)
        if found is None:
            raise Refused("was deleted there at this very moment: import the file again")
        if found.owner != task.owner:
            raise Refused("/id is that of another account's task there")
        if found.definition == task.definition:
            return Taken.THERE
        if not self.replace:
            return Taken.DIFFERENT
        now = max(task.changed_at, found.changed_at + MILLISECOND)
        new = found.redefined(task.definition, now, task.pause_reason)
        if not self._written(new, lambda placed: self.store.replace_task(new, placed), begins=new.changed_at == now):
            raise Refused("was changed there at this very moment: import the file again")
        return Taken.REPLACED

    def _written(self, task: Task, write: Callable[[Any], Any], *, begins: bool = True) -> Any:
        """Write a task with the entry that its chain begins with, by the rule that everybody follows."""
        entry = first_entry(task, task.changed_at) if begins else None
        placed = None if entry is None else place(entry, task.shard, self.clock.now())
        return write_placed(self.store, self.clock, write, placed)

    def _count_usage(self) -> None:
        """Add what was taken in to what its owners use; an operator is held up by no quota."""
        sums: dict[str, Usage] = {}
        now = self.clock.now()
        for task in self._added:
            self.report.secrets.update((task.owner, name) for name in names(task.definition.action))
            spans = sum(len(found) for found in calendars_of(task.definition.schedule).values())
            used = usage_of(definitions.to_json(task.definition), spans, now)
            sums[task.owner] = sums.get(task.owner, NOTHING) + used
        self._added.clear()
        for owner, more in sums.items():
            self.store.use(owner, more, NO_QUOTA)


def _as_member(user: User) -> User:
    """An admin's account as it is written first."""
    return replace(user, role=Role.MEMBER, version=user.version - 1)


def _settled(do: Callable[[Any], Taken | None], data: Any) -> Taken | Refused | None:
    try:
        return do(data)
    except Refused as error:
        return error


def ends_whole(file: BinaryIO) -> bool:
    """Whether a file has its last line; it is where it was after this."""
    here = file.tell()
    size = file.seek(0, 2)
    file.seek(max(0, size - LAST_LINE))
    tail = file.read()
    file.seek(here)
    return tail.endswith(b"\n") and tail.rstrip(b"\n").rpartition(b"\n")[2].startswith(b'{"end":')


LAST_LINE = 4096
"""Bytes; the last line holds four numbers."""
