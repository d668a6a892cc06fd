"""Standard output and error of one call, although the process has one of each and performs many calls at once.

`sys.stdout` and `sys.stderr` are replaced by proxies that look, at every write, for the keeper of the calling context
(a context variable). Where there is one, it gets what is written; else the stream that was there before does. A
thread that a function starts in a copy of its context (`contextvars.copy_context().run`) is captured as well; what
goes past Python (a child process, C code) is not.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO, cast

from chalicelib.actions.output import KeptOutput


class Keeper(io.TextIOBase):
    """A text stream that keeps the first part of what is written, by however many threads."""

    encoding = "utf-8"

    def __init__(self, limit: int) -> None:
        self._kept = KeptOutput(limit)
        self._turn = threading.Lock()
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        self.take(text.encode("utf-8", "replace"))
        return len(text)

    def writable(self) -> bool:
        return True

    def take(self, written: bytes) -> None:
        """Keep bytes of UTF-8, as far as there is room."""
        with self._turn:
            self._kept.add(written)

    def text(self, ending: str = "") -> tuple[str, bool]:
        """All that was kept so far, then `ending`; and whether anything was cut."""
        with self._turn:
            return self._kept.text(ending)


class _Bytes(io.RawIOBase):
    """The keeper for those who write bytes, as `sys.stdout.buffer`."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def write(self, written: Any) -> int:
        data = bytes(written)
        self._keeper.take(data)
        return len(data)

    def writable(self) -> bool:
        return True


_keeper: ContextVar[Keeper | None] = ContextVar("punctual_output", default=None)
_installing = threading.Lock()


class _Proxy:
    """Stands where a standard stream stood: everything asked of it is asked of the keeper, or of that stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(_keeper.get() or self._stream, name)


@contextmanager
def captured(keeper: Keeper) -> Iterator[None]:
    """Give the keeper whatever this context writes to standard output and error."""
    _install()
    token = _keeper.set(keeper)
    try:
        yield
    finally:
        _keeper.reset(token)


def _install() -> None:
    """Put the proxies in place where they are not: at first, and when somebody has replaced a stream since."""
    with _installing:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if not isinstance(stream, _Proxy):
                setattr(sys, name, cast(TextIO, _Proxy(stream)))
