"""Counters in memory."""

from __future__ import annotations

from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.people.rates import Counter


class MemoryCounters(InMemory):
    """What is counted within a period."""

    def count(self, counter: Counter, most: int) -> int | None:
        """Count one more: what it has come to. None: it had come to `most`, and nothing was counted."""
        with self._lock:
            if self._counted[counter] >= most:
                return None
            self._counted[counter] += 1
            return self._counted[counter]

    def uncount(self, counter: Counter) -> None:
        """Take one back; nothing where nothing is counted."""
        with self._lock:
            self._counted[counter] = max(0, self._counted[counter] - 1)
