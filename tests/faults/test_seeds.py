"""Stories left to chance: interleaved calls, clocks that differ, several troubles at once, messages twice and late.

The seed decides everything. `FAULT_SEEDS=2000` tells more of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.core.building import at
from tests.faults.chance import Chance
from tests.faults.judging import settle
from tests.faults.scenario import END, tell
from tests.faults.story import Story
from tests.faults.telling import told

KINDS = {
    "skewed clocks": Chance(skew=5, latency=0.2),
    "slow answers": Chance(latency=3),
    "skew and trouble": Chance(trouble=0.02, skew=5),
    "messages twice, held and no tick": Chance(trouble=0.01, twice=0.2, held=0.1, lost_ticks=0.2),
    "a bad day": Chance(trouble=0.05, latency=0.3, skew=5, twice=0.1),
    "every other message twice": Chance(twice=0.5, held=0.2),
    "slow answers and trouble": Chance(trouble=0.01, latency=1),
    "reads that may be stale are": Chance(stale=0.3, trouble=0.01),
}
SEEDS = int(os.environ.get("FAULT_SEEDS", "4"))
CALM = at(150)
PARTS = ("schedules", "attempts", "changes", "overlaps")


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_chance_brings_nothing_is_lost_or_doubled(
    kind: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    for seed in range(SEEDS):
        page = 2 if seed % 3 == 2 else 500
        story = Story(chance=replace(KINDS[kind], seed=seed), calm_from=CALM, page=page)
        with told(monkeypatch, story):
            tell(story, PARTS[seed % len(PARTS)])
            settle(story, END)
    record_property("seeds", SEEDS)


def test_the_same_seed_tells_the_same_story(monkeypatch: pytest.MonkeyPatch) -> None:
    histories: list[str] = []
    for _ in range(2):
        story = Story(chance=replace(KINDS["a bad day"], seed=4), calm_from=CALM)
        with told(monkeypatch, story):
            tell(story, "changes")
            settle(story, END)
        histories.append(story.history())
    assert histories[0] == histories[1]
