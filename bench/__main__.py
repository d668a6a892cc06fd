"""`python -m bench [GROUP…]` (`make bench`): every budget, computed now, one JSON object per line.

Exit status 0; 1 where a budget's `must` is missed or could not be computed, 2 for a group that does not exist.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence

from bench.budgets import api, calls, cpu, dollars, growth, here, lateness, package, units
from bench.budgets.table import TABLE, Row, failed
from chalicelib.logs import LOGGER

GROUPS: dict[str, Callable[[], Iterator[Row]]] = {
    "units": units.rows,
    "dollars": dollars.rows,
    "calls": calls.rows,
    "growth": growth.counted,
    "cpu": cpu.rows,
    "growth-cpu": growth.timed,
    "lateness": lateness.rows,
    "here": here.rows,
    "package": package.rows,
    "api": api.rows,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    chosen = _parser().parse_args(arguments).groups or list(GROUPS)
    missed = 0
    for group in chosen:
        for row in rows_of(group):
            print(json.dumps(row), flush=True)
            missed += not row["ok"]
    return int(missed > 0)


def rows_of(group: str) -> Iterator[Row]:
    """A group's rows; each budget has one, also where computing it breaks."""
    left = dict.fromkeys(TABLE[group])
    reason = "nothing was computed"
    try:
        for row in GROUPS[group]():
            left.pop(row["name"], None)
            yield row
    except Exception as error:  # whatever broke, the other groups have their say
        reason = f"{type(error).__name__}: {error}"
    yield from (failed(name, reason) for name in left)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", type=_group, help=f"of {', '.join(GROUPS)}; none: all")
    return parser


def _group(text: str) -> str:
    if text not in GROUPS:
        raise argparse.ArgumentTypeError(f"there is no group {text!r}: take some of {', '.join(GROUPS)}")
    return text


if __name__ == "__main__":
    LOGGER.handlers = [logging.NullHandler()]  # what is printed are rows
    sys.exit(main())
