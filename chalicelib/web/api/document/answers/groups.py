"""Answers about groups and their members."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.groups.group import GroupState, Handing, Order
from chalicelib.web.api.document.schema import Schema, instant, listing, number, of, or_null, record, text

_FOLLOWER = or_null(
    record(
        "what follows",
        {
            "task_id": text("the task, or what was defined within the group"),
            "name": text("what it was called"),
            "pass_results": {"enum": list(Handing), "description": "how the results before it reach it"},
        },
    )
)
_GROUP = {
    "id": text("its id"),
    "name": text("its name"),
    "owner": text("the id of the account that it belongs to"),
    "order": {"enum": list(Order), "description": "how its members run"},
    "state": {"enum": list(GroupState), "description": "how it stands"},
    "total": number("how many members it has"),
    "rounds": number("how often it was begun"),
    "then": _FOLLOWER,
    "on_failure": _FOLLOWER,
    "then_run": or_null(text("the run that followed its success")),
    "on_failure_run": or_null(text("the run that followed its last failure")),
    "retention_days": number("how long it is kept"),
    "created_at": instant("when it was made"),
    "began_at": instant("when it was last begun"),
    "finished_at": or_null(instant("when it ended")),
}
_PROGRESS = {
    "counts": of("object", "how many members stand how", additionalProperties=number("so many")),
    "done": number("how many members have ended"),
}
_PLACE = {
    "index": number("its place, from 0"),
    "task_id": text("the task, or what was defined within the group"),
    "name": text("what it was called"),
    "status": text("that of its run; waiting where it has none yet"),
    "run_id": or_null(text("its run")),
}
ANSWERS: Mapping[str, Schema] = {
    "ListedGroup": record("A group as lists show it.", _GROUP),
    "GroupList": listing("ListedGroup"),
    "GroupAnswer": record("A group, and how far it has come.", {**_GROUP, **_PROGRESS}),
    "GroupMember": record("A member of a group.", _PLACE),
    "GroupMemberList": listing("GroupMember"),
}
