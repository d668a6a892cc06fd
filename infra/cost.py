"""`python -m infra.cost --tasks N --every S`: what an installation costs in a month, from counts and list prices.

Other regions' prices come from a file (`--prices`, JSON with any of the names that the prices below have). Storage, the
API's requests and what the tasks themselves call are not in it. Exit status 0; 2 where an argument makes no sense.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chalicelib.core.overview import costs
from chalicelib.core.overview.costs import ARM, LIST_PRICES, X86, Bill, Load, Prices
from chalicelib.core.schedule.frequency import MONTH
from chalicelib.core.window import WINDOW
from chalicelib.settings import MOST_SHARDS

WRONG = 2
SECOND = timedelta(seconds=1)
MOST = 1e12
LARGEST_FUNCTION = 10_240
"""MB that Lambda gives at most."""


class WrongPrices(Exception):
    """A file of prices cannot be used; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if (given.every is None) == (given.runs_per_minute is None):
        parser.error("say how often by --tasks with --every, or by --runs-per-minute")
    try:
        prices = LIST_PRICES if given.prices is None else _prices(given.prices)
    except WrongPrices as error:
        print(f"{given.prices} {error}.", file=sys.stderr)
        return WRONG
    print("\n".join(_table(_load(given), given.shards, prices)))
    return 0


def _load(given: argparse.Namespace) -> Load:
    if given.runs_per_minute is None:
        runs = given.tasks * (MONTH / timedelta(seconds=given.every))
    else:
        runs = given.runs_per_minute * (MONTH / timedelta(minutes=1))
    command = given.action == "command"
    seconds = costs.ASSUMED_SECONDS["command" if command else "http"] if given.seconds is None else given.seconds
    return Load(
        runs=runs,
        duration=timedelta(seconds=seconds),
        command=command,
        memory=given.memory,
        feed=given.feed == "on",
        architecture=given.architecture,
        sent_with=costs.together(runs, WINDOW),
        received_with=costs.together(runs, SECOND),
    )


def _table(load: Load, shards: int, prices: Prices) -> list[str]:
    """The bill: what is there anyhow, what the runs add, what one run costs."""
    idle, runs = costs.of_idling(shards, load.architecture, prices), costs.of_runs(load, prices)
    memory = costs.MEMORY[load.performer] if load.memory is None else load.memory
    what = "commands" if load.command else "light runs"
    lines = [
        f"{load.runs:,.0f} {what} a month of {load.duration.total_seconds():g} s with {memory} MB on "
        f"{load.architecture}, {shards} shard{'s' if shards > 1 else ''}, list of runs {'on' if load.feed else 'off'}",
        f"US dollars for 30 days, list prices of {prices.region}, {prices.of.isoformat()}",
        "",
        f"{'':<16} {'idle':>12} {'runs':>17} {'a million runs':>17}",
    ]
    lines += [_row(name, idle[name], runs[name], load.runs) for name in runs]
    lines += [_row("total", _sum(idle), _sum(runs), load.runs), "", f"In all: {_sum(idle) + _sum(runs):,.2f}"]
    lines += [
        "Assumed, not counted: durations, half a second of waiting for the due time, a kilobyte of log a run.",
        "Not in it: storage, API requests, alarms, what the tasks call; free tiers are left out.",
    ]
    return lines


def _row(name: str, idle: float, runs: float, number: float) -> str:
    each = runs / number * costs.MILLION if number else 0.0
    return f"{name:<16} {idle:>12,.2f} {runs:>17,.2f} {each:>17,.2f}"


def _sum(bill: Bill) -> float:
    return sum(bill.values())


def _prices(path: Path) -> Prices:
    """The list prices with those of a file in their place."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongPrices(f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise WrongPrices("is not JSON") from error
    known = {one.name for one in fields(Prices)}
    if not isinstance(given, dict) or not given or not given.keys() <= known:
        raise WrongPrices(f"must be an object with some of {', '.join(sorted(known))}")
    return replace(LIST_PRICES, **{name: _price(name, value) for name, value in given.items()})


def _price(name: str, value: Any) -> Any:
    if name == "region" and isinstance(value, str):
        return value
    if name == "of" and isinstance(value, str):
        return _date(value)
    if name == "gigabyte_seconds" and isinstance(value, dict):
        return {**LIST_PRICES.gigabyte_seconds, **{key: _number(key, price) for key, price in value.items()}}
    return _number(name, value)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongPrices("must say `of` as a date like 2026-11-01") from error


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST:
        raise WrongPrices(f"must say `{name}` as a number of US dollars")
    return float(value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.cost", description=__doc__)
    parser.add_argument("--tasks", type=_between(1, 1e9), default=1, help="how many (1)")
    parser.add_argument("--every", type=_between(1, 1e9), help="seconds between two runs of each")
    parser.add_argument("--runs-per-minute", type=_between(0, 1e9), help="instead of both")
    parser.add_argument("--seconds", type=_between(0, 900), help="how long an action takes (light 0.5, command 1)")
    parser.add_argument("--memory", type=_megabytes, help="MB of the function that performs it (as deployed)")
    parser.add_argument("--action", choices=("light", "command"), default="light")
    parser.add_argument("--feed", choices=("on", "off"), default="on", help="RUN_FEED")
    parser.add_argument("--shards", type=_shards, default=1)
    parser.add_argument("--architecture", choices=(ARM, X86), default=ARM)
    parser.add_argument("--prices", type=Path, metavar="FILE", help="other prices than us-east-1's")
    return parser


def _between(low: float, high: float) -> Any:
    def number(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be from {low:,.0f} to {high:,.0f}")
        return value

    return number


def _megabytes(text: str) -> int:
    if not text.isdecimal() or not 128 <= int(text) <= LARGEST_FUNCTION:
        raise argparse.ArgumentTypeError(f"must be a whole number from 128 to {LARGEST_FUNCTION:,}")
    return int(text)


def _shards(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SHARDS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST_SHARDS:,}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
