"""Planning: what a pass does with a page of agenda entries, as a value. The dispatcher performs it.

An entry is a hint. What is due, what is too late and what comes next is read off the task's definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from chalicelib.core.claim import startable_for
from chalicelib.core.instant import MILLISECOND
from chalicelib.core.message import RunMessage
from chalicelib.core.run import Coalesced, Run, RunError, RunStatus, Trigger
from chalicelib.core.schedule import due_times, first_from
from chalicelib.core.task import MISFIRE, CatchUp, Channel, State, Task
from chalicelib.core.window import Entry, Kind

MOST_AT_ONCE = 500
"""Due times of one task that one entry may lead to; the rest is the next entry's, so that a pass stays bounded."""
RECORDED = "recorded"
"""The token of a run that was recorded as skipped or missed without ever being claimed."""
NEVER = RunError(code="misfire", detail="the scheduler could not start it in time, and the task's policy says not to")


@dataclass(kw_only=True)
class Plan:
    """What a page of entries leads to: records to write if absent, next entries to put, messages to send.

    `broken` names the tasks that could not be planned, with the reason: they hold up nobody else.
    """

    records: list[Run] = field(default_factory=list)
    upcoming: list[Entry] = field(default_factory=list)
    messages: list[RunMessage] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def plan(entries: Iterable[Entry], tasks: Mapping[str, Task], *, now: datetime, end: datetime) -> Plan:
    """Plan a page: every due time before `end` is dispatched or recorded, and each task's next entry is at or after it.

    1. Anything but a schedule entry leads to one message; the worker finds out whether it is still wanted.
    2. A schedule entry of an active task leads to its due times and to the next entry, whether or not the entry was
       still valid: chains that edits, resumes and repeats began merge, because their next entry is the same.
    3. What a change of the definition took away is recorded as skipped.
    """
    result = Plan()
    continued: set[str] = set()
    for entry in entries:
        task = tasks.get(entry.task_id)
        if entry.kind is not Kind.SCHEDULE:
            result.messages.append(_message(entry, task))
        elif task is not None:
            try:
                _plan_schedule(result, entry, task, now, end, go_on=entry.task_id not in continued)
            except (ValueError, ArithmeticError, LookupError, OSError) as error:  # an unknown zone, say
                result.broken[task.id] = f"{type(error).__name__}: {error}"
            continued.add(entry.task_id)
    return result


def _plan_schedule(result: Plan, entry: Entry, task: Task, now: datetime, end: datetime, *, go_on: bool) -> None:
    result.records.extend(_taken_away(task, entry.due_at))
    if not task.active:
        return
    first, misfired = max(entry.due_at, task.changed_at), now - MISFIRE
    schedule, horizon = task.definition.schedule, max(end, misfired)
    overdue = list(islice(due_times(schedule, first, min(misfired, horizon)), MOST_AT_ONCE))
    if len(overdue) == MOST_AT_ONCE:
        horizon = overdue[-1] + MILLISECOND
    started, missed = _caught_up(task, overdue, now)
    result.records.extend(missed)
    started.extend(due_times(schedule, max(first, misfired), horizon))
    result.messages.extend(_message(_entry(task, due), task) for due in started)
    upcoming = first_from(schedule, max(entry.due_at, horizon)) if go_on else None
    if upcoming is not None:
        result.upcoming.append(_entry(task, upcoming))


def _caught_up(task: Task, overdue: list[datetime], now: datetime) -> tuple[list[datetime], list[Run]]:
    """Which of the due times that are more than `MISFIRE` late start after all, and the records of the others."""
    oldest = now - startable_for(task)
    started = [due for due in overdue if due >= oldest]
    match task.definition.misfire.catch_up:
        case CatchUp.LATEST:
            started = started[-1:]
        case CatchUp.NONE:
            started = []
    chosen = set(started)
    return started, _as_one(task, [due for due in overdue if due not in chosen], RunStatus.MISSED, NEVER)


def _taken_away(task: Task, due: datetime) -> Iterator[Run]:
    """Records of the due times that a change made obsolete before any pass could handle them."""
    old = task.superseded
    if old is None or due >= task.changed_at:
        return
    code = "edited" if task.definition.state is State.ACTIVE else "paused"
    reason = RunError(code=code, detail=f"the task was {code} before the scheduler could start this")
    if due < old.since:  # two changes since: the schedule that was in force is not known any more
        last = old.since - MILLISECOND
        yield _record(task, last, RunStatus.SKIPPED, reason, Coalesced(first=due, last=last, count=1))
    if old.active:
        gone = due_times(old.schedule, max(due, old.since), task.changed_at)
        yield from _one_by_one(task, list(islice(gone, MOST_AT_ONCE)), reason)


def _one_by_one(task: Task, dues: list[datetime], reason: RunError) -> list[Run]:
    """Single records while there are few: some may have run already, and then keep their own record."""
    few, rest = dues[:25], dues[25:]
    singles = [_record(task, due, RunStatus.SKIPPED, reason, None) for due in few]
    return singles + _as_one(task, rest, RunStatus.SKIPPED, reason)


def _as_one(task: Task, dues: list[datetime], status: RunStatus, reason: RunError) -> list[Run]:
    """One record for any number of due times, under the last: a pass that is repeated later finds more of them."""
    if not dues:
        return []
    many = Coalesced(first=dues[0], last=dues[-1], count=len(dues)) if len(dues) > 1 else None
    return [_record(task, dues[-1], status, reason, many)]


def _record(task: Task, due: datetime, status: RunStatus, reason: RunError, coalesced: Coalesced | None) -> Run:
    return Run(
        task_id=task.id,
        due_at=due,
        owner=task.owner,
        task_name=task.definition.name,
        trigger=Trigger.SCHEDULE,
        status=status,
        token=RECORDED,
        retention=task.definition.retention,
        error=reason,
        coalesced=coalesced,
    )


def _entry(task: Task, due: datetime) -> Entry:
    return Entry(start=due, task_id=task.id, kind=Kind.SCHEDULE, due_at=due)


def _message(entry: Entry, task: Task | None) -> RunMessage:
    """A task that is gone has no channel any more; any worker can record that."""
    if task is None:
        return RunMessage(entry=entry, owner="", task_name="", channel=Channel.LIGHT)
    definition = task.definition
    return RunMessage(entry=entry, owner=task.owner, task_name=definition.name, channel=definition.channel)


def near_messages(task: Task, first: datetime, end: datetime) -> list[RunMessage]:
    """The messages that the API sends itself when a task changes: its due times in [first, end)."""
    return [_message(_entry(task, due), task) for due in due_times(task.definition.schedule, first, end)]


def first_entry(task: Task, from_: datetime) -> Entry | None:
    """The entry with which a task's chain begins: its first due time at or after an instant."""
    due = first_from(task.definition.schedule, from_) if task.active else None
    return None if due is None else _entry(task, due)


def entry_message(entry: Entry, task: Task) -> RunMessage:
    """The message for an entry that is sent at once."""
    return _message(entry, task)
