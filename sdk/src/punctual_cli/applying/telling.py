"""Telling: a plan and what came of it, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import click

from punctual_cli.applying.performing import Done
from punctual_cli.applying.planning import Deed, Step
from punctual_cli.printing import on_terminal, plain

SIGNS: Mapping[Deed, tuple[str, str]] = {
    Deed.CREATE: ("+", "green"),
    Deed.CHANGE: ("~", "yellow"),
    Deed.KEEP: ("=", "white"),
    Deed.DELETE: ("-", "red"),
    Deed.PAUSE: ("-", "red"),
}
"""How a line begins, and its colour where there are colours."""
TO_DO: Mapping[Deed, str] = {
    Deed.CREATE: "to create",
    Deed.CHANGE: "to change",
    Deed.KEEP: "unchanged",
    Deed.DELETE: "to delete",
    Deed.PAUSE: "to pause",
}
DONE: Mapping[Deed, str] = {
    Deed.CREATE: "created",
    Deed.CHANGE: "changed",
    Deed.KEEP: "unchanged",
    Deed.DELETE: "deleted",
    Deed.PAUSE: "paused",
}


def tell_plan(steps: Sequence[Step]) -> None:
    """Print the difference, task by task and field by field. Those that stay as they are, are only counted."""
    for step in steps:
        if step.deed is Deed.KEEP:
            continue
        sign, colour = SIGNS[step.deed]
        key = "" if step.key == step.name else f" ({step.key})"
        _line(f"{sign} {step.deed} {step.name}{key}", colour)
        for difference in step.differences:
            _line(f"    {difference}", None)
    click.echo(_summary(steps, TO_DO))


def tell_outcome(done: Collection[Done]) -> None:
    """Say how many tasks have become what, once all is done that could be."""
    click.echo(_summary([one.step for one in done if one.error is None], DONE))


def _summary(steps: Sequence[Step], words: Mapping[Deed, str]) -> str:
    """How many tasks, and what is to become or has become of them, in a sentence."""
    counted = Counter(step.deed for step in steps)
    parts = [f"{counted[deed]} {words[deed]}" for deed in Deed if counted[deed]]
    return f"{len(steps)} task{'' if len(steps) == 1 else 's'}: {', '.join(parts)}." if parts else "No tasks."


def tell_done(done: Done) -> None:
    """Print what came of a step that was to change something."""
    if done.step.deed is Deed.KEEP:
        return
    if done.error is None:
        made = "" if done.task is None else f" ({done.task['id']})"
        click.echo(plain(f"{DONE[done.step.deed]} {done.step.name}{made}"))
    else:
        click.echo(plain(f"not {DONE[done.step.deed]}: {done.step.name}: {done.error}"), err=True)


def to_json(set_name: str, steps: Sequence[Step], done: Mapping[int, Done], *, dry_run: bool) -> dict[str, object]:
    """A plan, and what came of it, for programs."""
    told = []
    for number, step in enumerate(steps):
        came = done.get(number)
        outcome: dict[str, object] = {"done": came is not None and came.error is None and step.deed is not Deed.KEEP}
        if came is not None and came.task is not None:
            outcome["id"] = came.task["id"]
        if came is not None and came.error is not None:
            outcome["error"] = str(came.error)
        told.append(step.to_json() | outcome)
    return {"set": set_name, "dry_run": dry_run, "steps": told}


def _line(text: str, colour: str | None) -> None:
    said = plain(text)
    click.echo(click.style(said, fg=colour) if colour is not None and on_terminal() else said)
