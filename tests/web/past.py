"""What has happened in an installation that is lived in: runs of every status, over two days and some weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.instant import floor_ms
from chalicelib.core.run import (
    SKIPPED_BY_OWNER,
    Attempt,
    AttemptStatus,
    Coalesced,
    Run,
    RunError,
    RunStatus,
    Trigger,
)
from tests.web.building import NOW
from tests.web.furniture import COLOURED, DUMPED, HOSTILE, WIDE

MS, SECOND, MINUTE, HOUR, DAY = (
    timedelta(milliseconds=1),
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
WHOLE_HOUR = NOW.replace(minute=0, second=0, microsecond=0)
UNREACHABLE = RunError(code="connection_failed", detail="warehouse.example.com refused the connection")
EXIT = RunError(code="exit_code", detail="the command ended with exit status 1")
TOO_LONG = RunError(code="timed_out", detail="stopped after 600 s")
HOSTILE_ERROR = RunError(code="exit_code", detail=f"{HOSTILE} {WIDE}", permanent=True)


class Past:
    """Makes the runs of one task. Each stands under its key, which is how tests call it."""

    def __init__(self, key: str, task_id: str, owner: str, name: str) -> None:
        self._key, self._task_id, self._owner, self._name = key, task_id, owner, name

    def run(self, key: str, due: datetime, status: RunStatus, *attempts: Attempt, **more: Any) -> tuple[str, Run]:
        """A run as a worker has recorded it."""
        last = attempts[-1] if attempts else None
        given = {
            "trigger": Trigger.SCHEDULE,
            "finished_at": None if last is None else last.finished_at,
            "error": None if last is None else last.error,
        }
        run = Run(
            task_id=self._task_id,
            due_at=due,
            owner=self._owner,
            task_name=self._name,
            status=status,
            token=f"{self._task_id}{due.timestamp()}",
            retention=timedelta(days=90),
            attempts=attempts,
            **(given | more),
        )
        return f"{self._key} {key}", run


def attempt(number: int, start: datetime, took: timedelta | None, status: AttemptStatus, **more: Any) -> Attempt:
    """One try; without a duration it is still at work."""
    finished = None if took is None else start + took
    return Attempt(number=number, started_at=start, finished_at=finished, status=status, **more)


def succeeded(due: datetime, took: timedelta, late: timedelta = 120 * MS, **more: Any) -> Attempt:
    return attempt(1, due + late, took, AttemptStatus.SUCCEEDED, **more)


def failed(number: int, start: datetime, took: timedelta, error: RunError, **more: Any) -> Attempt:
    return attempt(number, start, took, AttemptStatus.FAILED, error=error, **more)


def report(past: Past) -> Iterator[tuple[str, Run]]:
    """Two days of an hourly task that is mostly well, and a day of each week before."""
    for hours in range(1, 49):
        due = WHOLE_HOUR - hours * HOUR
        if hours in (5, 30):
            error = RunError(code="exception", detail="ValueError: no orders of yesterday")
            yield past.run(f"failed {hours}", due, RunStatus.FAILED, failed(1, due + SECOND, 2 * SECOND, error))
            continue
        took = (200 + hours * 37 % 900) * MS
        output = f"hello, billing\n{hours * 41} orders\n"
        done = succeeded(due, took, (80 + hours * 13 % 300) * MS, output=output)
        yield past.run(f"{hours}", due, RunStatus.SUCCEEDED, done, result={"orders": hours * 41})
    for weeks in range(1, 12):
        due = WHOLE_HOUR - weeks * 7 * DAY
        yield past.run(f"week {weeks}", due, RunStatus.SUCCEEDED, succeeded(due, 400 * MS))


def orders(past: Past) -> Iterator[tuple[str, Run]]:
    """A task whose other end went away an hour ago and came back twice; it waits for another attempt."""
    for minutes in range(6, 66, 3):
        due = WHOLE_HOUR - minutes * MINUTE
        yield past.run(f"{minutes}", due, RunStatus.SUCCEEDED, succeeded(due, (300 + minutes * 31) * MS))
    due = WHOLE_HOUR - 72 * MINUTE
    tries = [failed(n, due + n * MINUTE, 5 * SECOND, UNREACHABLE, http_status=502) for n in range(1, 6)]
    yield past.run("failed", due, RunStatus.FAILED, *tries)
    due = WHOLE_HOUR - 75 * MINUTE
    mended = attempt(2, due + 2 * MINUTE, SECOND, AttemptStatus.SUCCEEDED, http_status=200)
    yield past.run("mended", due, RunStatus.SUCCEEDED, failed(1, due + SECOND, 5 * SECOND, UNREACHABLE), mended)
    due = WHOLE_HOUR - 3 * MINUTE
    first = failed(1, due + 200 * MS, 30 * SECOND, UNREACHABLE, http_status=503)
    yield past.run("retrying", due, RunStatus.RETRYING, first, finished_at=None)


def backup(past: Past) -> Iterator[tuple[str, Run]]:
    """Nights of a long command. The last one took too long, the one before failed with a coloured output."""
    for days in range(2, 60):
        due = WHOLE_HOUR.replace(hour=1, minute=30) - days * DAY
        took, late = (120 + days * 53 % 400) * SECOND, (60 + days * 97 % 700) * MS
        done = succeeded(due, took, late, exit_code=0, output=DUMPED)
        yield past.run(f"{days}", due, RunStatus.SUCCEEDED, done, result={"exit_code": 0})
    due = WHOLE_HOUR.replace(hour=1, minute=30)
    broken = failed(1, due - DAY + 150 * MS, 59_800 * MS, EXIT, exit_code=1, output=COLOURED, output_truncated=True)
    yield past.run("failed", due - DAY, RunStatus.FAILED, broken, result={"exit_code": 1})
    long = attempt(1, due + 180 * MS, 600 * SECOND, AttemptStatus.TIMED_OUT, error=TOO_LONG, output=DUMPED[:400])
    yield past.run("timed out", due, RunStatus.TIMED_OUT, long)


def cache(past: Past) -> Iterator[tuple[str, Run]]:
    """One at work, one that waits for it, and many before."""
    for seconds in range(90, 1200, 30):
        due = WHOLE_HOUR - seconds * SECOND
        yield past.run(f"{seconds}", due, RunStatus.SUCCEEDED, succeeded(due, seconds * MS, http_status=200))
    due = WHOLE_HOUR - 30 * SECOND
    lease = WHOLE_HOUR + 60 * SECOND
    at_work = attempt(1, due + 90 * MS, None, AttemptStatus.RUNNING)
    yield past.run("running", due, RunStatus.RUNNING, at_work, lease_until=lease)
    yield past.run("queued", WHOLE_HOUR, RunStatus.QUEUED, trigger=Trigger.MANUAL)


def clean(past: Past) -> Iterator[tuple[str, Run]]:
    """What else may become of a due time."""
    at = WHOLE_HOUR - 5 * HOUR
    lost = RunError(code="lost", detail="its worker died, and no attempt is left")
    gone = attempt(1, at + 90 * MS, 120 * SECOND, AttemptStatus.LOST, error=lost)
    yield past.run("lost", at, RunStatus.LOST, gone)
    missed = RunError(code="missed", detail="it could not be started within its grace")
    span = Coalesced(first=at - 12 * HOUR, last=at - 8 * HOUR, count=13)
    yield past.run("missed", at - 8 * HOUR, RunStatus.MISSED, error=missed, coalesced=span, finished_at=at)
    skipped = RunError(code="overlap", detail="an earlier run was still at work")
    yield past.run("skipped", at + 20 * MINUTE, RunStatus.SKIPPED, error=skipped, finished_at=at + 20 * MINUTE)
    stopped = attempt(1, at + 40 * MINUTE, 9 * SECOND, AttemptStatus.CANCELLED)
    yield past.run("cancelled", at + 40 * MINUTE, RunStatus.CANCELLED, stopped)
    own = RunError(code=SKIPPED_BY_OWNER, detail="skipped by its owner")
    yield past.run("to skip", WHOLE_HOUR + 20 * MINUTE, RunStatus.CANCELLED, error=own, finished_at=floor_ms(NOW))
    late = succeeded(at + HOUR, 80 * SECOND, 95 * SECOND, exit_code=0, output="late\n")
    yield past.run("late", at + HOUR, RunStatus.SUCCEEDED, late, trigger=Trigger.BACKFILL)


def hostile(past: Past) -> Iterator[tuple[str, Run]]:
    """A run whose output and error are what nobody should write."""
    due = WHOLE_HOUR - HOUR
    output = f"{HOSTILE}\n{WIDE * 5}\n\x1b[31m{HOSTILE}\x1b[999;999H\r\n\x00\x07\x9b"
    tries = [failed(n, due + n * MINUTE, n * SECOND, HOSTILE_ERROR, exit_code=1, output=output) for n in (1, 2, 3)]
    yield past.run("failed", due, RunStatus.FAILED, *tries, result={HOSTILE: WIDE})


PASTS = {
    "report": report,
    "orders": orders,
    "backup": backup,
    "cache": cache,
    "clean": clean,
    "hostile": hostile,
}
"""What happened to which task."""
