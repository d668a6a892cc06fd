"""What is asked of the sandbox by its tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalicelib.actions import sandbox

SANDBOX = Path(sandbox.__file__)
WORKER = f"""
import json, sys
sys.path.insert(0, {str(SANDBOX.parents[2])!r})
from chalicelib.actions import sandbox
print(json.dumps(sandbox.run(json.load(sys.stdin))))
"""


def run(command: str | list[str], **event: Any) -> dict[str, Any]:
    return sandbox.run({"command": command, "timeout_seconds": 10} | event)
