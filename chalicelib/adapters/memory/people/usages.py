"""What owners use, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.people.usage import NOTHING, Usage


class MemoryUsages(InMemory):
    """What each owner uses, added up, and when it was last counted."""

    def use(self, owner: str, more: Usage, quota: Usage) -> bool:
        """Add to what an owner uses. False: it would be beyond the quota, and nothing was added."""
        with self._lock:
            used, counted_at = self._usages.get(owner, (NOTHING, None))
            if not (used + more).within(quota):
                return False
            self._usages[owner] = (used + more, counted_at)
            return True

    def usages(self, owners: Sequence[str]) -> dict[str, Usage]:
        """What each of some owners uses, by the sum."""
        with self._lock:
            return {owner: self._usages[owner][0] for owner in owners if owner in self._usages}

    def counted_at(self, owner: str) -> datetime | None:
        """When it was last counted what an owner uses."""
        with self._lock:
            return self._usages.get(owner, (NOTHING, None))[1]

    def put_usage(self, owner: str, usage: Usage, now: datetime, *, seen: datetime | None) -> bool:
        """Write what was counted, unless somebody counted since `seen`. False: somebody did."""
        with self._lock:
            if self.counted_at(owner) != seen:
                return False
            self._usages[owner] = (usage, now)
            return True
