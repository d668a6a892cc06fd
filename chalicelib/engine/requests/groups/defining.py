"""Defining: what a request says of a group's members becomes members, and tasks for those that it defines itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.core import task as tasks
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.groups.group import Handing, Member
from chalicelib.core.people.account import User
from chalicelib.core.secrets.naming import names
from chalicelib.core.task import Task
from chalicelib.core.trials import WITHIN, is_hidden
from chalicelib.core.window import shard_of
from chalicelib.engine.requests.secrets import unknown_errors, unknown_of
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.engine.requests.tasks.granting import require_granted

FOLLOWERS = ("then", "on_failure")
DIGITS = 5
MOST_TOLD = 100
"""Errors of one request."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One member as it was asked for, at a place of the request: a task's id, or what it is to do. `repeated`: it is
    one of several with the same definition, and the place is that of its own arguments."""

    pointer: str
    task_id: str | None = None
    define: Mapping[str, Any] | None = None
    handing: Handing = Handing.CONTEXT
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class Defined:
    """A group's members and followers, with the tasks that were defined within it."""

    members: tuple[Member, ...]
    followers: Mapping[str, Member]
    tasks: tuple[Task, ...]


def wanted_of(data: Mapping[str, Any]) -> tuple[list[Wanted], dict[str, Wanted]]:
    """The members that checked JSON asks for, in order, and what is to follow them."""
    members = [one for at, given in enumerate(data["members"]) for one in _each(given, f"/members/{at}")]
    followers = {name: next(_each(data[name], f"/{name}")) for name in FOLLOWERS if name in data}
    return members, followers


def _each(given: Any, pointer: str) -> Iterator[Wanted]:
    if isinstance(given, str):
        yield Wanted(pointer=pointer, task_id=given)
        return
    handing = Handing(given.get("pass_results", Handing.CONTEXT))
    if "task" in given:
        yield Wanted(pointer=f"{pointer}/task", task_id=given["task"], handing=handing)
        return
    define = given["define"]
    if "each" not in given:
        yield Wanted(pointer=f"{pointer}/define", define=define, handing=handing)
        return
    for number, arguments in enumerate(given["each"]):
        called = _called_with(define, arguments)
        yield Wanted(pointer=f"{pointer}/each/{number}", define=called, handing=handing, repeated=True)


def _called_with(define: Mapping[str, Any], arguments: list[Any] | dict[str, Any]) -> Mapping[str, Any]:
    """What is to be done, with one of several sets of arguments: a list, or an object by name."""
    return {**define, "action": {**define["action"], "args" if isinstance(arguments, list) else "kwargs": arguments}}


