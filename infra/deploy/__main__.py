"""`python -m infra.deploy`: a stage, deployed and taken down."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.deploy import asking
from infra.deploy.account import Failed, Refused, account, in_one_sentence
from infra.deploy.by_chalice.route import after, before
from infra.deploy.choosing import choose
from infra.deploy.stacks import upload
from infra.deploy.stacks.route import deploy, destroy

FAILED, REFUSED = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the arguments ask for; the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        with in_one_sentence():
            return _run(asked)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return REFUSED
    except Failed as failed:
        print(failed, file=sys.stderr)
        return FAILED


def _run(asked: argparse.Namespace) -> int:
    chosen = choose(asked.stage)
    if asked.verb == "deploy":
        upload.package(asked.folder)
    if asked.verb != "after":
        asking.check()
    there = account()
    bucket = asked.bucket or upload.bucket_of(there)
    if asked.verb == "deploy":
        return deploy(there, chosen, asked.folder, bucket)
    if asked.verb == "destroy":
        return destroy(there, chosen, bucket)
    return (before if asked.verb == "before" else after)(there, chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, promise in VERBS.items():
        verb = verbs.add_parser(name, help=promise)
        verb.add_argument("--stage", required=True)
        verb.add_argument("--folder", type=Path, default=upload.FOLDER, help="where the package is")
        verb.add_argument("--bucket", default="", help="where packages are put, if not in the account's own bucket")
    return parser


VERBS = {
    "deploy": "show what would change, ask, and change it (CloudFormation)",
    "destroy": "say what goes and what stays, ask, and take the stage down",
    "before": "what `chalice deploy` needs to be there",
    "after": "what `chalice deploy` does not set",
}


if __name__ == "__main__":
    sys.exit(main())
