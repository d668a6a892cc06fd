"""`python -m infra.local`: the whole system on this machine, or one part of it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta

from chalicelib.logs import to_stderr
from infra.local import choices, engines, parts, stack
from infra.local.choices import Choices, Refused

REFUSED = 2

PARTS: dict[str, tuple[str, Callable[[Choices], int]]] = {
    "provision": ("create the tables and queues that are missing", parts.provision),
    "api": ("serve the API and the console on PORT", parts.api),
    "tick": ("fire the coordinator once", parts.tick),
    "audit": ("fire the auditor once", parts.audit),
}
DELIVERIES: dict[str, tuple[str, Callable[[Choices, timedelta], int]]] = {
    "pass": ("handle the passes that are waiting", parts.handle_passes),
    "work": ("handle the runs that are waiting", parts.work),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the arguments ask for; the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        return _run(asked)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return REFUSED


def _run(asked: argparse.Namespace) -> int:
    chosen = choices.read(os.environ)
    if asked.part is None:
        return stack.run(chosen)
    to_stderr()
    engines.use_given(chosen)
    if asked.part in PARTS:
        return PARTS[asked.part][1](chosen)
    return DELIVERIES[asked.part][1](chosen, timedelta(seconds=asked.seconds))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=f"{__doc__} Without a part: everything.")
    found = parser.add_subparsers(dest="part", title="parts, which work with AWS_ENDPOINT_URL", metavar="PART")
    for name, (promise, _) in PARTS.items():
        found.add_parser(name, help=promise)
    for name, (promise, _) in DELIVERIES.items():
        part = found.add_parser(name, help=promise)
        part.add_argument(
            "--for",
            dest="seconds",
            metavar="SECONDS",
            type=_seconds,
            default=0.0,
            help="go on for so long, instead of until nothing is waiting",
        )
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < timedelta.max.total_seconds():
        raise ValueError(text)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
