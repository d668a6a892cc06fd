"""`punctual`: define, run and watch tasks from a command line."""

from __future__ import annotations

import click

from punctual_cli.applying.command import apply, export
from punctual_cli.commands import account
from punctual_cli.commands.completion import completion
from punctual_cli.commands.due_times import backfill, preview, skip
from punctual_cli.commands.functions import function
from punctual_cli.commands.groups import group
from punctual_cli.commands.runs import run
from punctual_cli.commands.tasks import task
from punctual_cli.errors import Commands, ExitCode
from punctual_cli.importing.command import import_
from punctual_client import VERSION

CODES = "\b\nExit codes:\n" + "\n".join(f"  {int(code):3}  {code.meaning.replace('`', '')}" for code in ExitCode)


@click.group(cls=Commands, epilog=CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="punctual")
def main() -> None:
    """Cron-as-a-service: define, run and watch tasks."""


COMMANDS = (
    *(account.login, account.logout, account.whoami),
    *(task, run, group, function),
    *(preview, backfill, skip, completion),
    *(apply, export, import_),
)
for command in COMMANDS:
    main.add_command(command)
