"""`python -m infra.backup export|import --stage x --file f`: a stage's accounts, calendars and tasks as JSON lines.

Exit status 0; 1 where something could not be read or was refused; 2 where an argument, the file or AWS stops it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.errors import Unavailable
from chalicelib.logs import to_stderr
from chalicelib.settings import Settings, SettingsError, from_environment
from infra.backup import lines
from infra.backup.exporting import export
from infra.backup.importing import Importing, Report, ends_whole
from infra.backup.lines import Counts, Refused

FOUND, WRONG = 1, 2
SHOWN = 20
"""Names of secrets that are listed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    given = _parser().parse_args(arguments)
    to_stderr()
    try:
        settings = from_environment({**os.environ, "STAGE": given.stage})
        return _export(settings, given) if given.verb == "export" else _import(settings, given)
    except SettingsError as error:
        print(f"{error}.", file=sys.stderr)
    except Refused as error:
        print(f"{given.file} {error}.", file=sys.stderr)
    except (Unavailable, BotoCoreError) as error:
        again = "--resume" if given.verb == "export" else "the same command: what is there already is left alone"
        print(f"Stage {given.stage} does not answer ({error}). Go on with {again}.", file=sys.stderr)
    return WRONG


def _export(settings: Settings, given: argparse.Namespace) -> int:
    counts = export(WholeDynamoStore(settings), SystemClock(), settings.stage, given.file, resume=given.resume)
    print(f"Written to {given.file}: {_said(counts)}.")
    if counts.left_out:
        print(f"{counts.left_out} could not be read and are not in it: the lines above name them.", file=sys.stderr)
    return FOUND if counts.left_out else 0


def _import(settings: Settings, given: argparse.Namespace) -> int:
    try:
        file = given.file.open("rb")
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}") from error
    with file:
        lines.stage_of(file.readline(lines.LONGEST + 1))
        if not ends_whole(file) and not given.partial:
            raise Refused(
                "has no last line, so that it was cut off: finish the export with --resume, or take in what there is "
                "with --partial"
            )
        file.seek(0)
        store = WholeDynamoStore(settings)
        shards = store.shards_in_use(settings.shards)
        importing = Importing(
            store=store,
            clock=SystemClock(),
            shards=shards,
            replace=given.replace,
            same_names=given.same_names,
        )
        report = importing.take(file, lambda number, why: print(f"line {number}: {why}", file=sys.stderr))
    return _told(report)


def _told(report: Report) -> int:
    """What became of everything."""
    for (kind, taken), number in sorted(report.taken.items()):
        print(f"{kind}s {taken}: {number}")
    if report.secrets:
        named = sorted(report.secrets)
        print("Secrets are in no export. Their owners have to give these values anew (PUT /api/secrets/{name}):")
        print("\n".join(f"  {name} of {owner}" for owner, name in named[:SHOWN]))
        if len(named) > SHOWN:
            print(f"  and {len(named) - SHOWN} more")
    if not report.whole and report.expected is not None:
        print(f"The file should hold {_said(report.expected)}; {_said(report.seen)} were found.", file=sys.stderr)
    return FOUND if report.refused or not report.whole else 0


def _said(counts: Counts) -> str:
    return f"{counts.users} users, {counts.calendars} calendars, {counts.tasks} tasks"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.backup", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="export|import")
    out = verbs.add_parser("export", help="write a stage to a file")
    out.add_argument("--resume", action="store_true", help="go on with an export that broke off")
    into = verbs.add_parser("import", help="take a file into a stage")
    into.add_argument("--replace", action="store_true", help="give what is there and different what the file says")
    into.add_argument("--same-names", action="store_true", help="accounts of the same name are the same account")
    into.add_argument("--partial", action="store_true", help="take in a file that was cut off")
    for one in (out, into):
        one.add_argument("--stage", required=True)
        one.add_argument("--file", required=True, type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
