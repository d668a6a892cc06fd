"""`function list|schedules|sync`: what tasks may call, and the schedules that the code itself says."""

from __future__ import annotations

from typing import Any

import click

from punctual_cli.printing import Form, output_option, show_json, show_rows
from punctual_cli.session import connected
from punctual_client.shapes import Function, ScheduleInCode, ScheduleInCodeList


@click.group()
def function() -> None:
    """Look at the functions that tasks may call, and at the schedules that they say in code."""


@function.command("list")
@output_option
def list_functions(form: Form) -> None:
    """All of them, by name, with what they take."""
    found = list(connected().functions.list())
    if form is Form.JSON:
        show_json(found)
        return
    show_rows(("NAME", "TAKES", "WHAT IT DOES"), [(one["name"], _signature(one), _summary(one)) for one in found])


@function.command()
@output_option
def schedules(form: Form) -> None:
    """Schedules in code, and how their tasks stand."""
    _show(connected().functions.schedules(), form)


@function.command()
@click.option("--restore", multiple=True, metavar="NAME", help="Make this one as the code says, whatever was changed.")
@output_option
def sync(restore: tuple[str, ...], form: Form) -> None:
    """Bring what has changed in the code, as a deployment does; for admins."""
    _show(connected().functions.sync(restore), form)


def _show(found: ScheduleInCodeList, form: Form) -> None:
    if form is Form.JSON:
        show_json(found)
        return
    rows = [(one["name"], one["function"], one["standing"], _differing(one), one["task_id"]) for one in found["items"]]
    show_rows(("NAME", "FUNCTION", "STANDING", "CHANGED BY HAND", "ID"), rows)


def _differing(one: ScheduleInCode) -> str | None:
    """What somebody changed, or why it was refused."""
    return ", ".join(str(difference["field"]) for difference in one["differs"]) or one["detail"] or None


def _signature(known: Function) -> str:
    return f"({', '.join(_parameter(one) for one in known['parameters'])})"


def _parameter(one: dict[str, Any]) -> str:
    annotation = f": {one['annotation']}" if one.get("annotation") else ""
    default = "" if one.get("required") else f" = {one.get('default')!r}"
    return f"{one['name']}{annotation}{default}"


def _summary(known: Function) -> str:
    return known["description"].partition("\n")[0]
