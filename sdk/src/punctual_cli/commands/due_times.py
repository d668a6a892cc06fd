"""`preview`, `backfill`, `skip`: due times, to come and past."""

from __future__ import annotations

from typing import Any

import click

from punctual_cli.commands.showing import shown_run
from punctual_cli.completing import TaskName
from punctual_cli.definition import every, instant
from punctual_cli.errors import Ended
from punctual_cli.looks import RUN_TITLES, run_row
from punctual_cli.naming import task_named
from punctual_cli.printing import Form, output_option, plain, say, show_json, show_rows
from punctual_cli.session import connected
from punctual_cli.watching import how_it_ended, wait_option, watch_runs
from punctual_client.shapes import PreviewAnswer


@click.command()
@click.argument("schedule", metavar="CRON|STEP")
@click.option("--tz", metavar="ZONE", help="The time zone, like Europe/Paris; UTC otherwise.")
@click.option("--count", "-n", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--after", metavar="INSTANT", help="As though it were defined then.")
@output_option
def preview(schedule: str, tz: str | None, count: int, after: str | None, form: Form) -> None:
    """Say what a schedule means and when it is due next: "30 2 * * *", or "every 5m". Nothing is stored."""
    shown = connected().preview(_schedule(schedule, tz), after=after and instant(after, tz), count=count)
    if form is Form.JSON:
        show_json(shown)
    else:
        _show(shown)


@click.command()
@click.argument("name", metavar="TASK", type=TaskName())
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--dry-run", is_flag=True, help="Only say which.")
@wait_option
@output_option
def backfill(name: str, start: str, end: str, dry_run: bool, wait: bool, timeout: float | None, form: Form) -> None:
    """Run a task's due times of the past, from FROM up to TO, not included. What ran already does not run again."""
    if wait and dry_run:
        raise click.UsageError("--dry-run starts nothing that --wait could wait for")
    client = connected()
    task = task_named(client, name)
    answer = client.tasks.backfill(task["id"], start, end, dry_run=dry_run)
    runs = answer["runs"]
    if wait and runs:
        runs = watch_runs(client, runs, timeout, show=f"run list --task {task['id']} --from {start} --to {end}")
    if form is Form.JSON:
        show_json({**answer, "runs": runs})
    else:
        show_rows(RUN_TITLES, map(run_row, runs))
        new = f"{answer['queued']} of them new" if not dry_run else "none of them started: this was a dry run"
        say(f"{answer['count']} due times, {new}.")
    if wait:
        raise Ended(how_it_ended(*(run["status"] for run in runs)))


@click.command()
@click.argument("name", metavar="TASK", type=TaskName())
@click.argument("due_at", metavar="INSTANT", required=False)
@output_option
def skip(name: str, due_at: str | None, form: Form) -> None:
    """Leave out one due time that is still to come: the one at INSTANT, or else the next."""
    client = connected()
    task = task_named(client, name)
    when = due_at or task["next_run_at"]
    if when is None:
        raise click.UsageError(f"{plain(task['name'])} has no due time to come")
    shown_run(client.tasks.skip(task["id"], when), form)


def _schedule(text: str, zone: str | None) -> dict[str, Any]:
    step = text.removeprefix("every ")
    zoned = {} if zone is None else {"time_zone": zone}
    if step != text:
        return {"type": "interval", **every(step), **zoned}
    return {"type": "cron", "expression": text, **zoned}


def _show(shown: PreviewAnswer) -> None:
    click.echo(plain(shown["description"]))
    show_rows(("UTC", "LOCAL"), [(due["utc"], due["local"]) for due in shown["next"]])
    for left_out in shown["excluded"]:
        say(f"Left out: {left_out['local']}, by {left_out['by']}.")
    for warned in shown["warnings"]:
        say(f"Look out: {warned['detail']}")
