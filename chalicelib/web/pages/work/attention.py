"""What needs attention: one line for each thing that is wrong, with its reason in words and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.overview.past import Trouble, overdue, troubles
from chalicelib.core.run import FINAL, Run, RunStatus
from chalicelib.core.task import Task
from chalicelib.engine.requests.looking.overview import Health
from chalicelib.web.pages.looks.words import PAUSED, RUN_LOOKS, Look, duration
from chalicelib.web.pages.work.account_view import AccountView

BEHIND = Look(icon="hourglass", word="behind", tone="bad")
UNREADABLE = Look(icon="alert", word="cannot be read", tone="bad")
LATE = Look(icon="clock", word="late", tone="bad")
NOTHING_TOLD: dict[RunStatus, str] = {
    RunStatus.FAILED: "The last attempt failed and said nothing.",
    RunStatus.TIMED_OUT: "It took longer than its timeout allows.",
    RunStatus.MISSED: "It could not be started within its grace.",
    RunStatus.LOST: "Its worker died, and no attempt is left.",
    RunStatus.RETRYING: "An attempt failed; the next one follows by itself.",
}
"""What is said of a run that gives no reason of its own."""
GONE = " (its task is deleted)"
TOLD_OF_ONE: dict[RunStatus, str] = {
    RunStatus.FAILED: "a run failed",
    RunStatus.TIMED_OUT: "a run timed out",
    RunStatus.MISSED: "a run was missed",
    RunStatus.LOST: "a run was lost",
    RunStatus.RETRYING: "a run failed that waits for a retry",
}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """The one thing to do about it: a button that posts to a path, or a link."""

    path: str
    word: str
    posts: bool = True


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something that needs attention. `at` is when it was due; `recovered_at` when the task has succeeded since."""

    look: Look
    why: str
    name: str = ""
    path: str = ""
    at: datetime | None = None
    count: int = 1
    deed: Deed | None = None
    recovered_at: datetime | None = None


def attention(seen: AccountView, health: Health) -> list[Line]:
    """All that needs attention: first what keeps everything from running, then what is wrong with single tasks, newest
    first; then those that were paused for it, and at last what has succeeded since."""
    return [
        *_scheduler(health),
        *(_unreadable(one.task, one.reason) for one in seen.ahead.broken),
        *_late(seen),
        *sorted(_troubles(seen), key=_urgency),
    ]


def _urgency(line: Line) -> tuple[bool, bool]:
    """What goes on failing stands before what somebody has paused, and both before what has succeeded since."""
    return line.recovered_at is not None, line.look is PAUSED


def _scheduler(health: Health) -> Iterator[Line]:
    if health.behind:
        why = f"It has come as far as {duration(health.minutes)} ago: what was due since then has to wait for it."
        yield Line(look=BEHIND, why=why, name="Scheduler")


def _unreadable(task: Task, reason: str) -> Line:
    path = f"/task/{task.id}"
    return Line(
        look=UNREADABLE,
        why=f"Cannot be read: {reason}. Nothing of it starts until its schedule is put right.",
        name=task.definition.name,
        path=path,
        deed=Deed(path=f"{path}/update", word="Edit", posts=False),
    )


def _late(seen: AccountView) -> Iterator[Line]:
    """Tasks whose due time has passed without anything being recorded."""
    tasks = {task.id: task for task in seen.tasks}
    due = [(one.task.id, one.at, one.task.changed_at) for one in seen.ahead.due if one.at <= seen.now]
    for task_id, at in overdue(seen.past, due, seen.now):
        yield Line(
            look=LATE,
            why="It should have started by now, and nothing is recorded of it yet.",
            name=tasks[task_id].definition.name,
            path=f"/task/{task_id}",
            at=at,
            deed=Deed(path=f"/task/{task_id}", word="Look", posts=False),
        )


def _troubles(seen: AccountView) -> Iterator[Line]:
    tasks = {task.id: task for task in seen.tasks}
    for trouble in troubles(seen.past):
        task = tasks.get(trouble.run.task_id)
        if task is not None and not task.active and trouble.recovered_at is None:
            yield _paused(task, trouble)
        else:
            yield _trouble(trouble, deleted=task is None and not seen.more_tasks)


def _trouble(trouble: Trouble, *, deleted: bool) -> Line:
    """A run that did not succeed. One whose task is deleted cannot be tried again, only looked at."""
    run, retry = trouble.run, Deed(path=f"/run/{trouble.run.id}/retry", word="Retry")
    look = Deed(path=f"/run/{run.id}", word="Look", posts=False)
    return Line(
        look=RUN_LOOKS[run.status],
        why=f"{why(run)}{GONE if deleted else ''}",
        name=run.task_name,
        path=f"/run/{run.id}",
        at=run.due_at,
        count=trouble.count,
        deed=look if deleted else retry if run.status in FINAL else None,
        recovered_at=trouble.recovered_at,
    )


def _paused(task: Task, trouble: Trouble) -> Line:
    """A task that somebody paused after it failed: nothing of it runs until it is resumed."""
    reason = f" ({task.pause_reason})" if task.pause_reason else ""
    return Line(
        look=PAUSED,
        why=f"Paused after {TOLD_OF_ONE[trouble.run.status]}{reason}: {why(trouble.run)}",
        name=task.definition.name,
        path=f"/run/{trouble.run.id}",
        at=trouble.run.due_at,
        count=trouble.count,
        deed=Deed(path=f"/task/{task.id}/resume", word="Resume"),
    )


def why(run: Run) -> str:
    """Why a run needs attention, in words."""
    told = run.error.detail if run.error is not None else ""
    if not told and run.attempts and run.attempts[-1].error is not None:
        told = run.attempts[-1].error.detail
    if run.coalesced is not None:
        told = f"{run.coalesced.count} due times were missed. {told}"
    return told or NOTHING_TOLD.get(run.status, "")
