"""`punctual`: define, run and watch tasks from a command line."""

from __future__ import annotations

import click

from punctual_cli.applying.command import apply, export
from punctual_cli.commands import account
from punctual_cli.errors import Commands
from punctual_client import VERSION


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="punctual")
def main() -> None:
    """Cron-as-a-service: define, run and watch tasks."""


for command in (account.login, account.logout, account.whoami):
    main.add_command(command)
main.add_command(apply)
main.add_command(export)


if __name__ == "__main__":
    main(prog_name="punctual")
