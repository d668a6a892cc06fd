"""The table `runs` in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.adapters.keys import due_key, known_due_key, known_place, place
from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.errors import NotFound, TooLarge
from chalicelib.core.run import NEEDS_ATTENTION, Run
from chalicelib.core.trials import is_hidden
from chalicelib.ports import Page, Placed

LARGEST_RUN = 400 * 1024


class MemoryRuns(InMemory):
    """Runs by task and due time."""

    def insert_run(self, run: Run) -> Run | None:
        """Write a run if there is none with its key. None: written, by this call or an earlier try of it (same token).
        Otherwise the run that is there."""
        _check_size(run)
        with self._lock:
            found = self._runs[run.task_id].setdefault(due_key(run.due_at), run)
            return None if found.token == run.token else found

    def replace_run(self, run: Run, *, token: str, entry: Placed | None = None) -> Run | None:
        """Write a run over one that has `token`, with an entry, both or neither. None: written, by this call or an
        earlier try of it (the run there has `run.token` and status). Otherwise the run that is there; `NotFound` where
        there is none. `TooLarge` where the run does not fit."""
        _check_size(run)
        with self._lock:
            found = self._runs[run.task_id].get(due_key(run.due_at))
            if found is None:
                raise NotFound(f"run {run.id} is gone")
            if found.token != token:
                return None if (found.token, found.status) == (run.token, run.status) else found
            self._runs[run.task_id][due_key(run.due_at)] = run
            self._put_entry(entry)
            return None

    def enqueue_run(self, run: Run, entry: Placed) -> bool:
        """Write a queued run and its entry, both or neither. False: there is a run with its key."""
        return self._enqueued(run, entry) is None

    def enqueue_runs(self, queued: Sequence[tuple[Run, Placed]]) -> list[Run | None]:
        """Write queued runs, each with its entry, both or neither. For each: None where it was written, otherwise the
        run that is there."""
        return [self._enqueued(run, entry) for run, entry in queued]

    def _enqueued(self, run: Run, entry: Placed) -> Run | None:
        with self._lock:
            found = self._runs[run.task_id].setdefault(due_key(run.due_at), run)
            if found is run:
                self._put_entry(entry)
            return None if found.token == run.token else found

    def run(self, task_id: str, due_at: datetime) -> Run | None:
        """One run with its output."""
        with self._lock:
            return self._runs[task_id].get(due_key(due_at))

    def runs_at(self, occurrences: Sequence[tuple[str, datetime]], *, consistent: bool = False) -> list[Run]:
        """Those of the runs with these task ids and due times that exist, without output, in any order."""
        with self._lock:
            found = [self._runs[task_id].get(due_key(due)) for task_id, due in dict.fromkeys(occurrences)]
            return [_without_output(run) for run in found if run is not None]

    def runs_of(
        self, task_id: str, *, limit: int, after: str | None, first: datetime | None, last: datetime | None
    ) -> Page[Run]:
        """A task's runs with their output, newest due time first, within [first, last]."""
        before = None if after is None else known_due_key(after)

        def wanted(key: str) -> bool:
            early = first is not None and key < due_key(first)
            late = last is not None and key > due_key(last)
            return not early and not late and (before is None or key < before)

        with self._lock:
            own = self._runs[task_id]
            keys = sorted(filter(wanted, own), reverse=True)
            runs = tuple(own[key] for key in keys[:limit])
        return Page(items=runs, after=keys[limit - 1] if len(keys) > limit else None)

    def last_runs(self, task_ids: Sequence[str], limit: int) -> dict[str, list[Run]]:
        """The newest runs of each of some tasks, without output, newest first."""
        with self._lock:
            newest = {task_id: sorted(self._runs[task_id].items(), reverse=True)[:limit] for task_id in task_ids}
        return {task_id: [_without_output(run) for _, run in runs] for task_id, runs in newest.items()}

    def runs_beside(self, task_id: str, due_at: datetime) -> tuple[Run | None, Run | None]:
        """The runs of a task that were due right before and right after an instant, without output."""
        with self._lock:
            runs = [_without_output(run) for _, run in sorted(self._runs[task_id].items())]
        before = [run for run in runs if run.due_at < due_at]
        return next(reversed(before), None), next((run for run in runs if run.due_at > due_at), None)

    def recent_runs(self, task_id: str, *, limit: int, first: datetime) -> Page[Run]:
        """The newest runs of a task that were due from `first` on, newest first, without output, result and lease: at
        most `limit`. `after` says that there are more."""
        page = self.runs_of(task_id, limit=limit, after=None, first=first, last=None)
        return replace(
            page, items=tuple(replace(_without_output(run), result=None, lease_until=None) for run in page.items)
        )

    def feed(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs across tasks with their output, newest due time first."""
        return self._listed(lambda run: run.owner == owner, limit, after)

    def attention(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs that failed, were missed or lost, or wait for a retry, newest due time first, no output."""
        page = self._listed(lambda run: run.owner == owner and run.status in NEEDS_ATTENTION, limit, after)
        return replace(page, items=tuple(_without_output(run) for run in page.items))

    def occurrences(
        self,
        owner: str,
        *,
        first: datetime,
        last: datetime,
        limit: int,
        after: str | None = None,
        attention: bool = False,
    ) -> Page[tuple[str, datetime]]:
        """Task ids and due times of an owner's runs across tasks, newest first, within [first, last]. With `attention`,
        only of those that `attention` lists."""

        def wanted(run: Run) -> bool:
            listed = run.owner == owner and (run.status in NEEDS_ATTENTION or not attention)
            return listed and due_key(first) <= due_key(run.due_at) <= due_key(last)

        page = self._listed(wanted, limit, after)
        return Page(items=tuple((run.task_id, run.due_at) for run in page.items), after=page.after)

    def _listed(self, wanted: Callable[[Run], bool], limit: int, after: str | None) -> Page[Run]:
        before = None if after is None else known_place(after)
        with self._lock:
            listed = [(task_id, runs) for task_id, runs in self._runs.items() if not is_hidden(task_id)]
            places = {(key, task_id): run for task_id, runs in listed for key, run in runs.items()}
        keys = sorted((k for k, run in places.items() if wanted(run) and (before is None or k < before)), reverse=True)
        runs = tuple(places[key] for key in keys[:limit])
        return Page(items=runs, after=place(*keys[limit - 1]) if len(keys) > limit else None)


def _without_output(run: Run) -> Run:
    return replace(run, attempts=tuple(replace(attempt, output="") for attempt in run.attempts))


def _check_size(run: Run) -> None:
    """Outputs have items of their own; what a function returned and what went wrong have not."""
    errors = [attempt.error for attempt in run.attempts if attempt.error is not None]
    size = len(json.dumps(run.result)) + sum(len(error.detail.encode("utf-8", "replace")) for error in errors)
    if size > LARGEST_RUN:
        raise TooLarge("the run has exceeded the maximum allowed size")
