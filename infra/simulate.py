"""`python -m infra.simulate tasks.json --from … --to …`: what would run, when, how late, and what would not, and why.

Plays days in seconds on a virtual clock, through the engine itself, with its tables and queues in memory. The same
arguments print the same bytes. Exit status 0; 2 where the file or an argument makes no sense, with every problem.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from chalicelib.core.errors import Invalid
from chalicelib.core.instant import EPOCH, LATEST, from_text
from chalicelib.settings import MOST_SHARDS
from chalicelib.web.frame.json_text import Malformed
from infra.simulation import report
from infra.simulation.conditions import Conditions, Outage
from infra.simulation.play import Actions, Play
from infra.simulation.scenario import Scenario, read

WRONG = 2
MOST_SECONDS = 86_400.0
MOST_SKEW = 5.0
"""Seconds. What Punctual is built for; beyond it, nothing is promised."""
DELIVERY = timedelta(milliseconds=200)
"""A queue hands a message over up to this much later than it should."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    given = _parser().parse_args(arguments)
    if given.end <= given.begin:
        print("--to must lie after --from", file=sys.stderr)
        return WRONG
    scenario = _scenario(given.file)
    if scenario is None:
        return WRONG
    history = Play(
        scenario=scenario,
        begin=given.begin,
        end=given.end,
        conditions=_conditions(given),
        actions=Actions(duration=given.duration, failures=given.failures),
        shards=given.shards,
    ).run()
    for line in report.as_json(history) if given.output == "json" else report.as_table(history):
        print(line)
    return 0


def _scenario(path: Path) -> Scenario | None:
    """The scenario of a file, or None after every problem was printed."""
    try:
        return read(path.read_bytes())
    except OSError as error:
        print(f"{path}: cannot be read: {error.strerror}", file=sys.stderr)
    except Malformed as error:
        print(f"{path}: {error}", file=sys.stderr)
    except Invalid as error:
        for problem in error.errors:
            print(f"{path}: {problem.pointer or '/'} {problem.detail}", file=sys.stderr)
    return None


def _conditions(given: argparse.Namespace) -> Conditions:
    """The rule fires at no particular second of the minute: which one is the seed's."""
    return Conditions(
        seed=given.seed,
        tick_phase=timedelta(seconds=random.Random(given.seed).uniform(0, 60)),
        tick_jitter=given.tick_jitter,
        lost_ticks=given.lost_ticks,
        doubled_ticks=given.doubled_ticks,
        outages=tuple(Outage(begin=begin, end=end) for begin, end in given.outage),
        delivery=DELIVERY,
        skew=given.skew,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.simulate", description=(__doc__ or "").partition("\n\n")[2])
    add = parser.add_argument
    nothing = timedelta(0)
    add("file", type=Path, metavar="tasks.json", help="tasks as the API takes them; see docs/simulator.md")
    add("--from", dest="begin", type=_instant, required=True, metavar="INSTANT", help="like 2026-03-28T00:00:00Z")
    add("--to", dest="end", type=_instant, required=True, metavar="INSTANT")
    add("--seed", type=int, default=0, metavar="N", help="what chance there is, is drawn from it (0)")
    add("--tick-jitter", type=_seconds, default=nothing, metavar="SECONDS", help="how far ticks come off their second")
    add("--lost-ticks", type=_fraction, default=0.0, metavar="FRACTION", help="ticks that never come, from 0 to 1")
    add("--doubled-ticks", type=_fraction, default=0.0, metavar="FRACTION", help="ticks that come twice, from 0 to 1")
    add("--shards", type=_shards, default=1, metavar="N", help="shards of the installation (1)")
    add(
        "--outage",
        nargs=2,
        type=_instant,
        action="append",
        default=[],
        metavar=("FROM", "TO"),
        help="nobody is there: no ticks, no workers; may be repeated",
    )
    add("--duration", type=_seconds, default=nothing, metavar="SECONDS", help="how long each action takes (0)")
    add("--failures", type=_fraction, default=0.0, metavar="FRACTION", help="attempts that fail, from 0 to 1")
    add("--skew", type=_skew, default=nothing, metavar="SECONDS", help="how wrong clocks may be, up to 5 (0)")
    add("-o", "--output", choices=("table", "json"), default="table", help="how it is printed (table)")
    return parser


def _instant(text: str) -> datetime:
    try:
        instant = from_text(text)
    except ValueError as error:
        detail = f"{text!r} is not an instant: write RFC 3339 with an offset, like 2026-03-28T00:00:00Z"
        raise argparse.ArgumentTypeError(detail) from error
    if not EPOCH <= instant <= LATEST:
        raise argparse.ArgumentTypeError(f"{text!r} lies outside 1970-01-01 to 2100-01-01")
    return instant


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=_number(text, MOST_SECONDS))


def _skew(text: str) -> timedelta:
    return timedelta(seconds=_number(text, MOST_SKEW))


def _fraction(text: str) -> float:
    return _number(text, 1.0)


def _shards(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SHARDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_SHARDS}")
    return int(text)


def _number(text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {most:g}")
    return number


if __name__ == "__main__":
    sys.exit(main())
