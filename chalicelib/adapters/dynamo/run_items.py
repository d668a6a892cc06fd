"""Runs as items. An executed light run, attempts and short output included, fits into one write unit: 1 KB.

Longer output is an item of its own, so that reading the newest runs of a task never reads outputs, and finishing a run
never writes the outputs of earlier attempts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.adapters.dynamo.ground.items import Item, read, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.keys import due_key
from chalicelib.adapters.tables import RunItem
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.run import (
    NEEDS_ATTENTION,
    Attempt,
    AttemptStatus,
    Coalesced,
    Part,
    Run,
    RunError,
    RunStatus,
    Trigger,
)
from chalicelib.core.trials import is_hidden

SHORT_OUTPUT = 1024
"""Bytes of output that are kept within the run."""
SPARE_DAY = timedelta(days=1)
"""Kept beyond the retention: whoever is told a run's id can still look at it."""


class Unread(str):
    """Stands for an output that has an item of its own, until that is read. None leaves the store."""


def run_item(run: Run, *, feed: bool, latest: datetime | None = None) -> Item:
    """The item of a run. `latest` is when something begins that still needs it. One of a hidden task is in no list."""
    lister = None if is_hidden(run.task_id) else run.owner or None
    item = write(
        RunItem,
        task_id=run.task_id,
        due_key=due_key(run.due_at),
        owner=run.owner,
        name=run.task_name,
        trigger=str(run.trigger),
        status=str(run.status),
        token=run.token,
        retention=run.retention,
        lease_until=run.lease_until,
        finished_at=run.finished_at,
        attempts=[_attempt_record(attempt) for attempt in run.attempts] or None,
        result=run.result,
        error=None if run.error is None else _error_record(run.error),
        coalesced=None if run.coalesced is None else _coalesced_record(run.coalesced),
        part=None if run.part is None else _part_record(run.part),
        attention=lister if run.status in NEEDS_ATTENTION else None,
        feed=lister if feed else None,
        expires_at=expiry(run, latest),
    )
    return numbered(RunItem, item)


def expiry(run: Run, latest: datetime | None = None) -> datetime:
    """When a run may be removed: its retention after its due time, or after the last that happened to it if later."""
    moments = [run.due_at, run.lease_until, run.finished_at, latest, *(a.started_at for a in run.attempts)]
    return max(moment for moment in moments if moment is not None) + run.retention + SPARE_DAY


def run_of(item: Item) -> Run:
    """The run that an item holds. Output that has an item of its own is not read yet."""
    values = read(RunItem, item)
    error, coalesced, part = values.get("error"), values.get("coalesced"), values.get("part")
    return Run(
        task_id=values["task_id"],
        due_at=from_ms(int(values["due_key"])),
        owner=values["owner"],
        task_name=values["name"],
        trigger=Trigger(values["trigger"]),
        status=RunStatus(values["status"]),
        token=values["token"],
        retention=values["retention"],
        lease_until=values.get("lease_until"),
        finished_at=values.get("finished_at"),
        attempts=tuple(_attempt(record) for record in values.get("attempts", ())),
        result=values.get("result"),
        error=None if error is None else _error(error),
        coalesced=None if coalesced is None else _coalesced(coalesced),
        part=None if part is None else _part(part),
    )


def key_of_run(task_id: str, due_at: datetime) -> Item:
    """The key of a run's item."""
    return write(RunItem, task_id=task_id, due_key=due_key(due_at))


def output_items(run: Run, attempts: Iterable[Attempt]) -> list[Item]:
    """The items of those attempts' outputs that are too long for the run's item."""
    return [
        numbered(RunItem, key_of_output(run, attempt) | write(RunItem, output=attempt.output, expires_at=expiry(run)))
        for attempt in attempts
        if _is_long(attempt.output)
    ]


def unread_outputs(run: Run) -> list[Item]:
    """The keys of the outputs that a run refers to."""
    return [key_of_output(run, attempt) for attempt in run.attempts if isinstance(attempt.output, Unread)]


