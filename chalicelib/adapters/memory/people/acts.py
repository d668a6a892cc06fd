"""The audit logs in memory."""

from __future__ import annotations

from datetime import datetime

from chalicelib.adapters.keys import due_key, known_place, place
from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.people.acts import Act
from chalicelib.ports import Page


class MemoryActs(InMemory):
    """Acts by owner."""

    def put_act(self, act: Act, expires_at: datetime) -> None:
        """Write an act into its owner's log. Memory does not last until it expires."""
        with self._lock:
            self._acts[act.owner][place(due_key(act.at), act.id)] = act

    def acts_of(self, owner: str, *, limit: int, after: str | None, since: datetime, until: datetime) -> Page[Act]:
        """An owner's acts within [since, until], newest first."""
        before = None if after is None else place(*known_place(after))
        with self._lock:
            own = self._acts[owner]
            found = [
                key
                for key, act in sorted(own.items(), reverse=True)
                if since <= act.at <= until and (before is None or key < before)
            ]
            acts = tuple(own[key] for key in found[:limit])
        return Page(items=acts, after=found[limit - 1] if len(found) > limit else None)
