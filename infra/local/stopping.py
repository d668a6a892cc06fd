"""How a person stops a part of the local stack: SIGINT or SIGTERM once to finish what is in hand, again to be quick."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

FINISH_SECONDS = 10.0
"""What is in hand gets this long. A run that takes longer is taken over after the next start, as on AWS."""
LOOK_SECONDS = 0.2


class Stopping:
    """Set by the signals once they are handled here."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.hurried = threading.Event()

    def listen(self) -> None:
        """Takes the two signals; main thread only."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)

    def finish(self, *waits: Callable[[float], bool]) -> bool:
        """Waits for everything in hand, `FINISH_SECONDS` in all; False when something was left behind.

        A wait takes seconds and says whether it is done.
        """
        until = time.monotonic() + FINISH_SECONDS
        for wait in waits:
            while not wait(LOOK_SECONDS):
                if self.hurried.is_set() or time.monotonic() > until:
                    return False
        return True

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.asked.is_set():
            self.hurried.set()
        self.asked.set()
