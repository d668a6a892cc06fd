"""How a sandbox says that it has begun nothing: `machine.py` says it, `command.py` hears it.

A module of its own, so that a worker does not load what only the sandbox does.
"""

from __future__ import annotations

NOT_CLEAN = 75
"""The exit status of a machine that is not clean and has begun nothing: "try again later" in sysexits.h."""
