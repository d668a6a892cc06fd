"""Answers about tasks, and about what they name: calendars and secrets."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.web.api.document.answers.runs import LAST_RUN
from chalicelib.web.api.document.schema import Schema, instant, listing, number, of, or_null, record, some, text

_COST = record(
    "what it costs in the coming 30 days, alone and at list prices; an estimate",
    {
        "usd_per_month": of("number", "US dollars"),
        "runs_per_month": of("number", "how often it runs"),
        "assumes": of("object", "what was assumed of a run"),
        "prices_of": of("string", "of which day the prices are", format="date"),
    },
)
_TOLD = record(
    "what its owner was told of it, where it has `notify`",
    {
        "failing_since": or_null(instant("since when there is trouble")),
        "told_at": or_null(instant("when something was last told")),
        "counted": number("trouble that is only counted, within the cool-down"),
        "waiting": number("alerts that are to be delivered"),
        "delivered_at": or_null(instant("when an alert was last taken")),
        "refused_at": or_null(instant("when one was last refused")),
        "refusal": or_null(text("why")),
    },
)
TASK_ADDED: Mapping[str, Schema] = {
    "id": text("its id"),
    "state": {"enum": ["active", "paused", "completed"], "description": "completed: nothing is left to run"},
    "version": number("counts its changes; the ETag"),
    "owner": text("the id of the account that it belongs to"),
    "created_at": instant("when it was defined"),
    "updated_at": instant("when it was last changed"),
    "pause_reason": or_null(text("why it is paused")),
    "schedule_text": text("its schedule in words"),
    "next_run_at": or_null(instant("its next due time")),
    "last_run": or_null(LAST_RUN),
    "cost_estimate": _COST,
    "notify_state": _TOLD,
}
"""What answers add to a task as its owner gives it. Ignored where it is sent back."""
_CALENDAR = {
    "name": text("its name"),
    "updated_at": instant("when its file was given"),
    "spans": number("how many times it leaves out"),
    "next": some(record("one", {"from": instant("from"), "to": instant("up to, not included")}), "the next of them"),
}
_CLOCKS = {"utc": instant("in UTC"), "local": instant("by the schedule's own clock")}
_PREVIEW = {
    "description": text("the schedule in words"),
    "next": some(record("a due time", _CLOCKS), "the next due times"),
    "excluded": some(
        record("a due time", {**_CLOCKS, "by": text("what leaves it out")}),
        "due times between them that are left out",
    ),
    "warnings": some(
        record(
            "what is odd about it",
            {"code": text("a stable word"), "detail": text("a sentence"), "at": instant("when")},
            maybe=("at",),
        ),
        "what may not be as meant",
    ),
}
ANSWERS: Mapping[str, Schema] = {
    "TaskList": listing("TaskAnswer"),
    "Calendar": record("A named calendar.", _CALENDAR),
    "CalendarList": listing("Calendar"),
    "SecretName": record(
        "What may be told of a secret.", {"name": text("its name"), "updated_at": instant("when its value was given")}
    ),
    "SecretList": listing("SecretName"),
    "PreviewAnswer": record("What a schedule means.", _PREVIEW),
}


def task_answer(task: Schema) -> Schema:
    """A task as it is answered, from the schema of one as it is given."""
    properties = {**task["properties"], **TASK_ADDED}
    return record("A task with what only answers say of it.", properties, maybe=("notify_state", "notify"))


def checked_task(task: Schema) -> Schema:
    """A task as it would be stored, from the schema of one as it is given."""
    return record("A task as it would be stored, every default filled in.", task["properties"], maybe=("notify",))
