"""A mailbox: letters delivered in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.core.alerting.letter import Letter


@dataclass
class Mailbox:
    """Takes letters, unless it is told with what words to refuse them."""

    taken: list[tuple[str, Letter]] = field(default_factory=list)
    """Addresses and letters, in the order in which they came."""
    refusal: str | None = None
    opened: frozenset[str] = frozenset()
    """Addresses at which letters are taken all the same."""
    refused: int = 0
    """How often it was told to refuse."""

    def __call__(self, address: str, letter: Letter, key: str) -> str | None:
        """Deliver a letter. None: it was taken. Otherwise why not."""
        if self.refusal is None or address in self.opened:
            self.taken.append((address, letter))
            return None
        self.refused += 1
        return self.refusal
