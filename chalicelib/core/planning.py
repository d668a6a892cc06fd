"""Planning: what a pass does with a page of agenda entries, as a value. The dispatcher performs it.

An entry is a hint. What is due, what is too late and what comes next is read off the task's definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from chalicelib.core.alerting.cues import Cue, cue_of
from chalicelib.core.attempts.refusal import UNPLANNABLE, startable_for
from chalicelib.core.instant import MILLISECOND, to_ms
from chalicelib.core.message import RunMessage
from chalicelib.core.run import Coalesced, Run, RunError, RunStatus, Trigger
from chalicelib.core.schedule import due_times, due_times_and_next, first_from, is_due
from chalicelib.core.task import MISFIRE, CatchUp, Channel, State, Task
from chalicelib.core.window import NEAR, WINDOW, Entry, Kind, window_of

MOST_AT_ONCE = 500
"""Due times of one task that one entry may lead to; the rest is the next entry's, so that a pass stays bounded."""
UNREADABLE = "its item cannot be read"
RECORDED = "recorded"
"""The token of a run that was recorded as skipped or missed without ever being claimed; of several, with which."""
NEVER = RunError(code="misfire", detail="the scheduler could not start it in time, and the task's policy says not to")


@dataclass(kw_only=True)
class Plan:
    """What a page of entries leads to: records to write if absent, next entries to put, messages to send.

    `cues` have somebody look whether owners are to be told of a record. `broken` names the tasks that could not be
    planned, with the reason: they hold up nobody else.
    """

    records: list[Run] = field(default_factory=list)
    upcoming: list[Entry] = field(default_factory=list)
    messages: list[RunMessage] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def plan(entries: Iterable[Entry], tasks: Mapping[str, Task | None], *, now: datetime, end: datetime) -> Plan:
    """Plan a page: every due time before `end` is dispatched or recorded, and each task's next entry is at or after it.

    1. Anything but a schedule entry leads to one message; the worker finds out whether it is still wanted.
    2. A schedule entry of an active task leads to its due times and to the next entry, whether or not the entry was
       still valid: chains that edits, resumes and repeats began merge, because their next entry is the same.
    3. What a change of the definition took away is recorded as skipped.
    4. A task that cannot be read (None; a deleted one is not there) or planned keeps its entry, from window to window.
    """
    result = Plan()
    continued: set[str] = set()
    for entry in entries:
        task = tasks.get(entry.task_id)
        if entry.kind is not Kind.SCHEDULE:
            result.messages.append(_message(entry, task))
        elif task is None and entry.task_id in tasks:
            result.broken[entry.task_id] = UNREADABLE
            result.upcoming.append(_held_over(entry, end))
        elif task is not None:
            try:
                if _plan_schedule(result, entry, task, now, end, go_on=entry.task_id not in continued):
                    continued.add(entry.task_id)
            except UNPLANNABLE as error:
                result.broken[task.id] = f"{type(error).__name__}: {error}"
                result.upcoming.append(_held_over(entry, end))
    return result


def _held_over(entry: Entry, end: datetime) -> Entry:
    """The entry of a task that cannot be planned, until somebody mends it: again in the next window."""
    return replace(entry, start=max(entry.start, end))


def _plan_schedule(result: Plan, entry: Entry, task: Task, now: datetime, end: datetime, *, go_on: bool) -> bool:
    """Whether this entry did all that the task had to have done. The chain of entries goes on from it either way."""
    _plan_taken_away(result, task, entry.due_at)
    if not task.active:
        return False
    first, misfired = max(entry.due_at, task.changed_at), now - MISFIRE
    schedule, horizon = task.definition.schedule, max(end, misfired)
    overdue = list(islice(due_times(schedule, first, min(misfired, horizon)), MOST_AT_ONCE))
    own = not overdue or overdue[0] == entry.due_at
    if not own:  # of an earlier definition: what is overdue is left to the entry that came with this one
        overdue = []
        go_on = go_on and entry.due_at >= task.changed_at
    if len(overdue) == MOST_AT_ONCE:
        horizon = overdue[-1] + MILLISECOND
    started, missed = _caught_up(task, overdue, now)
    alone = task.changed_at + NEAR  # until then, the API sent them itself
    recorded = _recorded(task, missed, RunStatus.MISSED, NEVER, alone)
    result.records.extend(recorded)
    result.cues.extend(cue for run in recorded if (cue := cue_of(task, run, now)) is not None)
    begin = max(first, misfired)
    in_time, upcoming = due_times_and_next(schedule, begin, horizon)
    result.messages.extend(_message(_entry(task, due), task) for due in (*started, *in_time))
    if begin > horizon:
        upcoming = first_from(schedule, max(entry.due_at, horizon))
    if go_on and upcoming is not None:
        result.upcoming.append(_entry(task, upcoming))
    return own


