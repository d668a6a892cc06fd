"""Which functions of the deployment this process is to serve."""

from __future__ import annotations

import os

MODULE = "app."


def serves(*functions: str) -> bool:
    """Whether this process may be asked for one of these functions.

    Lambda says in `_HANDLER` which function of app.py a process is for. Where nobody says (Chalice's commands, the
    local stack, tests), or something stands between Lambda and app.py, a process serves them all.
    """
    handler = os.environ.get("_HANDLER", "")
    return not handler.startswith(MODULE) or handler.removeprefix(MODULE) in functions
