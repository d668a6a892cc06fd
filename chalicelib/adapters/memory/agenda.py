"""The table `agenda` in memory."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.adapters.memory.base import InMemory
from chalicelib.core.instant import to_ms
from chalicelib.core.window import Entry, LateEntry, late_key, window_key, window_of
from chalicelib.ports import Audited, Control, LatePartition, Placed


class MemoryAgenda(InMemory):
    """Entries by partition and key."""

    def shards_in_use(self, at_least: int) -> int:
        """How many shards have to be looked at: as many as there have ever been, and `at_least` from now on."""
        with self._lock:
            self._shards = max(self._shards, at_least)
            return self._shards

    def late(self, shard: int, limit: int) -> LatePartition:
        """Control row and late entries of a shard in one read, at most `limit` entries."""
        with self._lock:
            rows = self._late[late_key(shard)]
            entries = tuple(rows[key] for key in sorted(rows)[:limit])
            control = self._control.get(late_key(shard), Control())
            return LatePartition(control=control, entries=entries, more=len(rows) > limit)

    def controls(self, shards: Sequence[int]) -> dict[int, Control]:
        """The control rows of some shards; one to which no pass has ever come is left out."""
        with self._lock:
            return {shard: self._control[late_key(shard)] for shard in shards if late_key(shard) in self._control}

    def window(self, start: datetime, shard: int, *, after: str | None, limit: int) -> list[Entry]:
        """Up to `limit` entries of a window in the order of their keys, from after a key on."""
        with self._lock:
            rows = self._windows[window_key(start, shard)]
            keys = sorted(key for key in rows if after is None or key > after)
            return [rows[key] for key in keys[:limit]]

    def put_entries(self, entries: Sequence[Placed]) -> None:
        """Write entries. One that is there already stays as it is, but a late one is given a new nonce."""
        with self._lock:
            for placed in entries:
                self._put_entry(placed)

    def delete_late(self, shard: int, entries: Sequence[LateEntry]) -> None:
        """Delete late entries, each only if it has not been written again since it was read."""
        with self._lock:
            rows = self._late[late_key(shard)]
            for late in entries:
                if rows.get(late.entry.key) == late:
                    del rows[late.entry.key]

    def absent_entries(self, entries: Sequence[Placed]) -> list[Placed]:
        """Those entries that are not where they would be written."""
        with self._lock:
            return [placed for placed in entries if placed.entry.key not in self._partition(placed)]

    def audited(self) -> Audited:
        """How far the auditor has come."""
        with self._lock:
            return self._audited

    def put_audited(self, audited: Audited) -> None:
        """Write how far the auditor has come."""
        with self._lock:
            self._audited = audited

    def _partition(self, placed: Placed) -> Container[str]:
        if placed.late:
            return self._late[late_key(placed.shard)]
        return self._windows[window_key(window_of(placed.entry.start), placed.shard)]

    def take_lease(self, shard: int, token: str, *, now: datetime, until: datetime) -> Control | None:
        """Begin a pass: the control row as it now stands, or None where another pass's lease has not ended."""
        with self._lock:
            control = self._control.get(late_key(shard), Control())
            held = control.lease_until is not None and to_ms(control.lease_until) > to_ms(now)
            if held and control.token != token:
                return None
            taken = replace(control, token=token, lease_until=until)
            self._control[late_key(shard)] = taken
            return taken

    def move(self, shard: int, control: Control) -> bool:
        """Write the control row if `control.token` still holds the lease. False: it does not."""
        with self._lock:
            found = self._control.get(late_key(shard))
            if found is None or found.token != control.token:
                return False
            self._control[late_key(shard)] = control
            return True

    def pass_by(self, shard: int, control: Control, token: str, *, through: datetime) -> bool:
        """Move the watermark if no pass has been at the shard since `control` was read. False: one has."""
        with self._lock:
            found = self._control.get(late_key(shard), Control())
            if (found.token, found.lease_until) != (control.token, control.lease_until):
                return False
            self._control[late_key(shard)] = replace(found, through=through, token=token)
            return True
