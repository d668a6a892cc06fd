"""Dead letters: what no function could handle, recorded on the runs that it was for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from chalicelib.core.alerting.cues import cue_of
from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import floor_ms
from chalicelib.core.message import RunMessage, Unreadable, decode_run, parts
from chalicelib.core.owed.auditing import at_work, buried
from chalicelib.core.task import Channel
from chalicelib.core.window import Kind
from chalicelib.engine.audit.finding import found
from chalicelib.logs import log
from chalicelib.ports import Clock, DeadLetter, Placed, Queue, Store

AT_ONCE = 500
"""Letters of each queue that one audit looks at."""
SHOWN = 2000
"""Characters of a body that the log keeps."""


@dataclass(frozen=True, kw_only=True)
class DeadLetters:
    """Empties the dead-letter queues. A letter is buried only when its runs have been recorded."""

    store: Store
    queue: Queue
    clock: Clock

    def record(self) -> int:
        """Record what has come to the dead-letter queues. How many letters there were."""
        count = 0
        for letter in self.queue.dead_letters(AT_ONCE):
            shown = {"queue": letter.queue, "message_id": letter.id, "body": letter.body[:SHOWN]}
            recorded = [self._tried(letter, body) for body in parts(letter.body)]
            errors = [one for one in recorded if isinstance(one, PunctualError)]
            if errors:
                count += found("dead_letter_kept", reason=str(errors[0]), **shown)
            elif all(recorded):
                self.queue.bury(letter)
                count += found("dead_letter", **shown)
        return count

    def _tried(self, letter: DeadLetter, body: str) -> bool | PunctualError:
        """Whether a run of a letter is recorded. One that cannot be read, say, keeps nobody from the others."""
        try:
            return self._recorded(letter.queue, body)
        except PunctualError as error:
            return error

    def _recorded(self, queue: str, body: str) -> bool:
        """Whether nothing is left to be done about a message. A pass needs nothing: the next one does its work."""
        if queue not in set(Channel):
            return True
        try:
            message = decode_run(body, Channel(queue))
        except Unreadable:
            return True
        return self._ended(message)

    def _ended(self, message: RunMessage) -> bool:
        entry, now = message.entry, floor_ms(self.clock.now())
        if entry.kind is Kind.GROUP:  # of nobody else it is known that somebody has to look after it
            self.store.put_entries([Placed(entry=replace(entry, start=now), shard=0, late=True)])
            return True
        run = self.store.run(entry.task_id, entry.due_at)
        if at_work(run, now):
            return False
        ended = buried(run, message, secrets.token_hex(8), now)
        if ended is None:
            return True
        task = self.store.task(entry.task_id)
        cue = None if task is None else cue_of(task, ended, now)
        if cue is not None:
            self.store.put_cues([cue])
        met = self.store.insert_run(ended) if run is None else self.store.replace_run(ended, token=run.token)
        log("run_recorded", run_id=ended.id, status=ended.status, by_now_changed=met is not None)
        return met is None
