"""Schedules in code, brought to a stage that has just been deployed, with the credentials of who deploys."""

from __future__ import annotations

import sys

from botocore.exceptions import BotoCoreError

from chalicelib.core.errors import PunctualError
from chalicelib.settings import from_environment
from infra.deploy.account import Account
from infra.deploy.choosing import Chosen, environment_of
from infra.functions import bringing

DONE, NOT_ALL = 0, 1


def bring(account: Account, chosen: Chosen) -> int:
    """Bring them, and say what became of them; the exit status. A deployment that has succeeded is not taken back for
    them: it says how to go on."""
    settings = from_environment(environment_of(chosen))
    again = f"python -m infra.functions sync --stage {chosen.stage}"
    try:
        report = bringing.bring(settings, bringing.session_in(account.region))
    except (PunctualError, BotoCoreError) as error:
        print(f"Deployed, but the schedules in code were not brought ({error}). Say: {again}", file=sys.stderr)
        return NOT_ALL
    for line in bringing.lines(report, brought=True, code_owner=settings.code_owner):
        print(line)
    return NOT_ALL if bringing.needs_somebody(report) else DONE
