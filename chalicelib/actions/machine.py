"""Performs commands one after another on a machine that is the sandbox's alone, and lets none meet another.

This is the `sandbox` function on Lambda, whose machine is kept between invocations, with what is running on it and what
is in its folders. Before and after each command

1. every process that came from a command is ended, also where the process that performed it is gone;
2. what is left in the folders that everybody may write to, and in System V's shared memory, is removed.

A process that cannot be ended does not meet a second command: at the next invocation, before anything is begun, this
process leaves with the status `NOT_CLEAN`. Lambda then makes a new one, and whoever asked sees by the status that the
command was not begun, and asks again (`command.py`). It cannot leave earlier: before its answer is taken, it would lose
the answer of a command that was performed; after it, a function is frozen.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.actions.sandbox import adopt, end, end_descendants, names, run_alone
from chalicelib.actions.supervisor import wipe
from chalicelib.actions.unclean import NOT_CLEAN
from chalicelib.logs import log

BEGIN_LIMIT = 0.3
"""Seconds spent, before a command, on ending what outlived the one before; and as much again on strays."""
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue")
"""The folders that everybody may write to."""
TASK_ROOT = Path("/var/task")
"""Where Lambda puts the code of a function, and nobody may write."""
IPC_RMID = 0

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What there is to clean: which folders, which processes that are not below this one, which objects of System V."""

    folders: Sequence[str] = ()
    strays: Callable[[], set[int]] = set
    objects: Callable[[], set[tuple[str, int]]] = set


def perform(event: Mapping[str, Any], machine: Machine | None = None) -> dict[str, Any]:
    """The answer to the event, on this machine unless another is given."""
    machine = machine or this_machine()
    adopt()
    survivors = end_descendants(BEGIN_LIMIT) + _end_strays(machine)
    if survivors:
        log("sandbox_left", logging.ERROR, survivors=survivors)
        os._exit(NOT_CLEAN)
    _clean(machine)
    try:
        return run_alone(event)
    finally:
        _clean(machine)


def this_machine() -> Machine:
    """On Lambda all that is shared is the commands' alone. Elsewhere nothing is, for others use it too.

    Lambda is recognised by where the code is and that it cannot be written to. Emulators set Lambda's variables too.
    """
    on_lambda = _ROOT == TASK_ROOT and not os.access(_ROOT, os.W_OK)
    return Machine(folders=SHARED, strays=strays, objects=shared_memory) if on_lambda else Machine()


def strays() -> set[int]:
    """Processes of this user that came from a command, whoever performed it.

    They are known by what they can never take off again: that they may gain no privileges. Where this process has that
    mark itself, it says nothing.
    """
    if _marked("self"):
        return set()
    return {int(name) for name in filter(str.isdigit, names("/proc")) if _marked(name)}


def empty(folder: str) -> list[str]:
    """Remove all in a folder that is this user's; what is still there. A link in the folder's place is none."""
    if os.path.islink(folder):
        return []
    for path in _inside(folder):
        with suppress(OSError):
            os.unlink(path)
        if os.path.lexists(path):
            wipe(path)
    return _inside(folder)


def shared_memory() -> set[tuple[str, int]]:
    """Shared memory, semaphores and message queues of System V that belong to this user: their kind and number."""
    return {(kind, number) for kind in ("shm", "sem", "msg") for number in _numbers(kind)}


def remove(objects: Iterable[tuple[str, int]]) -> None:
    """Remove these objects of System V."""
    libc = ctypes.CDLL(None)
    for kind, number in objects:
        arguments = (number, 0, IPC_RMID) if kind == "sem" else (number, IPC_RMID)
        getattr(libc, f"{kind}ctl")(*arguments, None)


def _end_strays(machine: Machine) -> int:
    end(machine.strays, BEGIN_LIMIT, while_there_are=machine.strays)
    return len(machine.strays())


def _clean(machine: Machine) -> None:
    left = [path for folder in machine.folders for path in empty(folder)]
    remove(machine.objects())
    if left:
        log("sandbox_not_empty", logging.ERROR, left=left[:20])


def _marked(process: str) -> bool:
    """Whether a living process is this user's and may gain no privileges."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/status").read_text("utf-8", "replace").splitlines()
        said = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        mine = said.get("Uid", "").split()[:1] == [str(os.getuid())]
        return mine and said.get("NoNewPrivs") == "1" and not said.get("State", "Z").startswith("Z")
    return False


def _inside(folder: str) -> list[str]:
    with suppress(OSError):
        return [entry.path for entry in os.scandir(folder) if entry.stat(follow_symlinks=False).st_uid == os.getuid()]
    return []


def _numbers(kind: str) -> list[int]:
    with suppress(OSError):
        heading, *rows = [line.split() for line in Path(f"/proc/sysvipc/{kind}").read_text("ascii").splitlines()]
        user = heading.index("uid")
        return [int(row[1]) for row in rows if int(row[user]) == os.getuid()]
    return []
