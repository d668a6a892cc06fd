"""Processor time: of a piece of work on the accounting stub, and of a loop that says how fast this process is just now.

A busy machine makes work take longer, never shorter: the least of a few rounds is taken, and the loop has its turn in
each. The stub stands in the same process. What its own answering takes is measured call by call, by the clock of the
thread that answers, and taken off the time of the process: what is left is ours and that of the AWS libraries.
"""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.accounting import Accounting

ROUNDS = 5
LOOPS = 4000
SAMPLE = {"id": {"S": "01kjpwe3xgtjg088dkgcavbms6"}, "due": {"N": "1772442201000"}, "tags": ["a", "b", "c"]}


@dataclass(frozen=True, kw_only=True, order=True)
class Spent:
    """Seconds of the processor: of the work, of the stub that was taken off, and of the loop in the same round."""

    work: float
    stub: float
    loop: float


def spent(books: Accounting, work: Callable[[], object]) -> Spent:
    """What a piece of work takes now. As in a function's process, what was there before is not garbage."""
    loop = calibration()
    gc.collect()
    gc.freeze()
    books.reset()
    begun = time.process_time()
    work()
    whole = time.process_time() - begun
    gc.unfreeze()
    return Spent(work=whole - books.own_cpu, stub=books.own_cpu, loop=loop)


def calibration() -> float:
    """A loop of what such work consists of: JSON, hashes, dictionaries, strings."""
    begun = time.process_time()
    total = 0
    for n in range(LOOPS):
        text = json.dumps(SAMPLE | {"n": n})
        total += len(json.loads(text)) + hashlib.sha256(text.encode()).digest()[0]
    return time.process_time() - begun


def least(rounds: list[Spent], number: float) -> tuple[float, dict[str, float]]:
    """The least for so many, and what is to be said about it: the same in loops, and what was taken off."""
    best, loop = min(rounds), min(one.loop for one in rounds)
    return best.work / number, {
        "in_loops": round(best.work / number / loop, 2),
        "stub_taken_off": round(best.stub / number, 4),
        "rounds": len(rounds),
    }
