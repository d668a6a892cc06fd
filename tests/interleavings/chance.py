"""Chance: what may go wrong in a history, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.engine import dispatcher
from tests.interleavings.trouble import ALL, ASLEEP, LETHAL, SLEEPY, Trouble

EVERYBODY = ("tick", "pass", "work", "api")


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What is left to chance. Probabilities are per call, per message or per tick; spans are seconds after `START`."""

    kind: str = ""
    seed: int = 0
    latency: float = 0.05
    """The most seconds that an ordinary call takes."""
    slowest: float = 1.0
    often_slow: float = 0.05
    """How probable it is that a call takes up to `slowest` seconds."""
    skew: float = 0.0
    """The most seconds that a clock is wrong, either way."""
    trouble: float = 0.0
    troubles: tuple[Trouble, ...] = ALL
    troubled: tuple[str, ...] = EVERYBODY
    """The kinds of processes that trouble comes to."""
    twice: float = 0.0
    """How probable it is that a message is there twice."""
    held: float = 0.0
    """How probable it is that a message is held for up to a minute and a half."""
    lost_ticks: float = 0.0
    doubled_ticks: float = 0.0
    throttled: tuple[float, float] | None = None
    """When nobody is answered."""
    silent: tuple[float, float] | None = None
    """When no tick comes."""
    shards: tuple[int, ...] = (2,)
    """How many shards there are, one number after the other."""
    page: int = dispatcher.PAGE
    pass_limit: timedelta = dispatcher.PASS_LIMIT
    tasks: tuple[int, int] = (2, 5)
    created: tuple[float, float] = (0.2, 60)
    among_passes: bool = False
    """The owner asks for everything just when passes are at work."""
    leads: tuple[int, ...] = (0, 1, 5, 40, 74, 89, 91, 96)
    """Seconds from a creation to the first due time: about the borders of look-ahead, horizon and window."""
    crowd: int = 0
    """So many tasks are all due within one window."""
    crowded: int = 28
    """Within so many seconds of it: the fewer, the more of them travel in one message."""
    changes: float = 1.5
    """Changes per task, on average."""
    verbs: tuple[str, ...] = ()
    """What the owner asks for. Empty: everything that there is."""
    end: float = 180
    """Nothing new is due after it, and nothing goes wrong any more."""


SOON = timedelta(seconds=1)
KINDS = {
    "calm": Chance(changes=3),
    "skewed clocks": Chance(skew=5, slowest=3),
    "trouble": Chance(trouble=0.03),
    "a bad day": Chance(trouble=0.05, skew=5, twice=0.1, held=0.05, lost_ticks=0.15, doubled_ticks=0.2),
    "messages": Chance(trouble=0.005, twice=0.4, held=0.25, lost_ticks=0.2, doubled_ticks=0.2),
    "zombies": Chance(
        trouble=0.1,
        troubles=ASLEEP,
        troubled=("pass", "api"),
        doubled_ticks=0.5,
        shards=(1,),
        page=3,
        created=(20, 100),
    ),
    "slow owners": Chance(
        trouble=0.4,
        troubles=(Trouble.STALL, Trouble.SLOW),
        troubled=("api",),
        tasks=(5, 8),
        created=(5, 130),
        leads=(90, 91, 92, 94, 97),
        shards=(1,),
        changes=0.3,
        end=240,
    ),
    "two at once": Chance(
        slowest=4,
        often_slow=0.3,
        doubled_ticks=0.9,
        shards=(1,),
        skew=5,
        tasks=(4, 7),
        created=(10, 140),
        page=4,
        among_passes=True,
    ),
    "changing minds": Chance(
        slowest=4, often_slow=0.4, changes=5, verbs=("pause", "resume", "edit"), shards=(1,), among_passes=True
    ),
    "slow passes": Chance(latency=2.5, slowest=3, crowd=24, tasks=(0, 1), shards=(1,), page=2, doubled_ticks=0.5),
    "dying": Chance(trouble=0.06, troubles=(*LETHAL, Trouble.UNAVAILABLE, Trouble.LOST), skew=2, doubled_ticks=0.3),
    "sleepy workers": Chance(trouble=0.06, troubles=SLEEPY, troubled=("work",), twice=0.3, skew=3),
    "more shards": Chance(trouble=0.01, skew=3, shards=(1, 2, 4), doubled_ticks=0.2),
    "a crowd": Chance(
        trouble=0.02,
        crowd=24,
        tasks=(3, 4),
        created=(40, 110),
        shards=(1,),
        page=3,
        pass_limit=SOON,
        doubled_ticks=0.3,
        slowest=2,
        changes=0.5,
    ),
    "packs": Chance(
        trouble=0.03,
        troubled=("work", "pass"),
        crowd=24,
        crowded=2,
        tasks=(1, 2),
        created=(40, 110),
        shards=(1,),
        twice=0.2,
        held=0.1,
        skew=2,
        changes=0.5,
    ),
    "throttled": Chance(throttled=(60, 180), trouble=0.005, skew=3, end=240),
    "no ticks": Chance(silent=(70, 670), trouble=0.01, skew=2, end=760),
    "an outage": Chance(silent=(90, 25_300), trouble=0.01, end=25_500, tasks=(1, 3), shards=(1,)),
}
WEIGHTS = {
    "slow passes": 0.3,
    "an outage": 0.2,
    "no ticks": 0.7,
    "calm": 0.5,
    "slow owners": 0.7,
    "changing minds": 0.7,
    "zombies": 1.5,
}
"""Kinds whose histories take longer, or hold less, are told less often."""
