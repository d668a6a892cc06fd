"""What the installation itself has, in memory."""

from __future__ import annotations

from chalicelib.adapters.memory.base import InMemory


class MemoryInstallation(InMemory):
    """The installation's own key."""

    def installation_key(self, fresh: bytes) -> bytes:
        """The installation's own key: the one that there is, or else `fresh` from now on."""
        with self._lock:
            self._installation_key = self._installation_key or fresh
            return self._installation_key
