"""Who makes a call: which of the functions this code runs in when it is deployed. Read off the stack.

From the call outwards, the first of the engine's front doors says it: a tick is the coordinator's, a pass the
dispatcher's, a message its channel's worker's, an audit the auditor's, and what people ask for is the API's. A call
that a test makes itself, or that a task's own `aws` action makes, is nobody's.
"""

from __future__ import annotations

from pathlib import Path
from types import CodeType, FrameType

from chalicelib import engine, web
from chalicelib.actions import aws
from chalicelib.engine import requests
from chalicelib.engine.audit.auditor import Auditor
from chalicelib.engine.coordinator import Coordinator
from chalicelib.engine.dispatcher import Dispatcher
from chalicelib.engine.worker import Worker

API = "api"
ROLES = (API, "coordinator", "auditor", "dispatcher", "light", "urgent", "commands", "sandbox")
DOORS = {
    Coordinator.tick.__code__: "coordinator",
    Dispatcher.handle.__code__: "dispatcher",
    Auditor.audit.__code__: "auditor",
}
WORKER = Worker.handle.__code__
"""Its role is the channel of the message that it was given."""


def _folder(package: object) -> str:
    return str(Path(str(getattr(package, "__file__", ""))).parent) + "/"


ROOT = str(Path(engine.__file__ or "").parents[2]) + "/"
OURS = str(Path(engine.__file__ or "").parents[1]) + "/"
REQUESTS = (_folder(requests), _folder(web))
TASKS_OWN = aws.__file__
INSTALLED = f"{ROOT}.venv/"
"""The environment stands in the project's folder, and is none of its code."""
NOBODY = ""
LOOKED_THROUGH = frozenset(str(Path(__file__).with_name(name)) for name in ("recording.py", "installation.py"))
"""The recorder itself, and an installation whose actions stand in for those of the workers."""
_known: dict[CodeType, str | None] = {}


def caller(frame: FrameType | None) -> str | None:
    """The function that the code of a frame runs in, or `NOBODY`. None: its thread's stack does not say."""
    while frame is not None:
        code = frame.f_code
        says = _known[code] if code in _known else _known.setdefault(code, _says(code))
        if says is not None:
            return str(frame.f_locals["message"].channel) if code is WORKER else says
        frame = frame.f_back
    return None


def _says(code: CodeType) -> str | None:
    """What a frame of this code says about who calls; None, if it leaves that to the frame around it."""
    file = code.co_filename
    if code in DOORS or code is WORKER:
        return DOORS.get(code, NOBODY)
    if file.startswith(REQUESTS):
        return API
    if file.startswith((OURS, INSTALLED)) or file in LOOKED_THROUGH:
        return NOBODY if file == TASKS_OWN else None
    return NOBODY if file.startswith(ROOT) else None  # whatever is around a test's own call, no function makes it
