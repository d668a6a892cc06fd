"""A shard's lease, as the pass that holds it has it: how far the work has come, and for how long it may go on.

Only the holder may move the watermark or delete a late entry. Every write of the control row renews the lease, and
finds out whether it is still held.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.ports import Clock, Control, Store

LEASE = timedelta(seconds=30)
RENEW_AFTER = timedelta(seconds=10)
"""A lease is renewed this long after the last time: two renewals may fail or be slow before it ends."""


class LeaseLost(Exception):
    """Another pass has taken the shard: whatever is left is its work."""


@dataclass
class Held:
    """A shard in the hands of one pass, which ends by itself `limit` after it began."""

    store: Store
    clock: Clock
    shard: int
    control: Control
    began: timedelta
    limit: timedelta
    renewed: timedelta = field(init=False)

    def __post_init__(self) -> None:
        self.renewed = self.began

    def keep(self) -> None:
        """Renew the lease when it is time."""
        if self.clock.elapsed() - self.renewed >= RENEW_AFTER:
            self.write()

    def note(self, **changes: Any) -> None:
        """Change the control row here; it is written with the next renewal, or when the shard is given back."""
        self.control = replace(self.control, **changes)

    def write(self, **changes: Any) -> None:
        """Write the control row with changes, and a renewed lease. `LeaseLost` where another pass has the shard."""
        control = replace(self.control, **{"lease_until": self.now() + LEASE} | changes)
        if not self.store.move(self.shard, control):
            raise LeaseLost
        self.control, self.renewed = control, self.clock.elapsed()

    def give_back(self) -> None:
        """Write how far the work has come, and let the next pass begin at once."""
        self.write(lease_until=self.now())

    def now(self) -> datetime:
        return self.clock.now()

    def out_of_time(self) -> bool:
        """Whether the pass has to stop: the next one goes on."""
        return self.clock.elapsed() - self.began > self.limit
