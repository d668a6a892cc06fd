"""Secrets in memory."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from chalicelib.core.instant import floor_ms
from chalicelib.core.secrets.naming import KeptSecret
from chalicelib.ports import Clock


class MemorySecrets:
    """Secrets as a dictionary."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[tuple[str, str], tuple[str, KeptSecret]] = {}

    def put(self, owner: str, name: str, value: str) -> None:
        """Keep a value under a name, over whatever its owner has there."""
        with self._lock:
            kept = KeptSecret(name=name, updated_at=floor_ms(self._clock.now()))
            self._kept[owner, name] = (value, kept)

    def names(self, owner: str) -> list[KeptSecret]:
        """An owner's secrets, in the order of their names."""
        with self._lock:
            return [kept for key, (_, kept) in sorted(self._kept.items()) if key[0] == owner]

    def delete(self, owner: str, name: str) -> None:
        """Delete a secret; gone already is well."""
        with self._lock:
            self._kept.pop((owner, name), None)

    def values(self, owner: str, names: Iterable[str]) -> dict[str, str]:
        """The values of those of an owner's secrets that exist, by name."""
        with self._lock:
            return {name: self._kept[owner, name][0] for name in names if (owner, name) in self._kept}
