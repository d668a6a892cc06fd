"""The judge of interleavings: what the judge of faults looks for, and what owners were promised about single runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from chalicelib.core.run import LEGAL_MOVES, AttemptStatus, Run, RunStatus
from chalicelib.core.task import CatchUp, Delivery, Overlap, Task
from tests.core.building import at
from tests.faults.judging import unsettled, wrong
from tests.interleavings.actions import Span
from tests.interleavings.world import World

PATIENCE = timedelta(seconds=7200)
"""The auditor looks at all tasks once an hour."""
STEP = timedelta(seconds=60)
REPAIRS = frozenset({"run_missing", "run_stuck", "chain_broken"})
"""Findings of what the other mechanisms have to see to by themselves."""
Key = tuple[str, datetime]


def settle(world: World, until: datetime | None = None) -> None:
    """Play to the end and on until everything has come to rest; then judge. What is due until then is looked at."""
    until = at(world.chance.end) if until is None else until
    world.play(until)
    while world.now < until + PATIENCE and (world.restless() or unsettled(world, until)):
        world.play(world.now + STEP)
    complaints = [*unsettled(world, until), *wrong(world, asked_again(world)), *broken_promises(world)]
    if complaints:
        raise AssertionError("\n".join([*complaints, "", world.history(), "", *complaints]))


def asked_again(world: World) -> set[Key]:
    """The runs that their owner wanted tried again, whether they were told that it will be or not."""
    return {order.key for order in world.owner.orders if order.verb == "retry"}


def broken_promises(world: World) -> Iterator[str]:
    """What goes beyond the judge of faults."""
    tasks = {change.stored.id: change.stored for change in world.changes if change.stored is not None}
    yield from _repaired(world)
    yield from _started_twice(world, tasks)
    yield from _started_against_orders(world)
    yield from _overlapped(world, tasks)
    for run in world.runs().values():
        yield from _without_reason(world, tasks, run)
    for path in world.store.paths.values():
        yield from misled(path)


def _repaired(world: World) -> Iterator[str]:
    """What the auditor had to repair, though no request was slow and then died: the rest has to do without it."""
    if any(process.kind == "api" and process.slow and process.dead for process in world.timeline.processes):
        return
    yield from (f"I1 the auditor repaired {found}" for found in world.findings if found["finding"] in REPAIRS)


def misled(path: Sequence[Run]) -> Iterator[str]:
    """Where the states of a run, from the first that was stored, do not follow the table of legal moves."""
    if path[0].status not in LEGAL_MOVES[None]:
        yield f"I13 {path[0].id} began as {path[0].status}"
    for before, after in pairwise(path):
        if after.status not in LEGAL_MOVES[before.status]:
            yield f"I13 {after.id} moved from {before.status} to {after.status}"
        ended = tuple(attempt for attempt in before.attempts if attempt.status is not AttemptStatus.RUNNING)
        if after.attempts[: len(ended)] != ended:
            yield f"I13 {after.id}: an attempt that had ended is not what it was"
        if [attempt.number for attempt in after.attempts] != list(range(1, len(after.attempts) + 1)):
            yield f"I13 {after.id} has attempts {after.attempts}"
        if (after.status is RunStatus.RUNNING) != any(a.status is AttemptStatus.RUNNING for a in after.attempts):
            yield f"I13 {after.id} is {after.status} with attempts {after.attempts}"


def _started_twice(world: World, tasks: dict[str, Task]) -> Iterator[str]:
    """A task that wants at most one start gets a second one only after a failure that was recorded."""
    by_run = defaultdict(list)
    for start in world.starts:
        by_run[start.task_id, start.due_at].append(start)
    runs, again = world.runs(), asked_again(world)
    for key, starts in by_run.items():
        task = tasks.get(key[0])  # none: it was deleted before whoever created it was told
        once = task is not None and task.definition.delivery is Delivery.AT_MOST_ONCE
        recorded = {attempt.number: attempt.status for attempt in runs[key].attempts} if key in runs else {}
        for first, _ in pairwise(starts if once and key not in again else ()):
            if recorded.get(first.attempt) not in (AttemptStatus.FAILED, AttemptStatus.TIMED_OUT):
                yield f"I4 {runs[key].id} was to start at most once and started {len(starts)} times"


def _started_against_orders(world: World) -> Iterator[str]:
    """What was cancelled before it was at work, or skipped, does not start."""
    again = asked_again(world)
    for order in world.owner.orders:
        if order.answer is None or order.verb == "retry" or order.key in again:
            continue
        for start in world.starts:
            later = start.at > order.ended and start.attempt > len(order.answer.attempts)
            if (start.task_id, start.due_at) == order.key and later:
                yield f"I8 {order.answer.id}: {order.verb} was acknowledged at {order.ended}, and {start}"


def _overlapped(world: World, tasks: dict[str, Task]) -> Iterator[str]:
    """Two runs of a task that are at work at once, though none of their workers was in trouble."""
    by_task = defaultdict(list)
    for span in world.actions.spans:
        task = tasks.get(span.start.task_id)
        if task is not None and task.definition.overlap in (Overlap.SKIP, Overlap.QUEUE):
            by_task[span.start.task_id].append(span)
    for spans in by_task.values():
        for first, second in combinations(spans, 2):
            if first.start.due_at != second.start.due_at and _at_once(first, second):
                yield f"I10 {first.start} and {second.start} were at work at once"


def _at_once(first: Span, second: Span) -> bool:
    broken = first.start.process.broken or second.start.process.broken
    return not broken and first.end is not None and second.start.at < first.end


def _without_reason(world: World, tasks: dict[str, Task], run: Run) -> Iterator[str]:
    """A run that ended without a start says why, and it is a reason that there can have been."""
    code = "" if run.error is None else run.error.code
    started = any((start.task_id, start.due_at) == (run.task_id, run.due_at) for start in world.starts)
    if run.status in (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.TIMED_OUT) and not started:
        yield f"I1 {run.id} {run.status} and never started"
    if run.status in (RunStatus.MISSED, RunStatus.SKIPPED, RunStatus.LOST, RunStatus.CANCELLED) and not code:
        yield f"I1 {run.id} {run.status} without a reason"
    task = tasks.get(run.task_id)
    if task is None:
        return
    misfire = task.definition.misfire
    patient = misfire.catch_up is CatchUp.ALL and misfire.grace > timedelta(days=1)
    if run.status is RunStatus.MISSED and patient:
        yield f"I7 {run.id} was missed although its task starts everything, however late"
    label = task.definition.tags[0]
    possible = {"overlap": task.definition.overlap is not Overlap.ALLOW} | {
        word: any(world.owner.was_asked(verb, label) for verb in verbs) for word, verbs in CAUSES.items()
    }
    if run.status is RunStatus.SKIPPED and not possible.get(code):
        yield f"I1 {run.id} was skipped as {code}, and there was no such thing"


CHANGED = ("pause", "resume", "edit")
"""Of two changes in a row only the last one is known: a task that is active again says that it was edited."""
CAUSES = {"paused": CHANGED, "edited": CHANGED, "deleted": ("delete",)}
