"""What several commands print alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from punctual_cli.looks import run_facts
from punctual_cli.printing import Form, show_facts, show_json
from punctual_client.shapes import Run

C = TypeVar("C", bound=Callable[..., Any])
LIMIT, MOST = 50, 100
"""Items that a list shows; those that the API gives at once."""


def limit_options(command: C) -> C:
    """Give a command `--limit` and `--all`."""
    whole = click.option("--all", "every", is_flag=True, help="Without end.")
    some = click.option("--limit", type=click.IntRange(1), default=LIMIT, show_default=True, metavar="N")
    return some(whole(command))


def shown_run(run: Run, form: Form) -> None:
    """Print a run, and below it what its last attempt printed."""
    if form is Form.JSON:
        show_json(run)
        return
    output = {"output": run["output"].rstrip("\n")} if run["output"] else {}
    show_facts(run_facts(run) | output)