def left_behind(entries: Iterable[Entry], tasks: Mapping[str, Task | None]) -> Plan:
    """Plan a page of a window that was jumped over, whose tasks have been hinted at since.

    What is no schedule entry is still wanted, as late as it is: it is among the next entries, and so is what belongs to
    a task that cannot be read. Of the others, only what a change took away is left to be recorded.
    """
    result = Plan()
    for entry in entries:
        task = tasks.get(entry.task_id)
        if entry.kind is not Kind.SCHEDULE or (task is None and entry.task_id in tasks):
            result.upcoming.append(entry)
        elif task is not None:
            try:
                _plan_taken_away(result, task, entry.due_at)
            except UNPLANNABLE as error:
                result.broken[task.id] = f"{type(error).__name__}: {error}"
    return result


def _caught_up(task: Task, overdue: list[datetime], now: datetime) -> tuple[list[datetime], list[datetime]]:
    """Which of the due times that are more than `MISFIRE` late start after all, and which do not."""
    oldest = now - startable_for(task)
    started = [due for due in overdue if due >= oldest]
    match task.definition.misfire.catch_up:
        case CatchUp.LATEST:
            started = started[-1:]
        case CatchUp.NONE:
            started = []
    chosen = set(started)
    return started, [due for due in overdue if due not in chosen]


def _plan_taken_away(result: Plan, task: Task, due: datetime) -> None:
    """Record the due times, from that of an entry on, that a change made obsolete before any pass could handle them.

    An entry of the schedule that was in force until then knows them all; one that is older still stands for a range.
    """
    old = task.superseded
    if old is None or due >= old.until:
        return
    code = "edited" if task.definition.state is State.ACTIVE else "paused"
    reason = RunError(code=code, detail=f"the task was {code} before the scheduler could start this")
    if due < old.since:  # two changes since: the schedule that was in force is not known any more
        last = old.since - MILLISECOND
        unknown = Coalesced(first=due, last=last, count=1)
        result.records.append(record_of(task, last, RunStatus.SKIPPED, reason, unknown))
    elif old.active and is_due(old.schedule, due):
        taken = (d for d in due_times(old.schedule, due, old.until) if d < task.changed_at or not task.is_due(d))
        gone = list(islice(taken, MOST_AT_ONCE + 1))  # a `once` of the past may owe what the old schedule owed
        alone = max(old.since + NEAR, window_of(due) + WINDOW)  # a pass may have died over this window
        result.records.extend(_recorded(task, gone[:MOST_AT_ONCE], RunStatus.SKIPPED, reason, alone))
        result.upcoming.extend(_entry(task, rest) for rest in gone[MOST_AT_ONCE:])


def _recorded(task: Task, dues: list[datetime], status: RunStatus, reason: RunError, alone: datetime) -> list[Run]:
    """Single records before `alone`: what has run, or will when its message comes, keeps a record of its own."""
    singles = [record_of(task, due, status, reason, None) for due in dues if due < alone]
    return singles + as_one(task, dues[len(singles) :], status, reason)


def as_one(task: Task, dues: list[datetime], status: RunStatus, reason: RunError) -> list[Run]:
    """One record for any number of due times, under the last: a pass that is repeated later finds more of them."""
    if not dues:
        return []
    many = Coalesced(first=dues[0], last=dues[-1], count=len(dues)) if len(dues) > 1 else None
    return [record_of(task, dues[-1], status, reason, many)]


def shortened(run: Run, found: Run) -> Run | None:
    """A record of several due times that met a run with its key, without that one; None where nothing is left, or what
    is there stands for as much. It stands a millisecond earlier: under a key of its own, within its range."""
    several, last = run.coalesced, run.due_at - MILLISECOND
    if several is None or last < several.first:
        return None
    if found.coalesced is not None and found.coalesced.first <= several.first:
        return None
    fewer = replace(several, last=last, count=max(1, several.count - 1))
    return replace(run, due_at=last, coalesced=fewer, token=recorded_as(fewer))


def recorded_as(coalesced: Coalesced | None) -> str:
    """The token of a record: two that stand for different due times are not taken for each other."""
    if coalesced is None:
        return RECORDED
    return f"{RECORDED}-{to_ms(coalesced.first)}-{coalesced.count}"


def record_of(
    task: Task, due: datetime, status: RunStatus, reason: RunError, coalesced: Coalesced | None = None
) -> Run:
    """The record of a due time that is not started."""
    return Run(
        task_id=task.id,
        due_at=due,
        owner=task.owner,
        task_name=task.definition.name,
        trigger=Trigger.SCHEDULE,
        status=status,
        token=recorded_as(coalesced),
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
    return RunMessage(
        entry=entry,
        owner=task.owner,
        task_name=definition.name,
        channel=definition.channel,
        priority=definition.priority,
    )


def near_messages(task: Task, first: datetime, end: datetime) -> list[RunMessage]:
    """The messages that the API sends itself when a task changes: its due times in [first, end)."""
    return [_message(_entry(task, due), task) for due in due_times(task.definition.schedule, first, end)]


def first_entry(task: Task, from_: datetime) -> Entry | None:
    """The entry with which a task's chain begins: its first due time at or after an instant."""
    due = first_from(task.definition.schedule, from_) if task.active else None
    return None if due is None else _entry(task, due)


def entry_message(entry: Entry, task: Task | None) -> RunMessage:
    """The message for an entry that is sent at once."""
    return _message(entry, task)
