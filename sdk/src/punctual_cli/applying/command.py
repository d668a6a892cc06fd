"""`punctual apply` and `punctual export`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from punctual_cli.applying import telling
from punctual_cli.applying.documents import Document, document_of
from punctual_cli.applying.exporting import exported, to_yaml
from punctual_cli.applying.marks import Task, found_in, mark_of
from punctual_cli.applying.performing import Done, perform, settle
from punctual_cli.applying.places import Unreadable
from punctual_cli.applying.planning import Choices, Deed, Step, plan
from punctual_cli.applying.reading import STDIN, read_file
from punctual_cli.completing import TaskName
from punctual_cli.errors import Ended, ExitCode, Failed, exit_code
from punctual_cli.naming import task_named
from punctual_cli.printing import Form, output_option, say, show_json
from punctual_cli.session import connected
from punctual_client import Client


@click.command()
@click.option("-f", "--file", "file", required=True, metavar="FILE", help="YAML, or JSON in *.json; - reads stdin.")
@click.option("--set", "set_name", metavar="NAME", help="The name of the set, instead of the file's `set`.")
@click.option("--dry-run", is_flag=True, help="Only say what would change: exit code 10 if anything would, else 0.")
@click.option(
    "--prune",
    type=click.Choice(["delete", "pause"]),
    is_flag=False,
    flag_value="delete",
    help="Delete (or pause) the tasks of this set that the file has no more.",
)
@click.option("--adopt", is_flag=True, help="Take over tasks of the same name that belong to no set.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@output_option
def apply(
    *, file: str, set_name: str | None, dry_run: bool, prune: str | None, adopt: bool, yes: bool, form: Form
) -> None:
    """Make an account's tasks what a file says.

    The difference is shown, task by task and field by field, before anything is changed; applying a file twice changes
    nothing the second time. Tasks that no file of the same set ever made are left alone.

    \b
      set: billing
      tasks:
        - name: nightly report
          action: {type: function, name: print_hello}
          schedule: {type: cron, expression: "30 2 * * *", time_zone: Europe/Paris}
    """
    choices = Choices(prune=None if prune is None else Deed(prune), adopt=adopt)
    try:
        document = document_of(read_file(file), set_name)
        client = connected()
        steps = plan(document, found_in(client.tasks.list(page=100)), client.tasks.check, choices)
    except Unreadable as error:
        raise Failed(f"{error}\nNothing was changed.", ExitCode.REFUSED) from error
    if form is Form.TABLE:
        telling.tell_plan(steps)
    to_do = [step for step in steps if step.deed is not Deed.KEEP]
    only_look = dry_run or (bool(to_do) and not yes and not _asked(file, len(to_do)))
    done = {} if only_look or not to_do else _perform(client, steps, form)
    if form is Form.JSON:
        show_json(telling.to_json(document.set_name, steps, done, dry_run=only_look))
    if only_look and to_do:
        raise Ended(ExitCode.WOULD_CHANGE)
    _end(document, to_do, done)


def _asked(file: str, count: int) -> bool:
    """Whether who looks agrees."""
    if file == STDIN or not sys.stdin.isatty():
        raise Failed("nobody can be asked here: --yes applies it, --dry-run only looks", ExitCode.USAGE)
    return click.confirm(f"Change {count} task{'s' if count > 1 else ''}?", err=True)


def _perform(client: Client, steps: Sequence[Step], form: Form) -> dict[int, Done]:
    """What came of each step, by its place."""
    came: dict[int, Done] = {}
    for number, done in enumerate(perform(steps, client.tasks)):
        came[number] = done
        if form is Form.TABLE or done.error is not None:
            telling.tell_done(done)
    broken_off = len(came) < len(steps)
    for number, done in () if broken_off else settle(came, client.tasks):
        came[number] = done
        telling.tell_done(done)
    if form is Form.TABLE:
        telling.tell_outcome(came.values())
    return came


def _end(document: Document, to_do: Sequence[Step], done: dict[int, Done]) -> None:
    errors = [one.error for one in done.values() if one.error is not None]
    if errors:
        say(f"punctual: {len(errors)} of {len(to_do)} could not be done: apply {document.placed.file} again")
        raise Ended(exit_code(errors[0]))


@click.command()
@click.argument("names", metavar="[TASK]...", type=TaskName(), nargs=-1)
@click.option("--tag", "tags", multiple=True, help="Only tasks with this tag; with all, if given several times.")
@click.option("--set", "set_name", metavar="NAME", help="Only tasks of this set.")
@click.option("--to", "target", metavar="FILE", help="Write there instead of to standard output.")
@click.option("-o", "--output", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def export(
    *, names: tuple[str, ...], tags: tuple[str, ...], set_name: str | None, target: str | None, form: str
) -> None:
    """Write tasks as a file that `punctual apply` reads: applied where it came from, it changes nothing.

    All of them, or those that are named, by id or by name. Secrets are named in it, and never their values.
    """
    client = connected()
    tasks = [task_named(client, name) for name in names] or list(client.tasks.list(tag=tags, page=100))
    chosen = [task for task in tasks if set(tags) <= set(task["tags"]) and _of_set(task, set_name)]
    document = exported(chosen)
    _write(to_yaml(document) if form == "yaml" else json.dumps(document, indent=2, ensure_ascii=False) + "\n", target)


def _of_set(task: Task, set_name: str | None) -> bool:
    mark = mark_of(task)
    return set_name is None or (mark is not None and mark[0] == set_name)


def _write(text: str, target: str | None) -> None:
    if target is None:
        click.echo(text, nl=False)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"{target} cannot be written: {error.strerror}", ExitCode.REFUSED) from error
