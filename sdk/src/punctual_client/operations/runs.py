"""Runs: what became of due times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from punctual_client.paging import PAGE, pages, several
from punctual_client.shapes import ENDED, Redriven, Run
from punctual_client.transport import Transport, path
from punctual_client.waiting import wait_for


@dataclass(frozen=True)
class Runs:
    """An account's runs, across tasks."""

    _transport: Transport

    def list(
        self, *, status: str | Sequence[str] | None = None, owner: str | None = None, page: int = PAGE
    ) -> Iterator[Run]:
        """Runs, newest first; for an admin also another `owner`'s. One task's are `client.tasks.runs(id)`."""
        return pages(self._transport, "/api/runs", {"status": several(status), "owner": owner}, page=page)

    def get(self, run_id: str) -> Run:
        """One run, also after its task was deleted."""
        return cast(Run, self._transport.get(path("/api/runs/{}", run_id)))

    def cancel(self, run_id: str) -> Run:
        """End a run that has not ended."""
        return cast(Run, self._transport.post(path("/api/runs/{}/cancel", run_id)))

    def retry(self, run_id: str, *, key: str | None = None) -> Run:
        """Try a run again that ended without success."""
        return cast(Run, self._transport.post(path("/api/runs/{}/retry", run_id), key=key))

    def redrive(self) -> Redriven:
        """Try everything again whose message ended in a dead-letter queue."""
        return cast(Redriven, self._transport.post("/api/runs/redrive"))

    def wait(
        self, run_id: str, *, timeout: timedelta | None = None, on_change: Callable[[Run], object] | None = None
    ) -> Run:
        """The run once it has ended, however it did. It is looked at every half second at first and every five seconds
        in the end; `on_change` is told of every change. `StillRunning` after the timeout: the run goes on."""
        return wait_for(
            lambda: self.get(run_id), has_ended, clock=self._transport.clock, timeout=timeout, on_change=on_change
        )


def has_ended(run: Run) -> bool:
    """Whether a run stays as it is, unless its owner has it tried again."""
    return run["status"] in ENDED
