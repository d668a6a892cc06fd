"""What owners are told, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.alerting.cues import Cue
from chalicelib.core.alerting.state import UNTOLD, AlertState
from chalicelib.ports import Told


class MemoryAlerts(InMemory):
    """Cues by shard, states by owner and task."""

    def put_cues(self, cues: Sequence[Cue]) -> None:
        """Write cues; one that is there already stays."""
        with self._lock:
            self._cues.update({(cue.shard, cue.key): cue for cue in cues})

    def cues(self, shard: int, *, until: datetime, limit: int, after: Cue | None = None) -> list[Cue]:
        """The cues of a shard that are to be looked at until an instant, the oldest first, from after one on."""
        first = "" if after is None else after.key
        with self._lock:
            mine = sorted((key, cue) for (of, key), cue in self._cues.items() if of == shard)
        return [cue for key, cue in mine if key > first and cue.at <= until][:limit]

    def drop_cues(self, cues: Sequence[Cue]) -> None:
        """Delete cues; gone already is well."""
        with self._lock:
            for cue in cues:
                self._cues.pop((cue.shard, cue.key), None)

    def alert_states(self, told: Sequence[Told]) -> dict[Told, AlertState]:
        """How these tasks stand with these owners; of which nothing has ever been told are left out."""
        with self._lock:
            return {key: self._alert_states[key] for key in told if key in self._alert_states}

    def put_alert_state(self, owner: str, task_id: str, state: AlertState) -> bool:
        """Write a state over its previous version. False: lost."""
        with self._lock:
            found = self._alert_states.get((owner, task_id), UNTOLD)
            if found.version != state.version - 1:
                return found == state
            self._alert_states[owner, task_id] = state
            return True

    def drop_alert_state(self, owner: str, task_id: str) -> None:
        """Delete a state; gone already is well."""
        with self._lock:
            self._alert_states.pop((owner, task_id), None)

    def letter_key(self, fresh: bytes) -> bytes:
        """The key of this installation's letters: the one that there is, or else `fresh` from now on."""
        with self._lock:
            self._letter_key = self._letter_key or fresh
            return self._letter_key
