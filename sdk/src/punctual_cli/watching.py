"""Watching: `--wait` follows what was started to its end, by a bar on a terminal and by plain lines in a pipe.

Ctrl-C ends the watching and nothing else: the run goes on, and it is said how to go on watching.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from punctual_cli.errors import ExitCode, Failed
from punctual_cli.printing import on_terminal, plain, say
from punctual_client import Client, StillRunning
from punctual_client.shapes import Group, Run

C = TypeVar("C", bound=Callable[..., Any])
Seen = TypeVar("Seen", bound=Mapping[str, Any])
SUCCEEDED = "succeeded"
LONGEST = timedelta(days=365).total_seconds()
"""Seconds that anybody waits: no run takes so long."""
Tell = Callable[[str, int], None]
"""Says how it stands, and how many of all have ended."""


def wait_option(command: C) -> C:
    """Give a command `--wait` and `--timeout`."""
    help_text = "Wait no longer than this; the run goes on."
    timed = click.option("--timeout", type=float, callback=_patience, metavar="SECONDS", help=help_text)
    return click.option("--wait", is_flag=True, help="Wait for the end; the exit code says how it went.")(
        timed(command)
    )


def watch_run(client: Client, run: Run, timeout: float | None) -> Run:
    """The run once it has ended."""
    with _telling(f"run of {plain(run['task_name'])}", total=1, show=f"run show {run['id']} --wait") as tell:
        return client.runs.wait(
            run["id"],
            timeout=_duration(timeout),
            on_change=lambda seen: tell(_run_text(seen), int(seen["finished_at"] is not None)),
        )


def watch_runs(client: Client, runs: Sequence[Run], timeout: float | None, *, show: str) -> list[Run]:
    """Some runs once all have ended. `show` is the command that shows them."""
    clock = client.clock
    began, ended = clock.now(), list[Run]()
    with _telling(f"{len(runs)} runs", total=len(runs), show=show) as tell:
        for run in runs:
            tell(f"{len(ended)} of {len(runs)} have ended", len(ended))
            left = None if timeout is None else began + timedelta(seconds=timeout) - clock.now()
            ended.append(client.runs.wait(run["id"], timeout=left))
        tell(f"{len(ended)} of {len(runs)} have ended", len(ended))
    return ended


def watch_group(client: Client, group: Group, timeout: float | None) -> Group:
    """The group once it has ended."""
    with _telling(
        f"group {plain(group['name'])}", total=group["total"], show=f"group show {group['id']} --wait"
    ) as tell:
        return client.groups.wait(
            group["id"],
            timeout=_duration(timeout),
            on_change=lambda seen: tell(f"{seen['state']}, {seen['done']} of {seen['total']} done", seen["done"]),
        )


def watch_output(client: Client, run_id: str, tell: Callable[[str], object]) -> Run:
    """The run once it has ended; what its attempts print is told as it becomes known."""
    told: dict[int, int] = {}

    def look(seen: Run) -> None:
        for attempt in seen["attempts"]:
            output = attempt.get("output", "")
            tell(output[told.get(attempt["number"], 0) :])
            told[attempt["number"]] = len(output)

    with _going_on("run", show=f"run logs {run_id} --follow"):
        return client.runs.wait(run_id, on_change=look)


def how_it_ended(*states: str) -> ExitCode:
    """The exit code for the ends of some runs."""
    return ExitCode.DONE if all(state == SUCCEEDED for state in states) else ExitCode.RUN_FAILED


@contextmanager
def _telling(what: str, *, total: int, show: str) -> Iterator[Tell]:
    """Tells how it stands, and where the watching ends before its end, how to go on."""
    bar = _bar(what, total) if on_terminal(err=True) else _lines(what)
    with _going_on(what, show=show), bar as tell:
        yield tell


@contextmanager
def _going_on(what: str, *, show: str) -> Iterator[None]:
    """Says how to go on where somebody stops watching."""
    go_on = f"it goes on. To watch it again: `punctual {show}`"
    try:
        yield
    except StillRunning as error:
        raise Failed(f"{what} has not ended: {go_on}", ExitCode.STILL_RUNNING) from error
    except KeyboardInterrupt as error:
        raise Failed(f"interrupted while watching the {what}: {go_on}", ExitCode.INTERRUPTED) from error


@contextmanager
def _bar(what: str, total: int) -> Iterator[Tell]:
    """A bar; of a single run, of which nobody knows how far it is, one that only moves."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        shown = progress.add_task(what, total=total if total > 1 else None)

        def tell(text: str, done: int) -> None:
            known = total if done >= total or total > 1 else None
            progress.update(shown, description=f"{what}: {text}", total=known, completed=done)

        yield tell


@contextmanager
def _lines(what: str) -> Iterator[Tell]:
    """A line for each change."""
    yield lambda text, done: say(f"{what}: {text}")


def _run_text(run: Run) -> str:
    tries = len(run["attempts"])
    return run["status"].replace("_", " ") + (f", attempt {tries}" if tries > 1 else "")


def _patience(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is None or 0 <= value <= LONGEST:
        return value
    raise click.BadParameter(f"{value:g} is no time that can be waited: write seconds, 0 or more")


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
