"""Actions: how long one takes and how often it fails is what its task says; when it began and ended is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.instant import from_ms
from chalicelib.core.run import AttemptStatus, Outcome, RunError
from tests.faults.story import Start
from tests.faults.timeline import Timeline
from tests.interleavings.history import History, short

DONE = Outcome(status=AttemptStatus.SUCCEEDED, output="done")
BROKE = Outcome(status=AttemptStatus.FAILED, exit_code=3, error=RunError(code="exit_code", detail="ended with 3"))
TOO_LONG = Outcome(status=AttemptStatus.TIMED_OUT, error=RunError(code="timeout", detail="took too long"))


@dataclass(kw_only=True)
class Span:
    """From when to when an action was at work. No end: its worker died."""

    start: Start
    end: datetime | None = None


class Actions:
    """Performs every action. `seconds`, `fails` and `stubborn` (heeds no timeout) are what a task wishes of it."""

    def __init__(self, timeline: Timeline, told: History) -> None:
        self.starts: list[Start] = []
        self.spans: list[Span] = []
        self._timeline = timeline
        self._told = told

    def perform(self, action: Mapping[str, Any], timeout: timedelta, context: Mapping[str, str]) -> Outcome:
        """Let the time that an action takes pass."""
        wishes = action.get("kwargs", {})
        span, lasts = self._begun(context), timedelta(seconds=wishes.get("seconds", 0))
        takes = lasts if wishes.get("stubborn") else min(lasts, timeout)
        if takes:
            self._timeline.sleep(takes)
        span.end = self._timeline.now
        if takes < lasts:
            return TOO_LONG
        return BROKE if span.start.attempt <= wishes.get("fails", 0) else DONE

    def _begun(self, context: Mapping[str, str]) -> Span:
        process = self._timeline.current
        assert process is not None
        due, attempt = from_ms(int(context["run_id"].rpartition("-")[2])), int(context["attempt"])
        now, task_id = self._timeline.now, context["task_id"]
        start = Start(task_id=task_id, due_at=due, attempt=attempt, at=now, process=process)
        self.starts.append(start)
        self.spans.append(Span(start=start))
        self._told.tell(f"{process.name:9} STARTS …{task_id[-4:]} due {short(due)} attempt {attempt}")
        return self.spans[-1]
