"""`python -m bench.priorities`: how late what is of high, normal and low priority starts beside ten thousand others.

In the virtual-clock model of `bench/fairness.py`. Commands take a second each and have twenty batches at once, as they
are deployed. "Plain order" is the same with queues that are not fair: what the groups are for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bench.fairness import CROWD, FIRST_DUE, HOURLY, REALISTIC, Owner, every, once, played
from infra.simulation.conditions import Conditions, Outage, Ramp

SECOND = timedelta(seconds=1)
COMMAND: Mapping[str, Any] = {"action": {"type": "command", "command": "true"}}
COMMANDS = replace(REALISTIC, handling=SECOND, ramp=Ramp(most=20))
"""A command of a second keeps its place for that long. `MaximumConcurrency` of the commands' mapping is 20."""
LATE = replace(REALISTIC, outages=(Outage(begin=FIRST_DUE - 40 * SECOND, end=FIRST_DUE + 10 * SECOND),))
"""No pass comes to the window before ten seconds of it have gone by."""
PRIORITIES = ("high", "normal", "low")


def crowd(priority: str, tasks: int = CROWD, more: Mapping[str, Any] | None = None) -> Owner:
    """So many that are due at the same instant."""
    return Owner(name="crowd", tasks=tasks, schedule=every(HOURLY), more={"priority": priority} | dict(more or {}))


def single(priority: str, more: Mapping[str, Any] | None = None, *, of: str = "crowd", after: int = 0) -> Owner:
    """One that is due then as well, or so many seconds later. It is the crowd's owner's, and comes last of all."""
    schedule = once(FIRST_DUE + after * SECOND)
    return Owner(name=f"z{priority}", tasks=1, schedule=schedule, of=of, more={"priority": priority} | dict(more or {}))


def main() -> None:
    """Print the figures."""
    light = [single(priority) for priority in PRIORITIES]
    commands = [single(priority, COMMAND, after=5) for priority in PRIORITIES]
    _print("low, light", REALISTIC, crowd("low"), *light)
    _print("normal, light", REALISTIC, crowd("normal"), *light)
    _print("low, light, the pass is late", LATE, crowd("low"), *light)
    _print("low, commands", COMMANDS, crowd("low", more=COMMAND), *commands)
    _print("low, commands, plain order", replace(COMMANDS, fair=False), crowd("low", more=COMMAND), *commands)


def _print(title: str, conditions: Conditions, *owners: Owner) -> None:
    found = played(*owners, conditions=conditions)
    singles = ", ".join(f"{name[1:]} {one.most / SECOND:.2f} s" for name, one in found.items() if name != "crowd")
    print(f"10,000 {title:<30} one more: {singles}\n{'':<37} the crowd: {found['crowd']}")


if __name__ == "__main__":
    main()
