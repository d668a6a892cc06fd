"""Answers about functions, and about the schedules that they say in the code."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.in_code import Standing
from chalicelib.web.api.document.schema import Schema, or_null, record, ref, some, switch, text

_PARAMETER = {
    "name": text("its name"),
    "kind": text("how it is given, as Python calls it"),
    "required": switch("whether it has to be given"),
    "default": {"description": "what it is otherwise"},
    "annotation": or_null(text("its type, as it is written")),
}
_IN_CODE = {
    "name": text("its stable name"),
    "schedule": {"type": "object", "description": "as a task has it"},
    "args": {"type": "array", "description": "what it is called with"},
    "kwargs": {"type": "object", "description": "what it is called with, by name"},
}
_FUNCTION = {
    "name": text("its name"),
    "description": text("what it says of itself"),
    "parameters": some(record("one", _PARAMETER), "what it takes"),
    "takes_context": switch("whether it is told of its run"),
    "defaults": {
        "type": "object",
        "description": "what a task that calls it has where it says nothing itself: timeout_seconds, retry, overlap, "
        "priority",
    },
    "schedules": some(record("one", _IN_CODE), "when it is due by itself"),
}
_STANDING = {
    "name": text("its stable name"),
    "function": or_null(text("the function that says it; null where none does any more")),
    "schedule": or_null({"type": "object", "description": "as a task has it"}),
    "standing": or_null(text(f"one of {', '.join(Standing)}; null for whom it is none of their business")),
    "detail": text("why it was refused"),
    "task_id": or_null(text("its task")),
    "paused": or_null(switch("whether that is paused")),
    "done": or_null(switch("whether this request changed that")),
    "differs": some(
        record(
            "one",
            {
                "field": text("of the task"),
                "task": {"description": "what the task has"},
                "code": {"description": "what the code says"},
            },
        ),
        "what somebody changed by hand",
    ),
}
ANSWERS: Mapping[str, Schema] = {
    "Function": record("A function that a task may call.", _FUNCTION),
    "ScheduleInCode": record("A schedule that a function says in the code.", _STANDING),
    "ScheduleInCodeList": record(
        "All of them.",
        {"owner": or_null(text("whose tasks new ones become")), "items": some(ref("ScheduleInCode"), "by name")},
    ),
    "FunctionList": record("All of them.", {"items": some(ref("Function"), "by name")}),
}
