"""Answers about runs, and what can be told of one in short."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.run import AttemptStatus, RunStatus, Trigger
from chalicelib.web.api.document.schema import (
    Schema,
    instant,
    listing,
    number,
    or_null,
    record,
    ref,
    some,
    switch,
    text,
)

_ERROR = or_null(record("what went wrong", {"code": text("a stable word"), "detail": text("a sentence")}))
_DUE = instant("when it was due")
_MILLISECONDS = or_null(number("start minus due time, in milliseconds"))
LAST_RUN = record(
    "its last run",
    {
        "id": text("its id"),
        "due_at": _DUE,
        "status": {"enum": list(RunStatus)},
        "lateness_ms": _MILLISECONDS,
    },
)
_ATTEMPT = record(
    "One try of a run.",
    {
        "number": number("from 1"),
        "started_at": instant("when it started"),
        "finished_at": or_null(instant("when it ended")),
        "status": {"enum": list(AttemptStatus)},
        "exit_code": number("of a command"),
        "http_status": number("of an HTTP answer"),
        "error": _ERROR,
        "output": text("what it printed, 64 KB at most"),
    },
    maybe=("exit_code", "http_status", "error", "output"),
)
_RUN = record(
    "One due time of one task, recorded.",
    {
        "id": text("task id and due time"),
        "task_id": text("the task"),
        "task_name": text("what the task was called"),
        "due_at": _DUE,
        "trigger": {"enum": list(Trigger), "description": "what it is due by"},
        "status": {"enum": list(RunStatus), "description": "how it stands"},
        "started_at": or_null(instant("when its first attempt started")),
        "finished_at": or_null(instant("when it ended")),
        "lateness_ms": _MILLISECONDS,
        "attempts": some(ref("Attempt"), "every try, in order"),
        "result": {"description": "what the function returned, the answer's status and an excerpt, or the exit code"},
        "error": _ERROR,
        "output": text("what its last attempt printed"),
        "output_truncated": switch("whether that was cut"),
        "coalesced": record(
            "of a record that stands for several due times",
            {"first": instant("the first"), "last": instant("the last"), "count": number("how many")},
        ),
        "group_id": text("of a run that a group asked for: which one"),
    },
    maybe=("coalesced", "group_id"),
)
ANSWERS: Mapping[str, Schema] = {
    "Attempt": _ATTEMPT,
    "Run": _RUN,
    "RunList": listing("Run"),
    "BackfillAnswer": record(
        "The runs of a range, without what they printed.",
        {
            "runs": some(ref("Run"), "all of them, in order"),
            "count": number("how many"),
            "queued": number("how many of them are new"),
        },
    ),
    "Redriven": record(
        "Which runs are tried again.", {"runs": some(text("its id"), "newest first"), "count": number("how many")}
    ),
}
