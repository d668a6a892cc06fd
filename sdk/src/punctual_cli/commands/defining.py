"""`task create` and `task edit`: defining tasks by options, by a file or in an editor."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

import click

from punctual_cli.completing import TaskName
from punctual_cli.definition import as_yaml, definition_options, difference, own, written
from punctual_cli.errors import ExitCode, Failed
from punctual_cli.naming import task_named
from punctual_cli.printing import Form, output_option, plain, say, show_json
from punctual_cli.reading import document, json_file
from punctual_cli.session import connected
from punctual_client import Client, Invalid, PreconditionFailed
from punctual_client.shapes import Task

HEAD = "# Change what is to be different, save and leave. Left as it is, nothing happens.\n"


@click.command()
@click.option("--name", help="What it is called.")
@click.option("--json", "file", type=click.File(encoding="utf-8"), help="A definition as JSON, - for standard input.")
@click.option("--paused", is_flag=True, help="It does not run before `punctual task resume`.")
@definition_options
@output_option
def create(file: IO[str] | None, paused: bool, form: Form, **given: Any) -> None:
    """Define a task: what it does, and when. Options win over the file."""
    base = {} if file is None else own(json_file(file, file.name))
    definition = written(given, base) | ({"state": "paused"} if paused else {})
    _complete(definition)
    made = connected().tasks.create(definition)
    if form is Form.JSON:
        show_json(made)
        return
    click.echo(made["id"])
    say(f"{plain(made['name'])}: {made['schedule_text']}, next at {made['next_run_at'] or '-'}.")


@click.command()
@click.argument("task", metavar="TASK", type=TaskName())
@click.option("--name", help="What it is called from now on.")
@definition_options
@output_option
def edit(task: str, form: Form, **given: Any) -> None:
    """Change a task: by options, or without any in the editor that $EDITOR names.

    What somebody else changed meanwhile is not overwritten.
    """
    client = connected()
    before = task_named(client, task)
    said = any(value not in (None, (), "") for value in given.values())
    changed = _by_options(client, before, given) if said else _in_editor(client, before)
    if changed is None:
        say("Nothing is different, so nothing was changed.")
    elif form is Form.JSON:
        show_json(changed)
    else:
        click.echo(f"{plain(changed['name'])} is changed: {changed['schedule_text']}.")


def _complete(definition: dict[str, Any]) -> None:
    """The three things that every task has; the API says what is wrong with them."""
    missing = [option for name, option in MISSING.items() if name not in definition]
    if missing:
        raise click.UsageError(f"say {' and '.join(missing)}")


MISSING = {
    "name": "--name",
    "action": "what to do (--command, --http, --function or --aws)",
    "schedule": "when (--cron, --every or --at)",
}


def _by_options(client: Client, before: Task, given: dict[str, Any]) -> Task | None:
    definition = own(before)
    patch = difference(definition, written(given, definition))
    try:
        return client.tasks.change(before["id"], patch, if_match=before["version"]) if patch else None
    except PreconditionFailed as error:
        raise _lost(before) from error


def _in_editor(client: Client, before: Task) -> Task | None:
    """Asks again as long as what was written is not taken, with what is wrong above it."""
    definition = own(before)
    text = HEAD + as_yaml(definition)
    while (written := click.edit(text, extension=".yaml")) is not None:
        try:
            after = document(written, "what was written")
            if not isinstance(after, dict):
                raise Failed("what was written holds no task", ExitCode.REFUSED)
            return None if after == definition else _replaced(client, before, after)
        except PreconditionFailed as error:
            raise _lost(before, written) from error
        except (Invalid, Failed) as error:
            say(f"That was not taken: {error}")
            if not _wants_again():
                raise Failed(
                    f"nothing was changed; what was written is in {_kept(written)}", ExitCode.REFUSED
                ) from error
            text = written
    return None


def _wants_again() -> bool:
    """Whether somebody goes on; who breaks off here does not, and what was written is kept."""
    try:
        return click.confirm("Edit it again?", default=True, err=True)
    except click.Abort:
        return False


def _replaced(client: Client, before: Task, after: dict[str, Any]) -> Task:
    """All of it is sent: a patch could not say that something is to be null."""
    return client.tasks.replace(before["id"], after, if_match=before["version"])


def _lost(before: Task, text: str | None = None) -> Failed:
    kept = "" if text is None else f" What was written is in {_kept(text)}"
    said = (
        f"somebody changed {before['name']!r} meanwhile, and that was not overwritten: look at it and edit again.{kept}"
    )
    return Failed(said, ExitCode.CONFLICT)


def _kept(text: str) -> Path:
    """A file with a text that somebody has written and should not have to write again."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", prefix="punctual-", delete=False, encoding="utf-8") as file:
        file.write(text)
        return Path(file.name)
