"""The judge: what must hold when everything that was waiting has been worked off after a kill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib.core.instant import to_text
from chalicelib.core.run import FINAL, AttemptStatus, Run, RunStatus
from chalicelib.core.schedule import due_times
from chalicelib.core.task import Task
from tests.kills.stage import Stage

AFTER_LEASE = 1400
"""Seconds: later than any lease ends that a victim can have taken, and than all due times of all scenes."""
ROUNDS = 4
"""A run that waits for another, taken over itself, takes two."""
QUEUES = ("light", "urgent", "commands", "light-dead", "urgent-dead", "commands-dead", "passes-dead")


def claimed(stage: Stage) -> set[str]:
    """The runs that somebody seems to be at."""
    return {run.id for run in stage.runs().values() if run.status is RunStatus.RUNNING}


def settle(stage: Stage, lost: set[str]) -> None:
    """Start tick, pass and work again until nothing is open, at most `ROUNDS` times; then judge.

    `lost`: the runs whose worker was killed at it, and no others, must have an attempt that says so.
    """
    complaints: list[str] = []
    for n in range(ROUNDS):
        later = AFTER_LEASE * (n + 1)
        stage.recover(later, "tick", "pass", "work")
        complaints = unsettled(stage, later)
        if not complaints:
            break
    complaints += wrong(stage, lost)
    assert not complaints, "\n".join([*complaints, *map(str, stage.runs().values()), *stage.lines()])


def unsettled(stage: Stage, later: int) -> list[str]:
    """What is missing or still open: another round may heal it, and if it does not it was lost."""
    tasks, runs = stage.tasks(), stage.runs()
    found = [f"I1 {name} was due at {due} and there is no record" for name, due in _unrecorded(tasks, runs, later)]
    found += [f"I4 run {run.id} stays {run.status}: {run.error}" for run in runs.values() if run.status not in FINAL]
    found += [f"late entry {late.entry.key} stays" for late in stage.store.late(0, 100).entries]
    found += [f"{count} messages wait in {name}" for name, count in stage.waiting(*QUEUES).items()]
    slots = (stage.store.slot(task_id) for task_id in tasks)
    return found + [f"slot {slot} stays" for slot in slots if slot is not None]


def wrong(stage: Stage, lost: set[str]) -> Iterator[str]:
    """What has happened that must not."""
    tasks, runs, lines = stage.tasks(), stage.runs(), Counter(stage.lines())
    for run in runs.values():
        task = tasks.get(run.task_id)
        yield from _misrecorded(run, task, lost)
        if task is not None and task.definition.action["type"] == "command":
            yield from _commands(run, lines)
    for task in tasks.values():
        own = [run for run in runs.values() if run.task_id == task.id]
        if task.definition.action["type"] == "function":
            yield from _functions(task, own, lines)
    unknown = lines.keys() - {f"{run.id} {a.number}" for run in runs.values() for a in run.attempts}
    yield from (f"I2 {line} was performed and has no record" for line in unknown - {_word(t) for t in tasks.values()})


def _unrecorded(tasks: dict[str, Task], runs: dict[str, Run], later: int) -> Iterator[tuple[str, str]]:
    recorded = {(run.task_id, run.due_at) for run in runs.values()}
    until = datetime.now(UTC) + timedelta(seconds=later)
    for task in tasks.values():
        for due in due_times(task.definition.schedule, task.changed_at, until) if task.active else ():
            if (task.id, due) not in recorded:
                yield task.definition.name, to_text(due)


def _misrecorded(run: Run, task: Task | None, lost: set[str]) -> Iterator[str]:
    """A run ends well in attempts that are numbered, and one is lost only where its worker was killed."""
    unwanted = task is None or not task.active or not task.is_due(run.due_at)
    if run.status is not RunStatus.SUCCEEDED and not (unwanted and run.status is RunStatus.SKIPPED):
        yield f"I4 {run.id} ended {run.status}: {run.error}"
    statuses = [attempt.status for attempt in run.attempts]
    if [attempt.number for attempt in run.attempts] != list(range(1, len(statuses) + 1)):
        yield f"{run.id} has attempts {run.attempts}"
    if statuses.count(AttemptStatus.LOST) != (run.id in lost):
        yield f"I4 {run.id} was {'' if run.id in lost else 'not '}being performed when its worker died: {statuses}"
    if statuses.count(AttemptStatus.SUCCEEDED) != (run.status is RunStatus.SUCCEEDED):
        yield f"I2 {run.id} is {run.status} with {statuses}"


def _commands(run: Run, lines: Counter[str]) -> Iterator[str]:
    """An attempt that the sandbox has seen to its end began once, a lost one at most once."""
    for attempt in run.attempts:
        begun = lines[f"{run.id} {attempt.number}"]
        if begun > 1 or (begun == 0 and attempt.status is not AttemptStatus.LOST):
            yield f"I2 attempt {attempt.number} of {run.id}, {attempt.status}, began {begun} times"


def _functions(task: Task, runs: list[Run], lines: Counter[str]) -> Iterator[str]:
    """As many lines as attempts that succeeded, and no more besides than attempts were lost."""
    statuses = [attempt.status for run in runs for attempt in run.attempts]
    succeeded, lost = statuses.count(AttemptStatus.SUCCEEDED), statuses.count(AttemptStatus.LOST)
    if not succeeded <= lines[_word(task)] <= succeeded + lost:
        yield f"I2 {task.definition.name} was called {lines[_word(task)]} times in {statuses}"


def _word(task: Task) -> str:
    """What a task's function appends."""
    return str(task.definition.action.get("kwargs", {}).get("text"))
