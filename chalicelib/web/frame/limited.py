"""Limited: which requests count for which limit, and where a request comes from."""

from __future__ import annotations

from chalice.app import Request

from chalicelib.bootstrap.requests import system
from chalicelib.core.people.account import User

READING = ("GET", "HEAD", "OPTIONS")
LOOKING = ("/task/preview", "/task/tried", "/task/{task_id}/review", "/api/tasks/check")
"""Routes that take a whole form, or task, and so are no GET, but change nothing: they are asked as one types, and
before many tasks are changed at once."""
RUNNING = (
    *("/api/tasks/{task_id}/run", "/api/runs/{run_id}/retry", "/api/runs/redrive"),
    *("/task/{task_id}/run", "/run/{run_id}/retry", "/dead-letters", "/task/try"),
)
"""Routes, of the API and of the pages, that ask for a run now: they have a limit of their own."""
GROUPING = ("/api/groups", "/api/groups/{group_id}/retry", "/group/{group_id}/retry")
"""Routes that ask for as many runs as a group has members."""


def count_request(request: Request, caller: User) -> None:
    """Count a request that changes something; `TooMany` where its caller sends more than may be."""
    if request.method in READING or request.path in LOOKING:
        return
    if request.path in GROUPING:
        system().limits.group(caller)
    elif request.path in RUNNING:
        system().limits.run(caller)
    else:
        system().limits.write(caller)


def source_of(request: Request) -> str:
    """The address that a request came from, as API Gateway saw it. No header is asked: anybody may send any."""
    identity = request.context.get("identity") or {}
    return str(identity.get("sourceIp") or "")
