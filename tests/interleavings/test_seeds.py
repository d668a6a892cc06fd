"""Thousands of histories of interleaved processes: whatever chance brings, nothing is lost and nothing is doubled.

The seed decides everything. `SIMULATION_SEEDS=20000` tells more of them; a failure says how it is told again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.core.message import parts
from chalicelib.core.run import FINAL
from tests.interleavings.chance import KINDS, WEIGHTS
from tests.interleavings.telling import told
from tests.interleavings.trouble import Trouble

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "2000"))
"""Histories of all kinds together."""
SHARES = 4
"""Each kind is told by so many tests, so that they can run side by side."""
ROOT = Path(__file__).parents[2]


def _seeds(kind: str) -> int:
    weights = {name: WEIGHTS.get(name, 1.0) for name in KINDS}
    return max(SHARES, round(SEEDS * weights[kind] / sum(weights.values())))


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("kind", KINDS)
def test_however_processes_interleave_nothing_is_lost_or_doubled(
    kind: str, share: int, record_property: Callable[[str, object], None]
) -> None:
    seeds = range(share, _seeds(kind), SHARES)
    for seed in seeds:
        told(kind, seed)
    record_property("interleavings", len(seeds))


@pytest.mark.parametrize("kind", ["a bad day", "more shards"])
def test_the_same_seed_gives_the_same_history_in_every_process(kind: str) -> None:
    """Also where sets of text have another order."""
    assert _printed(kind, "1") == _printed(kind, "2") == told(kind, 7).history()


def _printed(kind: str, hash_seed: str) -> str:
    command = [sys.executable, "-m", "tests.interleavings.telling", kind, "7"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.removesuffix("\n")


def test_histories_hold_what_they_are_told_for() -> None:
    """Every trouble was met and every kind of end reached: a simulation in which nothing happens proves nothing."""
    worlds = [told(kind, seed) for kind in ("a bad day", "dying", "sleepy workers", "zombies") for seed in range(16)]
    troubles = {trouble for world in worlds for trouble in world.met}
    statuses = {run.status for world in worlds for run in world.runs().values()}
    verbs = {order.verb for world in worlds for order in world.owner.orders}
    assert troubles == set(Trouble)
    assert statuses == FINAL
    assert verbs == {"skip", "cancel", "retry"}


def test_packs_come_twice_fail_in_part_and_die_with_their_worker() -> None:
    worlds = [told("packs", seed) for seed in range(8)]
    handed = [body for world in worlds for _, body in world.handed if len(parts(body)) > 1]
    again = [body for body, times in Counter(handed).items() if times > 1]
    alone = [body for world in worlds for _, body in world.handed if '"takeover"' in body]
    troubles = {trouble for world in worlds for trouble in world.met}
    assert len(handed) > 50
    assert again
    assert alone
    assert troubles >= {Trouble.DIE_BEFORE, Trouble.DIE_AFTER, Trouble.UNAVAILABLE, Trouble.LOST, Trouble.STALL}
