"""Ends of runs: who brings one about notes a cue before, and tells the owner after."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from chalicelib.core.alerting.cues import Cue, Hint, cue_of
from chalicelib.core.alerting.letter import excerpt_of
from chalicelib.core.alerting.policy import Happening
from chalicelib.core.alerting.state import Event
from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import floor_ms
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.engine.alerts.telling import Matter, Telling
from chalicelib.logs import log
from chalicelib.ports import Clock, Store


@dataclass(frozen=True, kw_only=True)
class Ends:
    """For workers. A task that wants nothing told costs nothing. What goes wrong here ends no run otherwise.

    A store that does not answer holds up the end of a run that is to be told, as long as it may hold up the end itself.
    """

    store: Store
    clock: Clock
    telling: Telling
    _noted: dict[str, Cue] = field(default_factory=dict)
    """What this process has noted and not told yet, by run. Whatever is missing here, the auditor finds by its cue."""

    def note(self, task: Task, run: Run) -> None:
        """Leave a cue, before the end of a run is written: a crash in between is looked into by the auditor."""
        cue = cue_of(task, run, floor_ms(self.clock.now()))
        if cue is None:
            return
        try:
            if not self._is_news(task, cue):
                return
            self.store.put_cues([cue])
        except PunctualError as error:  # what is told at once needs no cue
            log("cue_lost", logging.ERROR, run_id=run.id, reason=str(error))
        self._noted[run.id] = cue

    def _is_news(self, task: Task, cue: Cue) -> bool:
        """A success is news after trouble only."""
        if cue.hint is not Hint.RECOVERED:
            return True
        return any(state.troubled for state in self.store.alert_states([(task.owner, task.id)]).values())

    def forget(self, run: Run) -> None:
        """The end was not written, or nobody knows whether it was."""
        self._noted.pop(run.id, None)

    def tell(self, task: Task, run: Run) -> None:
        """Tell the owner of an end that was written. What does not work out is left to the auditor."""
        cue = self._noted.pop(run.id, None)
        if cue is None:
            return
        try:
            self.telling.tell([Matter(task=task, cues=(cue,), events=(event_of(run, cue),))])
        except Exception as error:  # whatever it is: the run has ended well, and the cue is still there
            log("alert_left", logging.ERROR, failure=error, run_id=run.id)


def event_of(run: Run, cue: Cue) -> Event:
    """What an owner may be told of the end of a run, which a cue spoke of."""
    several = run.coalesced
    return Event(
        task_id=run.task_id,
        name=cue.name,
        kind=Happening(cue.hint),
        due_at=run.due_at if several is None else several.first,
        count=1 if several is None else several.count,
        run_id=run.id,
        status=str(run.status),
        error=run.error,
        output=excerpt_of(run.attempts[-1].output) if run.attempts else "",
    )