@dataclass(frozen=True, kw_only=True)
class Defining:
    """Finds or makes the tasks of a group for its owner."""

    catalog: Catalog

    def define(
        self, caller: User, group_id: str, now: datetime, data: Mapping[str, Any], retention_days: int
    ) -> Defined:
        """The members of a group. `Invalid` names every task that its owner does not have, and what leads back into the
        group; `NotAllowed` where the owner's tasks may not do such a thing."""
        members, followers = wanted_of(data)
        existing = self._existing(caller, [*members, *followers.values()])
        _refuse_cycles(members, followers)
        nth, made = Counter[str](), list[Task]()

        def member_of(one: Wanted, name: str) -> Member:
            if one.define is None:
                task = existing[one.task_id or ""]
            else:
                task = self._made(caller, f"{WITHIN}{group_id}{name}", one.define, now, retention_days)
                made.append(task)
            nth[task.id] += 1
            return _member(task, nth[task.id] - 1, one.handing)

        listed = tuple(member_of(one, f"{index:0{DIGITS}d}") for index, one in enumerate(members))
        following = {name: member_of(one, name.replace("_", "")) for name, one in followers.items()}
        self._check(caller, [*members, *followers.values()], existing)
        return Defined(members=listed, followers=following, tasks=tuple(made))

    def _existing(self, caller: User, wanted: Sequence[Wanted]) -> dict[str, Task]:
        """The tasks that are asked for by id. Somebody else's answers like a missing one, and so does one that only
        its own group lists: it goes with that."""
        ids = dict.fromkeys(one.task_id for one in wanted if one.task_id is not None)
        found = {task_id: task for task_id, task in self.catalog.store.tasks(ids).items() if task is not None}
        own = {task_id: task for task_id, task in found.items() if task.owner == caller.id and not is_hidden(task_id)}
        detail = "names a task that there is not: see GET /api/tasks"
        unknown = [one for one in wanted if one.task_id is not None and one.task_id not in own]
        if unknown:
            raise Invalid(
                *(FieldError(pointer=one.pointer, code="unknown_task", detail=detail) for one in unknown[:MOST_TOLD])
            )
        return own

    def _check(self, caller: User, wanted: Sequence[Wanted], existing: Mapping[str, Task]) -> None:
        """What the members do has to be allowed to their owner, and what they name has to be there."""
        seen = set[str]()
        for one in wanted:
            action = existing[one.task_id or ""].definition.action if one.define is None else one.define["action"]
            if action["type"] not in seen:
                seen.add(action["type"])
                require_granted(self.catalog.store, caller, caller.id, action)
        wrong = [*_ill_handed(wanted, existing), *self._unknown_secrets(caller, wanted)]
        if wrong:
            raise Invalid(*wrong[:MOST_TOLD])

    def _unknown_secrets(self, caller: User, wanted: Sequence[Wanted]) -> Iterator[FieldError]:
        """What members name that are defined within the group, and their owner does not have."""
        actions = [(one, one.define["action"]) for one in wanted if one.define is not None]
        asked = frozenset[str]().union(*(names(action) for _, action in actions))
        unknown = unknown_of(self.catalog.secrets, caller.id, asked)
        for one, action in actions if unknown else ():
            errors = unknown_errors(action, unknown)
            yield from (replace(each, pointer=one.pointer + ("" if one.repeated else each.pointer)) for each in errors)

    def _made(self, caller: User, task_id: str, define: Mapping[str, Any], now: datetime, retention_days: int) -> Task:
        """The hidden task of a member that was defined within the group."""
        schedule = {"type": "once", "at": now.isoformat()}
        data = {**define, "schedule": schedule, "state": "paused", "retention_days": retention_days}
        return Task(
            id=task_id,
            owner=caller.id,
            shard=shard_of(task_id, self.catalog.shards),
            definition=tasks.from_json(data, now),
            created_at=now,
            updated_at=now,
            changed_at=now,
        )


def _member(task: Task, nth: int, handing: Handing) -> Member:
    definition = task.definition
    return Member(
        task_id=task.id,
        shard=task.shard,
        name=definition.name,
        channel=definition.channel,
        nth=nth,
        handing=handing,
        priority=definition.priority,
    )


def _ill_handed(wanted: Sequence[Wanted], existing: Mapping[str, Task]) -> Iterator[FieldError]:
    """Only a function has arguments. Of what is defined within the group, that was asked before."""
    for one in wanted:
        if one.task_id is None or one.handing is not Handing.FIRST_ARGUMENT:
            continue
        if existing[one.task_id].definition.action["type"] != "function":
            pointer = f"{one.pointer.removesuffix('/task')}/pass_results"
            detail = "has to be context: only a function has arguments, and this task calls none"
            yield FieldError(pointer=pointer, code="not_here", detail=detail)


def _refuse_cycles(members: Sequence[Wanted], followers: Mapping[str, Wanted]) -> None:
    """A follower that is a member as well would lead back into the group that it follows."""
    ids = {one.task_id for one in members if one.task_id is not None}
    detail = "is a member of this group, and would lead back into it: name another task, or define what is to follow"
    back = [one for one in followers.values() if one.task_id in ids]
    if back:
        raise Invalid(*(FieldError(pointer=one.pointer, code="cycle", detail=detail) for one in back))
