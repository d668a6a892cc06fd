"""Secrets at work: an action gets the values that it names, and nothing of them stays in what it came to.

Only a task that names a secret costs a call, and a process that is warm remembers a value for a minute.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chalicelib.core.errors import Unavailable
from chalicelib.core.run import AttemptStatus, Outcome, RunError
from chalicelib.core.secrets.naming import names, revealed
from chalicelib.core.secrets.redaction import Redaction
from chalicelib.logs import log
from chalicelib.ports import Clock, Secrets

REMEMBERED_FOR = timedelta(minutes=1)
"""How long a new value, or a deletion, may take to be seen by the workers."""

Key = tuple[str, str]
"""An owner and the name of a secret."""


@dataclass(frozen=True, kw_only=True)
class Revealed:
    """An action with the values of its secrets, and what takes them out of whatever is shown."""

    action: Mapping[str, Any]
    redaction: Redaction


@dataclass(frozen=True, kw_only=True)
class Revealing:
    """Finds the values that actions name."""

    secrets: Secrets
    clock: Clock
    _remembered: dict[Key, tuple[str, timedelta]] = field(default_factory=dict)

    def reveal(self, owner: str, action: Mapping[str, Any]) -> Revealed | Outcome:
        """The action with its values, or the failure of an attempt that cannot have them. `owner` is the task's."""
        wanted = names(action)
        if not wanted:
            return Revealed(action=action, redaction=Redaction({}))
        try:
            values = self._values(owner, wanted)
        except Exception as error:  # whatever stands between here and there; an error holds no value
            log("secrets_unavailable", logging.ERROR, failure=error, owner=owner, names=sorted(wanted))
            said = error if isinstance(error, Unavailable) else type(error).__name__
            return _failed("secrets_unavailable", f"the secrets could not be read: {said}")
        missing = sorted(wanted - values.keys())
        if missing:
            said = f"there is no secret named {', '.join(missing)}: give it a value with PUT /api/secrets/{missing[0]}"
            return _failed("secret_missing", said, permanent=True)
        return Revealed(action=revealed(action, values), redaction=Redaction(values))

    def _values(self, owner: str, wanted: Iterable[str]) -> dict[str, str]:
        self._forget()
        remembered = {name: self._remembered.get((owner, name)) for name in wanted}
        known = {name: found[0] for name, found in remembered.items() if found is not None}
        unknown = remembered.keys() - known.keys()
        if not unknown:
            return known
        read = self.secrets.values(owner, unknown)
        until = self.clock.elapsed() + REMEMBERED_FOR
        self._remembered.update({(owner, name): (value, until) for name, value in read.items()})
        return known | read

    def _forget(self) -> None:
        """Drop what is older than a minute, whoever it belongs to. Other threads may be at it too."""
        now = self.clock.elapsed()
        for key, (_, until) in list(self._remembered.items()):
            if until <= now:
                self._remembered.pop(key, None)


def told(error: BaseException, redaction: Redaction) -> str:
    """An error with its traceback, for the log."""
    return redaction.text("".join(traceback.format_exception(error)))


def _failed(code: str, detail: str, *, permanent: bool = False) -> Outcome:
    return Outcome(status=AttemptStatus.FAILED, error=RunError(code=code, detail=detail, permanent=permanent))
