"""The slots in memory."""

from __future__ import annotations

from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.attempts.overlap import Slot


class MemorySlots(InMemory):
    """One slot per task that does not allow overlap."""

    def take_slot(self, slot: Slot) -> Slot | None:
        """Write a slot if its task has none. None: written, by this call or an earlier try of it (same token).
        Otherwise the slot that is there."""
        with self._lock:
            found = self._slots.setdefault(slot.task_id, slot)
            return None if found.token == slot.token else found

    def move_slot(self, slot: Slot, *, token: str) -> bool:
        """Write a slot over the one that has `token`. False: it has another by now, or there is none."""
        with self._lock:
            found = self._slots.get(slot.task_id)
            if found is None or found.token not in (token, slot.token):
                return False
            self._slots[slot.task_id] = slot
            return True

    def slot(self, task_id: str) -> Slot | None:
        """A task's slot."""
        with self._lock:
            return self._slots.get(task_id)

    def free_slot(self, slot: Slot) -> bool:
        """Delete a slot if it still has its token. False: it has another by now. Gone already is True."""
        with self._lock:
            found = self._slots.get(slot.task_id)
            if found is not None and found.token != slot.token:
                return False
            self._slots.pop(slot.task_id, None)
            return True
