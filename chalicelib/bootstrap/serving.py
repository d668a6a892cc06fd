"""Which functions of the deployment this process is to serve, and how it loads them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.bootstrap.prepared import prepared

MODULE = "app."


def serves(*functions: str) -> bool:
    """Whether this process may be asked for one of these functions.

    Lambda says in `_HANDLER` which function of app.py a process is for. Where nobody says (Chalice's commands, the
    local stack, tests), or something stands between Lambda and app.py, a process serves them all.
    """
    served = _served()
    return served is None or served in functions


@contextmanager
def loading() -> Iterator[None]:
    """In a function's process, nobody looks for garbage among what is loaded, now or later: it stays for good. And
    what was compiled beforehand is not compiled again.

    Looking takes a tenth of the time that loading does, compiling a quarter. A process that serves everything may be
    anybody's: it is left as it is.
    """
    if _served() is None:
        yield
        return
    gc.disable()
    with prepared():
        yield
    gc.freeze()
    gc.enable()


def _served() -> str | None:
    """The one function that this process is for; None where it may be any."""
    handler = os.environ.get("_HANDLER", "")
    return handler.removeprefix(MODULE) if handler.startswith(MODULE) else None
