"""Reports: what a simulation came to, as a table for people or as JSON for programs. Both end with the summary."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.instant import MILLISECOND, to_text
from chalicelib.core.run import Run
from infra.simulation.play import History

WAITING = "waiting"
"""What a due time is that nothing has been done about when the simulation ends."""
HEADINGS = ("DUE", "TASK", "STATUS", "LATE", "TRIES", "WHY")
PERCENTILES = (50, 95, 99, 100)


def as_json(history: History) -> Iterator[str]:
    """One JSON document with `runs`, `refused` and `summary`."""
    document = {"runs": list(_rows(history)), "refused": list(_refused(history)), "summary": summary(history)}
    yield json.dumps(document, indent=1, ensure_ascii=False)


def as_table(history: History) -> Iterator[str]:
    """One line for each run, then what the catalog refused, then the summary."""
    yield from _columns([HEADINGS, *(_cells(row) for row in _rows(history))])
    for refused in _refused(history):
        yield f"refused  {refused['at']}  {refused['do']}: {refused['reason']}"
    yield ""
    yield from (f"{name}: {_in_words(value)}" for name, value in summary(history).items())


def summary(history: History) -> dict[str, Any]:
    """The whole in numbers."""
    rows, counted = list(_rows(history)), history.counted
    started = sorted(row["lateness_ms"] for row in rows if row["lateness_ms"] is not None)
    return {
        "from": to_text(history.begin),
        "to": to_text(history.end),
        "tasks": history.tasks,
        "due_times": sum(row["due_times"] for row in rows),
        "by_status": dict(sorted(Counter(row["status"] for row in rows).items())),
        "lateness_ms": {_percentile_name(p): percentile(started, p) for p in PERCENTILES} if started else None,
        "ticks": {"fired": counted.ticks, "lost": counted.lost, "doubled": counted.doubled},
        "passes": len(counted.dispatched),
        "most_in_one_pass": max(counted.dispatched, default=0),
    }


def percentile(ordered: Sequence[int], percent: int) -> int:
    """The nearest rank: a value that really occurred.

    >>> [percentile([1, 2, 3, 40], p) for p in (50, 95, 100)]
    [2, 40, 40]
    """
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _percentile_name(percent: int) -> str:
    return "max" if percent == 100 else f"p{percent}"


def _rows(history: History) -> Iterator[dict[str, Any]]:
    recorded = [(run.due_at, _run_row(run)) for run in history.runs]
    waiting = [(x.due_at, _row(x.due_at, x.task.definition.name, x.task.id, WAITING)) for x in history.waiting]
    yield from (row for _, row in sorted([*recorded, *waiting], key=lambda x: x[0]))


def _row(due: datetime, name: str, task_id: str, status: str, **more: Any) -> dict[str, Any]:
    bare = {
        "due_at": to_text(due),
        "task_name": name,
        "task_id": task_id,
        "trigger": "schedule",
        "status": status,
        "started_at": None,
        "finished_at": None,
        "lateness_ms": None,
        "attempts": 0,
        "reason": None,
        "due_times": 1,
        "first_due_at": to_text(due),
    }
    return bare | more


def _run_row(run: Run) -> dict[str, Any]:
    many = run.coalesced
    return _row(
        run.due_at,
        run.task_name,
        run.task_id,
        str(run.status),
        trigger=str(run.trigger),
        started_at=_text(run.started_at),
        finished_at=_text(run.finished_at),
        lateness_ms=None if run.lateness is None else run.lateness // MILLISECOND,
        attempts=len(run.attempts),
        reason=None if run.error is None else {"code": run.error.code, "detail": run.error.detail},
        due_times=1 if many is None else many.count,
        first_due_at=to_text(run.due_at if many is None else many.first),
    )


def _refused(history: History) -> Iterator[dict[str, str]]:
    for refused in history.refused:
        event = refused.event
        yield {
            "at": to_text(event.at),
            "task_id": event.task_id,
            "do": str(event.do),
            "reason": refused.reason,
        }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    reason = row["reason"]
    why = [] if reason is None else [f"{reason['code']}: {reason['detail']}"]
    if row["due_times"] > 1:
        why.append(f"{row['due_times']} due times since {row['first_due_at']}")
    if row["trigger"] != "schedule":
        why.insert(0, row["trigger"])
    late = "" if row["lateness_ms"] is None else _duration(row["lateness_ms"])
    tries = str(row["attempts"]) if row["attempts"] else ""
    return row["due_at"], row["task_name"], row["status"], late, tries, "; ".join(why)


def _duration(milliseconds: int) -> str:
    """
    >>> [_duration(n) for n in (0, 1250, 3_661_000)]
    ['0.000 s', '1.250 s', '1:01:01']
    """
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.3f} s"
    return str(timedelta(seconds=milliseconds // 1000))


def _columns(lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return _joined(f"{name} {number}" for name, number in value.items())
    return "none" if value is None else str(value)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "none"
