"""What owners are told: cues, alert states and the key of the letters, in the table `accounts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.core.alerting.cues import Cue
from chalicelib.core.alerting.state import AlertState

Told = tuple[str, str]
"""An owner and a task's id: the key of an alert state."""


class Alerts(Protocol):
    """Reads are strongly consistent."""

    def put_cues(self, cues: Sequence[Cue]) -> None:
        """Write cues; one that is there already stays."""

    def cues(self, shard: int, *, until: datetime, limit: int, after: Cue | None = None) -> list[Cue]:
        """The cues of a shard that are to be looked at until an instant, the oldest first, from after one on."""

    def drop_cues(self, cues: Sequence[Cue]) -> None:
        """Delete cues; gone already is well."""

    def alert_states(self, told: Sequence[Told]) -> dict[Told, AlertState]:
        """How these tasks stand with these owners; of which nothing has ever been told are left out."""

    def put_alert_state(self, owner: str, task_id: str, state: AlertState) -> bool:
        """Write a state over its previous version (`state.version - 1`; 0: there is none). False: lost."""

    def drop_alert_state(self, owner: str, task_id: str) -> None:
        """Delete a state; gone already is well."""

    def letter_key(self, fresh: bytes) -> bytes:
        """The key of this installation's letters: the one that there is, or else `fresh` from now on."""
