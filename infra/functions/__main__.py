"""`python -m infra.functions diff|sync --stage x`: the schedules in code, and the tasks that they are on a stage.

`diff` says what a deployment would do and what a person has changed; its exit status is 1 where anything differs.
`sync` does it: `make deploy` and `python -m infra.deploy after` do so as well. 1: something was refused, or a module
could not be loaded. 2: it could not be looked at.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError
from botocore.session import Session

from chalicelib.core.errors import Invalid, PunctualError
from chalicelib.logs import to_stderr
from chalicelib.settings import LOCAL, Settings, SettingsError, from_environment
from infra.deploy.account import Refused
from infra.deploy.choosing import choose, environment_of
from infra.functions import bringing

DONE, DIFFERS, REFUSED = 0, 1, 2
EVERY = "all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the arguments ask for; the exit status."""
    asked = _parser().parse_args(arguments)
    to_stderr()
    try:
        return _run(asked, _settings(asked.stage), bringing.session_in(os.environ.get("AWS_REGION")))
    except Invalid as error:
        print(f"--restore {error.errors[0].detail}.", file=sys.stderr)
    except (Refused, SettingsError) as error:
        print(f"{str(error).removesuffix('.')}.", file=sys.stderr)
    except (PunctualError, BotoCoreError) as error:
        print(f"Stage {asked.stage} does not answer ({error}).", file=sys.stderr)
    return REFUSED


def _run(asked: argparse.Namespace, settings: Settings, session: Session) -> int:
    in_code = bringing.in_code(settings, session)
    report = in_code.look()
    if asked.verb == "sync":
        names = [one.name for one in report.items if one.function] if asked.restore == [EVERY] else asked.restore
        report = in_code.sync(names)
    for line in bringing.lines(report, brought=asked.verb == "sync", code_owner=settings.code_owner):
        print(line)
    if bringing.needs_somebody(report):
        return DIFFERS
    return DIFFERS if asked.verb == "diff" and bringing.differs(report) else DONE


def _settings(stage: str) -> Settings:
    """Those that were chosen for a stage; of the local stack, those that the environment says."""
    return from_environment(dict(os.environ) if stage == LOCAL else environment_of(choose(stage)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.functions", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="diff|sync")
    diff = verbs.add_parser("diff", help="say what a deployment would do, and what a person has changed")
    sync = verbs.add_parser("sync", help="bring what has changed in the code")
    sync.add_argument(
        "--restore",
        action="append",
        default=[],
        metavar="NAME",
        help=f"make this one's task as the code says, whatever a person did to it; {EVERY} for every one",
    )
    for verb in (diff, sync):
        verb.add_argument("--stage", required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
