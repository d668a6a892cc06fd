"""Answers: what the API sends back, as its OpenAPI document tells it. A test holds real answers against this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.groups.group import GroupState, Handing, Order
from chalicelib.core.in_code import Standing
from chalicelib.core.people.account import Role, Scope
from chalicelib.core.run import AttemptStatus, RunStatus, Trigger

Schema = Mapping[str, Any]
COMPONENTS = "#/components/schemas/{name}"


def ref(name: str) -> Schema:
    """The schema of that name."""
    return {"$ref": COMPONENTS.format(name=name)}


def _of(kind: str, says: str, **more: Any) -> Schema:
    return {"type": kind, "description": says} | more


def _text(says: str) -> Schema:
    return _of("string", says)


def _number(says: str) -> Schema:
    return _of("integer", says)


def _switch(says: str) -> Schema:
    return _of("boolean", says)


def _instant(says: str) -> Schema:
    return _of("string", says, format="date-time")


def _or_null(schema: Schema) -> Schema:
    plain = {name: value for name, value in schema.items() if name != "description"}
    return {"anyOf": [plain, {"type": "null"}], "description": schema.get("description", "")}


def _some(schema: Schema, says: str) -> Schema:
    return _of("array", says, items=schema)


def _object(says: str, properties: Mapping[str, Schema], *, maybe: tuple[str, ...] = ()) -> Schema:
    """An object that has all of these, but for those that it may leave out."""
    needed = [name for name in properties if name not in maybe]
    return _of("object", says, required=needed, properties=dict(properties))


def _list(name: str) -> Schema:
    items = {"items": _some(ref(name), "some of them, in order"), "next_cursor": _or_null(_text("where to go on"))}
    return _object("A page of a list; where there is no more, `next_cursor` is null.", items)


_ERROR = _or_null(_object("what went wrong", {"code": _text("a stable word"), "detail": _text("a sentence")}))
_DUE = _instant("when it was due")
_MILLISECONDS = _or_null(_number("start minus due time, in milliseconds"))
_USER = {
    "id": _text("its id"),
    "username": _text("its name"),
    "email": _text("its e-mail address"),
    "role": {"enum": list(Role), "description": "what it may do beyond its own tasks"},
    "can_run_commands": _switch("whether its tasks may run commands"),
    "can_call_aws": _switch("whether its tasks may call AWS"),
}
_LOGIN = {"token": _text("for the Authorization header; shown once"), "expires_at": _or_null(_instant("when it ends"))}
_TOKEN = {
    "id": _text("its id, which proves nothing"),
    "name": _text("what it is for"),
    "scopes": _some({"enum": list(Scope)}, "what it is good for"),
    "created_at": _instant("when it was made"),
    "expires_at": _or_null(_instant("when it ends; null: never")),
    "last_used_at": _or_null(_instant("when it was last used, to the hour")),
    "previous_valid_until": _or_null(_instant("until when its former text still counts")),
}
_INVITATION = {
    "id": _text("its id, which lets nobody in"),
    "invited_by": _text("the id of the admin who made it"),
    "can_run_commands": _switch("whether the account's tasks may run commands"),
    "can_call_aws": _switch("whether the account's tasks may call AWS"),
    "created_at": _instant("when it was made"),
    "expires_at": _instant("when it ends"),
    "used_by": _or_null(_text("the id of the account that was made by it")),
}
_COST = _object(
    "what it costs in the coming 30 days, alone and at list prices; an estimate",
    {
        "usd_per_month": _of("number", "US dollars"),
        "runs_per_month": _of("number", "how often it runs"),
        "assumes": _of("object", "what was assumed of a run"),
        "prices_of": _of("string", "of which day the prices are", format="date"),
    },
)
_TOLD = _object(
    "what its owner was told of it, where it has `notify`",
    {
        "failing_since": _or_null(_instant("since when there is trouble")),
        "told_at": _or_null(_instant("when something was last told")),
        "counted": _number("trouble that is only counted, within the cool-down"),
        "waiting": _number("alerts that are to be delivered"),
        "delivered_at": _or_null(_instant("when an alert was last taken")),
        "refused_at": _or_null(_instant("when one was last refused")),
        "refusal": _or_null(_text("why")),
    },
)
_LAST_RUN = _object(
    "its last run",
    {
        "id": _text("its id"),
        "due_at": _DUE,
        "status": {"enum": list(RunStatus)},
        "lateness_ms": _MILLISECONDS,
    },
)
TASK_ADDED: Mapping[str, Schema] = {
    "id": _text("its id"),
    "state": {"enum": ["active", "paused", "completed"], "description": "completed: nothing is left to run"},
    "version": _number("counts its changes; the ETag"),
    "owner": _text("the id of the account that it belongs to"),
    "created_at": _instant("when it was defined"),
    "updated_at": _instant("when it was last changed"),
    "pause_reason": _or_null(_text("why it is paused")),
    "schedule_text": _text("its schedule in words"),
    "next_run_at": _or_null(_instant("its next due time")),
    "last_run": _or_null(_LAST_RUN),
    "cost_estimate": _COST,
    "notify_state": _TOLD,
}
"""What answers add to a task as its owner gives it. Ignored where it is sent back."""
_ATTEMPT = _object(
    "One try of a run.",
    {
        "number": _number("from 1"),
        "started_at": _instant("when it started"),
        "finished_at": _or_null(_instant("when it ended")),
        "status": {"enum": list(AttemptStatus)},
        "exit_code": _number("of a command"),
        "http_status": _number("of an HTTP answer"),
        "error": _ERROR,
        "output": _text("what it printed, 64 KB at most"),
    },
    maybe=("exit_code", "http_status", "error", "output"),
)
_RUN = _object(
    "One due time of one task, recorded.",
    {
        "id": _text("task id and due time"),
        "task_id": _text("the task"),
        "task_name": _text("what the task was called"),
        "due_at": _DUE,
        "trigger": {"enum": list(Trigger), "description": "what it is due by"},
        "status": {"enum": list(RunStatus), "description": "how it stands"},
        "started_at": _or_null(_instant("when its first attempt started")),
        "finished_at": _or_null(_instant("when it ended")),
        "lateness_ms": _MILLISECONDS,
        "attempts": _some(ref("Attempt"), "every try, in order"),
        "result": {"description": "what the function returned, the answer's status and an excerpt, or the exit code"},
        "error": _ERROR,
        "output": _text("what its last attempt printed"),
        "output_truncated": _switch("whether that was cut"),
        "coalesced": _object(
            "of a record that stands for several due times",
            {"first": _instant("the first"), "last": _instant("the last"), "count": _number("how many")},
        ),
        "group_id": _text("of a run that a group asked for: which one"),
    },
    maybe=("coalesced", "group_id"),
)
_FOLLOWER = _or_null(
    _object(
        "what follows",
        {
            "task_id": _text("the task, or what was defined within the group"),
            "name": _text("what it was called"),
            "pass_results": {"enum": list(Handing), "description": "how the results before it reach it"},
        },
    )
)
_GROUP = {
    "id": _text("its id"),
    "name": _text("its name"),
    "owner": _text("the id of the account that it belongs to"),
    "order": {"enum": list(Order), "description": "how its members run"},
    "state": {"enum": list(GroupState), "description": "how it stands"},
    "total": _number("how many members it has"),
    "rounds": _number("how often it was begun"),
    "then": _FOLLOWER,
    "on_failure": _FOLLOWER,
    "then_run": _or_null(_text("the run that followed its success")),
    "on_failure_run": _or_null(_text("the run that followed its last failure")),
    "retention_days": _number("how long it is kept"),
    "created_at": _instant("when it was made"),
    "began_at": _instant("when it was last begun"),
    "finished_at": _or_null(_instant("when it ended")),
}
_PROGRESS = {
    "counts": _of("object", "how many members stand how", additionalProperties=_number("so many")),
    "done": _number("how many members have ended"),
}
_PLACE = {
    "index": _number("its place, from 0"),
    "task_id": _text("the task, or what was defined within the group"),
    "name": _text("what it was called"),
    "status": _text("that of its run; waiting where it has none yet"),
    "run_id": _or_null(_text("its run")),
}
_CALENDAR = {
    "name": _text("its name"),
    "updated_at": _instant("when its file was given"),
    "spans": _number("how many times it leaves out"),
    "next": _some(
        _object("one", {"from": _instant("from"), "to": _instant("up to, not included")}), "the next of them"
    ),
}
_CLOCKS = {"utc": _instant("in UTC"), "local": _instant("by the schedule's own clock")}
_PREVIEW = {
    "description": _text("the schedule in words"),
    "next": _some(_object("a due time", _CLOCKS), "the next due times"),
    "excluded": _some(
        _object("a due time", {**_CLOCKS, "by": _text("what leaves it out")}),
        "due times between them that are left out",
    ),
    "warnings": _some(
        _object(
            "what is odd about it",
            {"code": _text("a stable word"), "detail": _text("a sentence"), "at": _instant("when")},
            maybe=("at",),
        ),
        "what may not be as meant",
    ),
}
_ACT = {
    "id": _text("its id"),
    "at": _instant("when"),
    "owner": _text("in whose log it stands"),
    "actor": _or_null(_object("who did it", {"id": _text("its id"), "username": _text("its name")})),
    "action": _text("the method and the route"),
    "target": _or_null(_text("what it was done to")),
    "status": _number("of the answer"),
    "source": _text("the address it came from"),
    "by": _text("by what its sender was known: token, session or password"),
    "token_id": _or_null(_text("which token")),
    "request_id": _text("what it is called in logs"),
}
_PARAMETER = {
    "name": _text("its name"),
    "kind": _text("how it is given, as Python calls it"),
    "required": _switch("whether it has to be given"),
    "default": {"description": "what it is otherwise"},
    "annotation": _or_null(_text("its type, as it is written")),
}
_IN_CODE = {
    "name": _text("its stable name"),
    "schedule": {"type": "object", "description": "as a task has it"},
    "args": {"type": "array", "description": "what it is called with"},
    "kwargs": {"type": "object", "description": "what it is called with, by name"},
}
_FUNCTION = {
    "name": _text("its name"),
    "description": _text("what it says of itself"),
    "parameters": _some(_object("one", _PARAMETER), "what it takes"),
    "takes_context": _switch("whether it is told of its run"),
    "defaults": {
        "type": "object",
        "description": "what a task that calls it has where it says nothing itself: timeout_seconds, retry, overlap, "
        "priority",
    },
    "schedules": _some(_object("one", _IN_CODE), "when it is due by itself"),
}
_STANDING = {
    "name": _text("its stable name"),
    "function": _or_null(_text("the function that says it; null where none does any more")),
    "schedule": _or_null({"type": "object", "description": "as a task has it"}),
    "standing": _or_null(_text(f"one of {', '.join(Standing)}; null for whom it is none of their business")),
    "detail": _text("why it was refused"),
    "task_id": _or_null(_text("its task")),
    "paused": _or_null(_switch("whether that is paused")),
    "done": _or_null(_switch("whether this request changed that")),
    "differs": _some(
        _object(
            "one",
            {
                "field": _text("of the task"),
                "task": {"description": "what the task has"},
                "code": {"description": "what the code says"},
            },
        ),
        "what somebody changed by hand",
    ),
}
ANSWERS: Mapping[str, Schema] = {
    "Health": _object(
        "That the API answers.",
        {"status": _text("ok"), "version": _text("of Punctual"), "stage": _text("which installation it is")},
    ),
    "User": _object("An account as its owner sees it.", _USER),
    "ListedUser": _object("An account as admins see it.", {**_USER, "created_at": _instant("when it registered")}),
    "UserList": _list("ListedUser"),
    "Registered": _object("A new account, logged in.", {"user": ref("User"), **_LOGIN}),
    "Login": _object("A token for who knows the password.", _LOGIN),
    "Token": _object("A named token, without its text.", _TOKEN),
    "NewTokenText": _object(
        "A token with its text, which no other answer has.",
        {**_TOKEN, "token": _or_null(_text("its text; null where an Idempotency-Key is used again"))},
    ),
    "TokenList": _list("Token"),
    "Invitation": _object("Leave to make one account, without its text.", _INVITATION),
    "NewInvitationText": _object(
        "An invitation with its text, which no other answer has.",
        {**_INVITATION, "invitation": _or_null(_text("its text; null where an Idempotency-Key is used again"))},
    ),
    "InvitationList": _list("Invitation"),
    "TaskList": _list("TaskAnswer"),
    "Attempt": _ATTEMPT,
    "Run": _RUN,
    "RunList": _list("Run"),
    "BackfillAnswer": _object(
        "The runs of a range, without what they printed.",
        {
            "runs": _some(ref("Run"), "all of them, in order"),
            "count": _number("how many"),
            "queued": _number("how many of them are new"),
        },
    ),
    "Redriven": _object(
        "Which runs are tried again.", {"runs": _some(_text("its id"), "newest first"), "count": _number("how many")}
    ),
    "ListedGroup": _object("A group as lists show it.", _GROUP),
    "GroupList": _list("ListedGroup"),
    "GroupAnswer": _object("A group, and how far it has come.", {**_GROUP, **_PROGRESS}),
    "GroupMember": _object("A member of a group.", _PLACE),
    "GroupMemberList": _list("GroupMember"),
    "Calendar": _object("A named calendar.", _CALENDAR),
    "CalendarList": _list("Calendar"),
    "SecretName": _object(
        "What may be told of a secret.", {"name": _text("its name"), "updated_at": _instant("when its value was given")}
    ),
    "SecretList": _list("SecretName"),
    "Act": _object("Something that was done, or tried.", _ACT),
    "ActList": _list("Act"),
    "AlertKey": _object("The key of one's alerts.", {"key": _text("as Standard Webhooks writes it")}),
    "PreviewAnswer": _object("What a schedule means.", _PREVIEW),
    "Function": _object("A function that a task may call.", _FUNCTION),
    "ScheduleInCode": _object("A schedule that a function says in the code.", _STANDING),
    "ScheduleInCodeList": _object(
        "All of them.",
        {"owner": _or_null(_text("whose tasks new ones become")), "items": _some(ref("ScheduleInCode"), "by name")},
    ),
    "FunctionList": _object("All of them.", {"items": _some(ref("Function"), "by name")}),
}
"""By name, what answers hold. `TaskAnswer` is made of the shape that tasks are checked by, and `TASK_ADDED`."""


def task_answer(task: Schema) -> Schema:
    """A task as it is answered, from the schema of one as it is given."""
    properties = {**task["properties"], **TASK_ADDED}
    maybe = {"notify_state", "notify"}
    needed = [name for name in properties if name not in maybe]
    said = "A task with what only answers say of it."
    return {"type": "object", "description": said, "required": needed, "properties": properties}


def checked_task(task: Schema) -> Schema:
    """A task as it would be stored, from the schema of one as it is given."""
    said = "A task as it would be stored, every default filled in."
    needed = [name for name in task["properties"] if name != "notify"]
    return {"type": "object", "description": said, "required": needed, "properties": task["properties"]}
