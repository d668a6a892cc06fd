"""Functions that tasks may call, and what their modules need: `from chalicelib.functions import every, function`."""

from __future__ import annotations

from chalicelib.functions.declaring import Context, cron, every, once
from chalicelib.functions.registry import function

__all__ = ["Context", "cron", "every", "function", "once"]
