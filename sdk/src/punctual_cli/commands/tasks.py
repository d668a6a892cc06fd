"""`task list|show|pause|resume|run|rm`: tasks as they are."""

from __future__ import annotations

import sys
from itertools import islice

import click

from punctual_cli.commands.defining import create, edit
from punctual_cli.commands.showing import MOST, limit_options, shown_run
from punctual_cli.completing import TaskName
from punctual_cli.errors import Ended, ExitCode, Failed
from punctual_cli.looks import TASK_TITLES, task_facts, task_row
from punctual_cli.naming import task_id, task_named
from punctual_cli.printing import Form, output_option, plain, say, show_facts, show_json, show_rows
from punctual_cli.session import connected
from punctual_cli.watching import how_it_ended, wait_option, watch_run

STATES = ("active", "paused", "completed")


@click.group()
def task() -> None:
    """Define and change tasks. TASK is an id, or a name that no other task has."""


@task.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Several times for any of several.")
@click.option("--tag", "tags", multiple=True, help="Several times for all of several.")
@click.option("-q", "--containing", "q", metavar="TEXT", help="In name or description.")
@limit_options
@output_option
def list_tasks(
    states: tuple[str, ...], tags: tuple[str, ...], q: str | None, limit: int, every: bool, form: Form
) -> None:
    """Tasks, newest first."""
    wanted = None if every else limit
    found = connected().tasks.list(state=states, tag=tags, q=q, page=min(limit + 1, MOST))
    shown = list(islice(found, wanted))
    if form is Form.JSON:
        show_json(shown)
    else:
        show_rows(TASK_TITLES, map(task_row, shown))
    if next(found, None) is not None:
        say(f"There are more than {limit}: --all shows all of them.")


@task.command()
@click.argument("name", metavar="TASK", type=TaskName())
@output_option
def show(name: str, form: Form) -> None:
    """All of one task."""
    found = task_named(connected(), name)
    if form is Form.JSON:
        show_json(found)
    else:
        show_facts(task_facts(found))


@task.command()
@click.argument("name", metavar="TASK", type=TaskName())
@click.option("--reason", default="", help="Why; it is shown with the task.")
@output_option
def pause(name: str, reason: str, form: Form) -> None:
    """No start from now on."""
    client = connected()
    paused = client.tasks.pause(task_id(client, name), reason)
    if form is Form.JSON:
        show_json(paused)
    else:
        click.echo(f"{plain(paused['name'])} is paused.")


@task.command()
@click.argument("name", metavar="TASK", type=TaskName())
@output_option
def resume(name: str, form: Form) -> None:
    """Go on with the next due time."""
    client = connected()
    resumed = client.tasks.resume(task_id(client, name))
    if form is Form.JSON:
        show_json(resumed)
    else:
        click.echo(f"{plain(resumed['name'])} goes on, next at {resumed['next_run_at'] or '-'}.")


@task.command()
@click.argument("name", metavar="TASK", type=TaskName())
@wait_option
@output_option
def run(name: str, wait: bool, timeout: float | None, form: Form) -> None:
    """Run a task now, also when it is paused."""
    client = connected()
    started = client.tasks.run(task_id(client, name))
    ended = watch_run(client, started, timeout) if wait else started
    shown_run(ended, form)
    if wait:
        raise Ended(how_it_ended(ended["status"]))


@task.command()
@click.argument("names", metavar="TASK...", type=TaskName(), nargs=-1, required=True)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@output_option
def rm(names: tuple[str, ...], yes: bool, form: Form) -> None:
    """Delete tasks. Their runs stay."""
    client = connected()
    found = [task_named(client, name) for name in names]
    if not yes and not sys.stdin.isatty():
        raise Failed("nobody is there to ask: say --yes to delete", ExitCode.USAGE)
    meant = [one for one in found if yes or click.confirm(f"Delete {plain(one['name'])} ({one['id']})?", err=True)]
    for one in meant:
        client.tasks.delete(one["id"])
        if form is Form.TABLE:
            click.echo(f"{plain(one['name'])} is deleted; its runs stay.")
    if form is Form.JSON:
        show_json([{"id": one["id"], "name": one["name"]} for one in meant])


task.add_command(create)
task.add_command(edit)
