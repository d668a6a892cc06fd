"""`python -m infra.doctor --stage x`: one line for each thing that can be wrong, green or with what to do about it.

Exit status 0: all is well. 1: something is not. 2: it could not be looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import PunctualError
from infra.deploy.account import Refused, account, in_one_sentence
from infra.deploy.choosing import choose
from infra.doctor import parts, surroundings, work
from infra.doctor.installation import Ill, Installation

WELL, ILL, REFUSED = 0, 1, 2
PACKAGE = Path(__file__).parents[2] / "dist" / "template.json"
COLOURS = {True: "\033[32m", False: "\033[31m"}
CHECKS: dict[str, Callable[[Installation], str]] = {
    "credentials": surroundings.credentials,
    "clock": surroundings.clock,
    "data stack": surroundings.data_stack,
    "app stack": surroundings.app_stack,
    "runtime": parts.runtime,
    "settings": parts.settings,
    "mappings": parts.mappings,
    "quotas": surroundings.quotas,
    "rules": parts.rules,
    "passes": work.passes,
    "dead letters": work.dead_letters,
    "alarms": work.alarms,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Looks at a stage; the exit status."""
    asked = _parser().parse_args(arguments)
    checks = CHECKS | ({"drift": surroundings.look_for_drift} if asked.drift else {})
    try:
        with in_one_sentence():
            there = Installation(
                account=account(), chosen=choose(asked.stage), now=lambda: datetime.now(UTC), package=PACKAGE
            )
            _check_there(there)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return REFUSED
    return ILL if sum(_tell(*line) for line in examined(there, checks)) else WELL


def _check_there(there: Installation) -> None:
    """`Refused` where there is nothing to look at: another account or region, or another name, is meant."""
    if not there.is_there:
        raise Refused(
            f"Nothing of the stage {there.stage} is in account {there.account.id}, region {there.account.region}: "
            f"look whether these are right, or say make deploy STAGE={there.stage}."
        )


def examined(there: Installation, checks: dict[str, Callable[[Installation], str]]) -> Iterator[tuple[str, bool, str]]:
    """Each check's name, whether all is well, and what there is to say. One that cannot look is not well."""
    for name, check in checks.items():
        try:
            yield name, True, check(there)
        except Ill as ill:
            yield name, False, str(ill)
        except (ClientError, BotoCoreError, PunctualError) as error:
            yield name, False, f"This cannot be looked at: {' '.join(str(error).split())}"


def _tell(name: str, well: bool, text: str) -> int:
    """Print a check's line; how much is not well: nothing, or one thing."""
    sign = "ok   " if well else "WRONG"
    coloured = f"{COLOURS[well]}{sign}\033[0m" if sys.stdout.isatty() else sign
    print(f"{coloured} {name:<12} {text}", flush=True)
    return 0 if well else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.doctor", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--drift", action="store_true", help="have CloudFormation look for changes by hand as well")
    return parser


if __name__ == "__main__":
    sys.exit(main())
