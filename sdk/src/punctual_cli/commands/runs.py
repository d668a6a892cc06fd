"""`run list|show|logs|retry|cancel`: what became of due times."""

from __future__ import annotations

import sys
from itertools import islice

import click

from punctual_cli.commands.showing import MOST, limit_options, shown_run
from punctual_cli.completing import TaskName
from punctual_cli.errors import Ended
from punctual_cli.looks import RUN_TITLES, run_row
from punctual_cli.naming import task_id
from punctual_cli.printing import Form, output_option, plain, say, show_json, show_rows
from punctual_cli.session import connected
from punctual_cli.watching import how_it_ended, wait_option, watch_output, watch_run
from punctual_client.shapes import ENDED, Run

STATUSES = ("queued", "running", "retrying", *sorted(ENDED))


@click.group()
def run() -> None:
    """Look at runs, and act on them. RUN is an id of `punctual run list`."""


@run.command("list")
@click.option("--task", metavar="TASK", type=TaskName(), help="Of one task only.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Several times for any.")
@click.option("--from", "start", metavar="INSTANT", help="Due from then on; with --task.")
@click.option("--to", "end", metavar="INSTANT", help="Due until then; with --task.")
@limit_options
@output_option
def list_runs(
    task: str | None,
    statuses: tuple[str, ...],
    start: str | None,
    end: str | None,
    limit: int,
    every: bool,
    form: Form,
) -> None:
    """Runs, newest first."""
    if task is None and (start or end):
        raise click.UsageError("--from and --to are for the runs of one task: say which with --task")
    client, page = connected(), min(limit + 1, MOST)
    if task is None:
        found = client.runs.list(status=statuses, page=page)
    else:
        found = client.tasks.runs(task_id(client, task), status=statuses, start=start, end=end, page=page)
    shown = list(islice(found, None if every else limit))
    if form is Form.JSON:
        show_json(shown)
    else:
        show_rows(RUN_TITLES, map(run_row, shown))
    if next(found, None) is not None:
        say(f"There are more than {limit}: --all shows all of them.")


@run.command()
@click.argument("run_id", metavar="RUN")
@wait_option
@output_option
def show(run_id: str, wait: bool, timeout: float | None, form: Form) -> None:
    """All of one run."""
    client = connected()
    found = client.runs.get(run_id)
    _shown_at_its_end(watch_run(client, found, timeout) if wait else found, form, wait=wait)


@run.command()
@click.argument("run_id", metavar="RUN")
@click.option("-f", "--follow", is_flag=True, help="Until the run has ended; the exit code says how it went.")
@output_option
def logs(run_id: str, follow: bool, form: Form) -> None:
    """What each attempt of a run printed: as soon as the attempt has ended, with --follow."""
    client = connected()
    tell = _print if form is Form.TABLE else _be_silent
    found = watch_output(client, run_id, tell) if follow else client.runs.get(run_id)
    if form is Form.JSON:
        show_json([{"attempt": one["number"], "output": one.get("output", "")} for one in found["attempts"]])
    elif not follow:
        _print("".join(attempt.get("output", "") for attempt in found["attempts"]))
    if found["output_truncated"]:
        say("The output of the last attempt was cut.")
    if follow:
        raise Ended(how_it_ended(found["status"]))


@run.command()
@click.argument("run_id", metavar="RUN")
@wait_option
@output_option
def retry(run_id: str, wait: bool, timeout: float | None, form: Form) -> None:
    """Try a run again that ended without success."""
    client = connected()
    again = client.runs.retry(run_id)
    _shown_at_its_end(watch_run(client, again, timeout) if wait else again, form, wait=wait)


@run.command()
@click.argument("run_id", metavar="RUN")
@output_option
def cancel(run_id: str, form: Form) -> None:
    """End a run that has not ended."""
    _shown_at_its_end(connected().runs.cancel(run_id), form, wait=False)


def _shown_at_its_end(found: Run, form: Form, *, wait: bool) -> None:
    shown_run(found, form)
    if wait:
        raise Ended(how_it_ended(found["status"]))


def _be_silent(output: str) -> None:
    """JSON is printed at the end."""


def _print(output: str) -> None:
    """As it is in a pipe; on a terminal without what would steer it."""
    click.echo(plain(output) if sys.stdout.isatty() else output, nl=False)
