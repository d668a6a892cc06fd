"""Tasks: defining, reading, changing and running them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from punctual_client.paging import PAGE, pages, several
from punctual_client.shapes import BackfillAnswer, CheckedTask, Run, Task
from punctual_client.transport import Transport, path

MERGE_PATCH = "application/merge-patch+json"
Version = int | str
"""A task's `version`, or an ETag as the API gives it."""


@dataclass(frozen=True)
class Tasks:
    """An account's tasks. Every task may come as its id; names are looked for with `list(q=…)`."""

    _transport: Transport

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        tag: str | Sequence[str] | None = None,
        q: str | None = None,
        owner: str | None = None,
        page: int = PAGE,
    ) -> Iterator[Task]:
        """Tasks, newest first: in any of some states, with all of some tags, with a text in name or description; for
        an admin also another `owner`'s."""
        query = {"state": several(state), "tag": several(tag), "q": q, "owner": owner}
        return pages(self._transport, "/api/tasks", query, page=page)

    def create(self, definition: Mapping[str, Any], *, key: str | None = None) -> Task:
        """A new task, once: a try whose answer was lost is sent again under the same idempotency key, which is made
        here unless one is given. `Invalid` names every field that is wrong."""
        return cast(Task, self._transport.post("/api/tasks", definition, key=key))

    def check(self, definition: Mapping[str, Any]) -> CheckedTask:
        """What a task would be stored as, every default filled in; with an `id`, what that task would be changed to.
        `Invalid` names every field that is wrong. Nothing is stored."""
        return cast(CheckedTask, self._transport.change("POST", "/api/tasks/check", definition))

    def get(self, task_id: str) -> Task:
        """One task."""
        return cast(Task, self._transport.get(path("/api/tasks/{}", task_id)))

    def replace(self, task_id: str, definition: Mapping[str, Any], *, if_match: Version | None = None) -> Task:
        """Define a task anew; only at that version where `if_match` says one (`PreconditionFailed` otherwise)."""
        where = path("/api/tasks/{}", task_id)
        return cast(Task, self._transport.change("PUT", where, definition, headers=_only(if_match)))

    def change(self, task_id: str, patch: Mapping[str, Any], *, if_match: Version | None = None) -> Task:
        """Change some of a task, by a JSON merge patch."""
        where, headers = path("/api/tasks/{}", task_id), {"Content-Type": MERGE_PATCH, **_only(if_match)}
        return cast(Task, self._transport.change("PATCH", where, patch, headers=headers))

    def delete(self, task_id: str, *, if_match: Version | None = None) -> None:
        """Delete a task. Its runs stay."""
        self._transport.change("DELETE", path("/api/tasks/{}", task_id), headers=_only(if_match))

    def pause(self, task_id: str, reason: str = "") -> Task:
        """No start from now on."""
        return cast(Task, self._transport.post(path("/api/tasks/{}/pause", task_id), {"reason": reason}))

    def resume(self, task_id: str, reason: str = "") -> Task:
        """Go on with the next due time."""
        return cast(Task, self._transport.post(path("/api/tasks/{}/resume", task_id), {"reason": reason}))

    def run(self, task_id: str, *, key: str | None = None) -> Run:
        """Run a task now, also when it is paused; once, however often it has to be sent."""
        return cast(Run, self._transport.post(path("/api/tasks/{}/run", task_id), key=key))

    def backfill(
        self, task_id: str, start: str, end: str, *, dry_run: bool = False, key: str | None = None
    ) -> BackfillAnswer:
        """Run the due times of the past from `start` up to `end`, not included; `dry_run` only says which."""
        body = {"from": start, "to": end, "dry_run": dry_run}
        return cast(BackfillAnswer, self._transport.post(path("/api/tasks/{}/backfill", task_id), body, key=key))

    def skip(self, task_id: str, due_at: str) -> Run:
        """Leave out one due time that is still to come."""
        return cast(Run, self._transport.post(path("/api/tasks/{}/skip", task_id), {"due_at": due_at}))

    def runs(
        self,
        task_id: str,
        *,
        status: str | Sequence[str] | None = None,
        start: str | None = None,
        end: str | None = None,
        page: int = PAGE,
    ) -> Iterator[Run]:
        """A task's runs, newest first, also after it was deleted; due from `start` to `end`, where these are given."""
        query = {"status": several(status), "from": start, "to": end}
        return pages(self._transport, path("/api/tasks/{}/runs", task_id), query, page=page)


def _only(version: Version | None) -> dict[str, str]:
    """The header that lets a change happen to one version only."""
    if version is None:
        return {}
    return {"If-Match": f'"{version}"' if isinstance(version, int) else version}