def key_of_output(run: Run, attempt: Attempt) -> Item:
    """The key of an output's item: a letter comes after every digit, so that a range of runs holds none."""
    return write(RunItem, task_id=run.task_id, due_key=f"output#{due_key(run.due_at)}#{attempt.number:02d}")


def output_name(key: Item) -> tuple[str, str]:
    """What tells one output from all others."""
    return key["task_id"]["S"], key["due_key"]["S"]


def with_outputs(run: Run, outputs: Mapping[tuple[str, str], str]) -> Run:
    """The run with the outputs that it refers to; one that is gone is empty and marked as cut."""

    def joined(attempt: Attempt) -> Attempt:
        if not isinstance(attempt.output, Unread):
            return attempt
        output = outputs.get(output_name(key_of_output(run, attempt)))
        return replace(attempt, output=output or "", output_truncated=attempt.output_truncated or output is None)

    return replace(run, attempts=tuple(joined(attempt) for attempt in run.attempts))


def without_output(run: Run) -> Run:
    """The run without any output."""
    return replace(run, attempts=tuple(replace(attempt, output="") for attempt in run.attempts))


def outputs_of(items: Iterable[Item]) -> dict[tuple[str, str], str]:
    """The texts of outputs' items."""
    return {output_name(item): read(RunItem, item)["output"] for item in items}


def _is_long(output: str) -> bool:
    return len(output.encode("utf-8", "replace")) > SHORT_OUTPUT


def _attempt_record(attempt: Attempt) -> dict[str, Any]:
    long = _is_long(attempt.output)
    record: dict[str, Any] = {
        "n": attempt.number,
        "at": to_ms(attempt.started_at),
        "sent": _between(attempt.dispatched_at, attempt.started_at),
        "go": _between(attempt.started_at, attempt.begun_at),
        "is": str(attempt.status),
        "end": None if attempt.finished_at is None else to_ms(attempt.finished_at),
        "exit": attempt.exit_code,
        "http": attempt.http_status,
        "err": None if attempt.error is None else _error_record(attempt.error),
        "out": None if long else attempt.output or None,
        "long": long or None,
        "cut": attempt.output_truncated or None,
    }
    return {name: value for name, value in record.items() if value is not None}


def _attempt(record: Mapping[str, Any]) -> Attempt:
    end, error = record.get("end"), record.get("err")
    return Attempt(
        number=record["n"],
        started_at=from_ms(record["at"]),
        dispatched_at=from_ms(record["at"] - record["sent"]) if "sent" in record else None,
        begun_at=from_ms(record["at"] + record["go"]) if "go" in record else None,
        status=AttemptStatus(record["is"]),
        finished_at=None if end is None else from_ms(end),
        exit_code=record.get("exit"),
        http_status=record.get("http"),
        error=None if error is None else _error(error),
        output=Unread() if "long" in record else record.get("out", ""),
        output_truncated=record.get("cut", False),
    )


def _between(earlier: datetime | None, later: datetime | None) -> int | None:
    """Milliseconds from one instant to another: a few digits where the instants themselves would be thirteen."""
    return None if earlier is None or later is None else to_ms(later) - to_ms(earlier)


def _error_record(error: RunError) -> dict[str, Any]:
    return {"code": error.code, "detail": error.detail} | ({"permanent": True} if error.permanent else {})


def _error(record: Mapping[str, Any]) -> RunError:
    return RunError(code=record["code"], detail=record["detail"], permanent=record.get("permanent", False))


def _coalesced_record(coalesced: Coalesced) -> list[int]:
    return [to_ms(coalesced.first), to_ms(coalesced.last), coalesced.count]


def _coalesced(record: list[int]) -> Coalesced:
    first, last, count = record
    return Coalesced(first=from_ms(first), last=from_ms(last), count=count)


def _part_record(part: Part) -> list[str | int]:
    return [part.group_id, part.round, part.index, part.total, int(part.chain)]


def _part(record: list[Any]) -> Part:
    group_id, round_, index, total, chain = record
    return Part(group_id=group_id, round=round_, index=index, total=total, chain=bool(chain))
