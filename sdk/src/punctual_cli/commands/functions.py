"""`function list`: what tasks may call."""

from __future__ import annotations

from typing import Any

import click

from punctual_cli.printing import Form, output_option, show_json, show_rows
from punctual_cli.session import connected
from punctual_client.shapes import Function


@click.group()
def function() -> None:
    """Look at the functions that tasks may call."""


@function.command("list")
@output_option
def list_functions(form: Form) -> None:
    """All of them, by name, with what they take."""
    found = list(connected().functions.list())
    if form is Form.JSON:
        show_json(found)
        return
    show_rows(("NAME", "TAKES", "WHAT IT DOES"), [(one["name"], _signature(one), _summary(one)) for one in found])


def _signature(known: Function) -> str:
    return f"({', '.join(_parameter(one) for one in known['parameters'])})"


def _parameter(one: dict[str, Any]) -> str:
    annotation = f": {one['annotation']}" if one.get("annotation") else ""
    default = "" if one.get("required") else f" = {one.get('default')!r}"
    return f"{one['name']}{annotation}{default}"


def _summary(known: Function) -> str:
    return known["description"].partition("\n")[0]
