"""`python -m infra.backup export|import --stage x --file f`: a stage's accounts, calendars and tasks as JSON lines.

Exit status 0; 1 where something could not be read or was refused; 2 where an argument, the file or AWS stops it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import botocore.session
from botocore.exceptions import BotoCoreError
from botocore.session import Session

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
NO_TABLE = "ResourceNotFoundException"
KIND_NAMES = {"user": "users", "calendar": "calendars", "task": "tasks"}
SHOWN = 20
"""Names of secrets that are listed."""


class NotChosen(Exception):
    """Which stage, file, region or account is meant is not known, or it is not there. The message says which."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    given = _parser().parse_args(arguments)
    to_stderr()
    try:
        settings = from_environment({**os.environ, "STAGE": _said_which(given)})
        return _export(settings, given) if given.verb == "export" else _import(settings, given)
    except (SettingsError, NotChosen) as error:
        print(f"{error}.", file=sys.stderr)
    except Refused as error:
        print(f"{given.file} {error}.", file=sys.stderr)
    except (Unavailable, BotoCoreError) as error:
        print(f"Stage {given.stage} does not answer ({error}). {_go_on(given)}", file=sys.stderr)
    return WRONG


def _said_which(given: argparse.Namespace) -> str:
    """The stage; `NotChosen` where it or the file is an empty word, as `make` gives it when nobody said which."""
    if not given.stage:
        raise NotChosen("Which stage? Say STAGE=dev, for example")
    if given.file == Path():
        raise NotChosen("Which file? Say FILE=backup.jsonl, for example")
    return str(given.stage)


def _go_on(given: argparse.Namespace) -> str:
    """What to say when it answers again."""
    if given.verb == "import":
        return "Then the same command goes on: what is there already is left alone."
    return "Then --resume goes on." if given.file.is_file() else "Nothing is written yet."


def _opened(settings: Settings) -> WholeDynamoStore:
    """The store of a stage that is there, so that nothing is begun for one that is not."""
    store = WholeDynamoStore(settings, session=_session())
    try:
        store.users(limit=1, after=None)
    except Unavailable as error:
        if NO_TABLE not in str(error):
            raise
        raise NotChosen(
            f"There is no stage {settings.stage} in this account and region: its tables are not there"
        ) from error
    return store


def _session() -> Session:
    """Credentials and region as any SDK finds them, and the region as other commands here: by AWS_REGION as well."""
    session = botocore.session.get_session()
    region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
    if not region:
        raise NotChosen("No region is chosen: set AWS_REGION")
    session.set_config_variable("region", region)
    if session.get_credentials() is None:
        raise NotChosen("No AWS credentials were found: log in, or set AWS_PROFILE")
    return session


def _export(settings: Settings, given: argparse.Namespace) -> int:
    counts = export(_opened(settings), SystemClock(), settings.stage, given.file, resume=given.resume)
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
        store = _opened(settings)
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
        print(f"{KIND_NAMES.get(kind, 'other lines')} {taken}: {number}")
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
