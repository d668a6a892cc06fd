"""The API's operations: a line for each method of a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from chalicelib.web.checks.shapes import accounts, bodies, groups, tasks

LIST = ("limit", "cursor")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method of a path: what it does, takes and answers."""

    method: str
    path: str
    does: str
    takes: type[Struct] | None = None
    query: tuple[str, ...] = ()
    status: int = 200
    calendar: bool = False
    answers: str | None = None
    """The name of the answer's schema; None where it is any object, or nothing."""


def _operation(method: str, path: str, does: str, **more: Any) -> Operation:
    return Operation(method=method, path=path, does=does, **more)


def _get(path: str, does: str, answers: str | None = None, query: tuple[str, ...] = ()) -> Operation:
    return _operation("GET", path, does, answers=answers, query=query)


def _post(path: str, does: str, takes: type[Struct], answers: str, *, status: int = 200) -> Operation:
    return _operation("POST", path, does, takes=takes, answers=answers, status=status)


def _delete(path: str, does: str) -> Operation:
    return _operation("DELETE", path, does, status=204)


OPERATIONS = (
    _get("/api/health", "Whether the API answers, and which one it is", "Health"),
    _get("/api/openapi.json", "This document"),
    _post("/api/register", "Make an account", accounts.Registration, "Registered", status=201),
    _post("/api/login", "Get a token", accounts.Credentials, "Login"),
    _operation("POST", "/api/logout", "End the token", status=204),
    _get("/api/me", "Who the token belongs to", "User"),
    _post("/api/password", "Change the password; log out everywhere", accounts.PasswordChange, "Login"),
    _get("/api/tokens", "Own named tokens", "TokenList"),
    _post("/api/tokens", "Make a token for a script", accounts.NewToken, "NewTokenText", status=201),
    _post("/api/tokens/{token_id}/rotate", "Another text for a token", accounts.Rotation, "NewTokenText"),
    _delete("/api/tokens/{token_id}", "Revoke a token"),
    _get("/api/users", "All accounts, for admins", "UserList", LIST),
    _get("/api/users/{user_id}", "One account, for admins", "ListedUser"),
    _operation(
        "PATCH",
        "/api/users/{user_id}",
        "Change an account's role or rights",
        takes=accounts.UserChange,
        answers="ListedUser",
    ),
    _get("/api/invitations", "All invitations, for admins", "InvitationList"),
    _post("/api/invitations", "Let one person in", accounts.NewInvitation, "NewInvitationText", status=201),
    _delete("/api/invitations/{invitation_id}", "Take an invitation back"),
    _get("/api/tasks", "Own tasks, newest first", "TaskList", (*LIST, "state", "tag", "q", "owner")),
    _post("/api/tasks", "Define a task", tasks.Task, "TaskAnswer", status=201),
    _post(
        "/api/tasks/check",
        "What a task would be stored as, or refused for; nothing is stored",
        tasks.Task,
        "CheckedTask",
    ),
    _get("/api/tasks/{task_id}", "One task", "TaskAnswer"),
    _operation("PUT", "/api/tasks/{task_id}", "Define a task anew", takes=tasks.Task, answers="TaskAnswer"),
    _operation("PATCH", "/api/tasks/{task_id}", "Change some of a task, by a JSON merge patch", answers="TaskAnswer"),
    _delete("/api/tasks/{task_id}", "Delete a task; its runs stay"),
    _post("/api/tasks/{task_id}/pause", "No start from now on", bodies.Reason, "TaskAnswer"),
    _post("/api/tasks/{task_id}/resume", "Go on with the next due time", bodies.Reason, "TaskAnswer"),
    _post("/api/tasks/{task_id}/run", "Run a task now", bodies.Nothing, "Run", status=202),
    _get("/api/tasks/{task_id}/runs", "A task's runs", "RunList", (*LIST, "status", "from", "to")),
    _get("/api/runs", "Own runs across tasks, newest first", "RunList", (*LIST, "status", "owner")),
    _get("/api/runs/{run_id}", "One run", "Run"),
    _post("/api/tasks/{task_id}/backfill", "Run due times of the past", bodies.Backfill, "BackfillAnswer", status=202),
    _post("/api/tasks/{task_id}/skip", "Leave out one due time to come", bodies.Skip, "Run", status=202),
    _get("/api/groups", "Own groups, newest first", "GroupList", (*LIST, "state of a group", "owner")),
    _post("/api/groups", "Run tasks together, or one after the other", groups.Group, "GroupAnswer", status=202),
    _get("/api/groups/{group_id}", "One group", "GroupAnswer"),
    _get("/api/groups/{group_id}/members", "A group's members", "GroupMemberList", LIST),
    _post("/api/groups/{group_id}/cancel", "End a group that has not ended", bodies.Nothing, "GroupAnswer", status=202),
    _post(
        "/api/groups/{group_id}/retry",
        "Run those of a group again that have not succeeded",
        bodies.Nothing,
        "GroupAnswer",
        status=202,
    ),
    _get("/api/calendars", "Own calendars, by name", "CalendarList"),
    _get("/api/calendars/{name}", "One calendar", "Calendar"),
    _operation(
        "PUT",
        "/api/calendars/{name}",
        "Keep an iCalendar file's events under a name",
        calendar=True,
        answers="Calendar",
    ),
    _delete("/api/calendars/{name}", "Delete a calendar that no task names"),
    _get("/api/secrets", "Names of own secrets, never a value", "SecretList"),
    _operation("PUT", "/api/secrets/{name}", "Give a secret its value", takes=bodies.Secret, status=204),
    _delete("/api/secrets/{name}", "Delete a secret that no task names"),
    _post("/api/runs/{run_id}/cancel", "End a run that has not ended", bodies.Nothing, "Run", status=202),
    _post("/api/runs/{run_id}/retry", "Try an ended run again", bodies.Nothing, "Run", status=202),
    _post("/api/runs/redrive", "Try dead letters again", bodies.Nothing, "Redriven", status=202),
    _get("/api/audit", "What an account did, newest first", "ActList", (*LIST, "owner")),
    _get("/api/alerts/key", "The key with which own alerts are signed", "AlertKey"),
    _post("/api/preview", "What a schedule means", bodies.Preview, "PreviewAnswer"),
    _get("/api/functions", "The functions that a task may call", "FunctionList"),
    _get("/api/functions/schedules", "Schedules in code, and how their tasks stand", "ScheduleInCodeList"),
    _post(
        "/api/functions/schedules/sync",
        "Bring what has changed in the code, for admins",
        bodies.InCodeSync,
        "ScheduleInCodeList",
    ),
)
