"""Trouble: what may happen to one call of a port, done between the engine and the adapter in memory."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.core.errors import Unavailable
from tests.faults.timeline import Process

Arguments = tuple[Any, ...]
Perform = Callable[[Arguments], Any]
Sleep = Callable[[timedelta], None]


class Trouble(enum.StrEnum):
    """What happens to a call."""

    DIE_BEFORE = "die_before"
    DIE_AFTER = "die_after"
    """It was done, and its process never knew."""
    LOST = "lost"
    """It was done, and whoever asked is told `Unavailable`."""
    REPEATED = "repeated"
    """It was done, its answer was lost, and the client did it again by itself."""
    UNAVAILABLE = "unavailable"
    """It was not done."""
    HALF = "half"
    """Half of a batch was done, and whoever asked is told `Unavailable`."""
    IN_PIECES = "in_pieces"
    """A batch is done in two pieces, with some seconds in between."""
    SLOW = "slow"
    """It arrives six seconds late."""
    SLOW_ANSWER = "slow_answer"
    STALL = "stall"
    """Its process sleeps past its lease, and then goes on as if nothing had been."""
    STALL_AFTER = "stall_after"


ALL = tuple(Trouble)
SLEEPY = (Trouble.STALL, Trouble.STALL_AFTER, Trouble.SLOW, Trouble.SLOW_ANSWER)
ASLEEP = (Trouble.STALL, Trouble.STALL_AFTER, Trouble.SLOW, Trouble.UNAVAILABLE, Trouble.HALF)
LETHAL = (Trouble.DIE_BEFORE, Trouble.DIE_AFTER)
BATCHES = {"put_entries": 0, "delete_late": 1, "enqueue_runs": 0, "send_runs": 0, "send_passes": 0}
"""The verbs that do several things, one after the other, and which of their arguments holds these."""
IN_BATCHES = (Trouble.HALF, Trouble.IN_PIECES)

SLOWNESS = timedelta(seconds=6)
"""More than a write may take before its entry is repeated as late."""
STALLS = {"pass": timedelta(seconds=35), "work": timedelta(seconds=145), "tick": timedelta(seconds=20)}
"""Longer than the lease, shorter than the function's timeout."""
OTHER_STALL = timedelta(seconds=26)


def possible(trouble: Trouble, verb: str) -> bool:
    """Whether this can happen to such a call: only batches are done in part."""
    return verb in BATCHES or trouble not in IN_BATCHES


def meet(trouble: Trouble, process: Process, verb: str, arguments: Arguments, perform: Perform, sleep: Sleep) -> Any:
    """The answer of a call that meets trouble, where there is one."""
    match trouble:
        case Trouble.DIE_BEFORE:
            raise process.die(trouble)
        case Trouble.UNAVAILABLE:
            raise Unavailable("on purpose, and not done")
        case Trouble.HALF | Trouble.IN_PIECES:
            return _in_pieces(trouble, verb, arguments, perform, sleep)
        case Trouble.SLOW | Trouble.STALL:
            sleep(how_long(trouble, process))
        case Trouble.REPEATED:
            perform(arguments)
    return _afterwards(trouble, process, perform(arguments), sleep)


def _afterwards(trouble: Trouble, process: Process, answer: Any, sleep: Sleep) -> Any:
    """What becomes of the answer of a call that was done."""
    match trouble:
        case Trouble.DIE_AFTER:
            raise process.die(trouble)
        case Trouble.LOST:
            raise Unavailable("on purpose, and done")
        case Trouble.SLOW_ANSWER | Trouble.STALL_AFTER:
            sleep(how_long(trouble, process))
    return answer


def _in_pieces(trouble: Trouble, verb: str, arguments: Arguments, perform: Perform, sleep: Sleep) -> Any:
    place = BATCHES[verb]
    batch: Sequence[Any] = arguments[place]
    middle = len(batch) // 2
    first, rest = (_with(arguments, place, some) for some in (batch[:middle], batch[middle:]))
    answer = perform(first)
    if trouble is Trouble.HALF:
        raise Unavailable("on purpose, and half done")
    sleep(timedelta(seconds=2))
    more = perform(rest)
    return answer if more is None else [*answer, *more]


def _with(arguments: Arguments, place: int, value: Any) -> Arguments:
    return (*arguments[:place], value, *arguments[place + 1 :])


def how_long(trouble: Trouble, process: Process) -> timedelta:
    """How long a process sleeps, which says of itself from then on that it did."""
    process.slow = True
    if trouble in (Trouble.SLOW, Trouble.SLOW_ANSWER):
        return SLOWNESS
    process.broken = process.broken or trouble
    return STALLS.get(process.kind, OTHER_STALL)
