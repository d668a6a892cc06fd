"""Schedules in code, as they are remembered, in memory."""

from __future__ import annotations

from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.in_code import Kept


class MemoryInCode(InMemory):
    """By name."""

    def schedules_in_code(self) -> list[Kept]:
        """All that is remembered, in the order of names."""
        with self._lock:
            return [self._in_code[name] for name in sorted(self._in_code)]

    def put_schedule_in_code(self, kept: Kept) -> bool:
        """Write what is remembered over its previous version (`kept.version - 1`), or the first. False: lost."""
        with self._lock:
            found = self._in_code.get(kept.name)
            if (0 if found is None else found.version) != kept.version - 1:
                return found == kept
            self._in_code[kept.name] = kept
            return True

    def drop_schedule_in_code(self, name: str) -> None:
        """Forget a schedule; gone already is well."""
        with self._lock:
            self._in_code.pop(name, None)
