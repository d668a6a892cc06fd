"""`group create|list|show|cancel|retry`: runs that are asked for together."""

from __future__ import annotations

from itertools import islice
from typing import IO, Any

import click

from punctual_cli.commands.showing import MOST, limit_options
from punctual_cli.completing import TaskName
from punctual_cli.errors import Ended
from punctual_cli.looks import GROUP_TITLES, group_facts, group_row
from punctual_cli.naming import task_id
from punctual_cli.printing import Form, output_option, say, show_facts, show_json, show_rows
from punctual_cli.reading import json_file
from punctual_cli.session import connected
from punctual_cli.watching import how_it_ended, wait_option, watch_group
from punctual_client import Client
from punctual_client.shapes import Group

STATES = ("running", "succeeded", "failed", "cancelled")
MEMBER_TITLES = ("NUMBER", "NAME", "STATUS", "ID")


@click.group()
def group() -> None:
    """Start tasks together, or one after the other, and see how far they are."""


@group.command()
@click.argument("members", metavar="[TASK]...", type=TaskName(), nargs=-1)
@click.option("--name", help="What it is called.")
@click.option("--chain", is_flag=True, help="One after the other, each when the one before has succeeded.")
@click.option("--then", metavar="TASK", type=TaskName(), help="Runs when all have succeeded.")
@click.option("--on-failure", metavar="TASK", type=TaskName(), help="Runs when not all have succeeded.")
@click.option("--json", "file", type=click.File(encoding="utf-8"), help="A group as JSON, - for standard input.")
@wait_option
@output_option
def create(file: IO[str] | None, wait: bool, timeout: float | None, form: Form, **given: Any) -> None:
    """Start a group of tasks. Options win over the file."""
    client = connected()
    definition = {} if file is None else json_file(file, file.name)
    definition |= _written(client, given)
    for name, missing in (("name", "--name"), ("members", "which tasks")):
        if name not in definition:
            raise click.UsageError(f"say {missing}")
    _shown(client, client.groups.create(definition), form, wait=wait, timeout=timeout)


@group.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Several times for any of several.")
@limit_options
@output_option
def list_groups(states: tuple[str, ...], limit: int, every: bool, form: Form) -> None:
    """Groups, newest first."""
    found = connected().groups.list(state=states, page=min(limit + 1, MOST))
    shown = list(islice(found, None if every else limit))
    if form is Form.JSON:
        show_json(shown)
    else:
        show_rows(GROUP_TITLES, map(group_row, shown))
    if next(found, None) is not None:
        say(f"There are more than {limit}: --all shows all of them.")


@group.command()
@click.argument("group_id", metavar="GROUP")
@click.option("--members", is_flag=True, help="Also each of its members.")
@wait_option
@output_option
def show(group_id: str, members: bool, wait: bool, timeout: float | None, form: Form) -> None:
    """How a group stands."""
    client = connected()
    found = client.groups.get(group_id)
    if members and form is Form.TABLE:
        rows = [(one["index"], one["name"], one["status"], one["run_id"]) for one in client.groups.members(group_id)]
        show_rows(MEMBER_TITLES, rows)
    elif members:
        show_json({**found, "members": [*client.groups.members(group_id)]})
        return
    _shown(client, found, form, wait=wait, timeout=timeout)


@group.command()
@click.argument("group_id", metavar="GROUP")
@output_option
def cancel(group_id: str, form: Form) -> None:
    """End every member that has not ended."""
    client = connected()
    _shown(client, client.groups.cancel(group_id), form, wait=False, timeout=None)


@group.command()
@click.argument("group_id", metavar="GROUP")
@wait_option
@output_option
def retry(group_id: str, wait: bool, timeout: float | None, form: Form) -> None:
    """Try every member again that ended without success."""
    client = connected()
    _shown(client, client.groups.retry(group_id), form, wait=wait, timeout=timeout)


def _written(client: Client, given: dict[str, Any]) -> dict[str, Any]:
    """What options and arguments say of a group."""
    said: dict[str, Any] = {"name": given["name"]} if given["name"] else {}
    said |= {"order": "chain"} if given["chain"] else {}
    if given["members"]:
        said["members"] = [{"task": task_id(client, name)} for name in given["members"]]
    followers = {name: given[name] for name in ("then", "on_failure") if given[name]}
    return said | {name: {"task": task_id(client, task)} for name, task in followers.items()}


def _shown(client: Client, found: Group, form: Form, *, wait: bool, timeout: float | None) -> None:
    seen = watch_group(client, found, timeout) if wait else found
    if form is Form.JSON:
        show_json(seen)
    else:
        show_facts(group_facts(seen))
    if wait:
        raise Ended(how_it_ended(seen["state"]))
