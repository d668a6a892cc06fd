"""Telling: old, new and the next three runs of everything, what is different, and what could not be carried over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from punctual_cli.importing.carrying import Carried, Standing
from punctual_cli.importing.found import Source
from punctual_cli.printing import plain, show_rows

TITLES = ("was", "when", "is now", "state", "next three runs")


def tell(source: Source, carried: Sequence[Carried], *, dry_run: bool) -> None:
    """Print all of it, for people."""
    if not carried:
        click.echo("Nothing was found that runs.")
        return
    show_rows(TITLES, [_row(one) for one in carried])
    different = [f"{one.old.where}: {note}" for one in carried for note in one.notes]
    _list("Of all of them", source.notes if any(one.definition for one in carried) else ())
    _list("Different from before", different)
    _list("Not carried over", [f"{_named(one)}: {one.reason}" for one in carried if _left(one)])
    click.echo()
    click.echo(plain(_summary(carried, dry_run=dry_run)))


def to_json(source: Source, carried: Sequence[Carried], *, dry_run: bool) -> dict[str, Any]:
    """All of it, for programs."""
    items = [
        {
            "where": one.old.where,
            "key": one.old.key,
            "was": one.old.what,
            "when": one.old.when,
            "standing": "impossible" if _left(one) else str(one.standing),
            "id": None if one.task is None else one.task["id"],
            "task": one.definition,
            "next": [due["utc"] for due in one.next],
            "notes": list(one.notes),
            "reason": one.reason or None,
        }
        for one in carried
    ]
    return {"set": source.set_name, "dry_run": dry_run, "notes": list(source.notes), "items": items}


def _left(one: Carried) -> bool:
    return one.standing is Standing.IMPOSSIBLE or one.error is not None


def _named(one: Carried) -> str:
    return f"{one.old.where} ({one.old.what})"


def _row(one: Carried) -> tuple[str, str, str, str, str]:
    state = "" if one.definition is None else str((one.task or one.definition)["state"])
    standing = "not carried over" if _left(one) else f"{one.standing}, {state}"
    dues = ", ".join(_clock(str(due["local"])) for due in one.next)
    return one.old.what, one.old.when, one.description or "-", standing, dues or "-"


def _clock(local: str) -> str:
    """A local time with its offset; seconds only where there are any.

    >>> _clock("2026-11-22T02:30:00.000+01:00"), _clock("2026-11-22T02:30:05.250+01:00")
    ('2026-11-22 02:30+01:00', '2026-11-22 02:30:05+01:00')
    """
    shown = local[:16] if local[17:19] == "00" else local[:19]
    return shown.replace("T", " ") + local[23:]


def _list(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    click.echo(f"\n{title}:")
    for line in lines:
        click.echo(f"  {plain(line)}")


def _summary(carried: Sequence[Carried], *, dry_run: bool) -> str:
    counted = Counter(Standing.IMPOSSIBLE if _left(one) else one.standing for one in carried)
    made = "would be made" if dry_run else "made"
    said = f"{len(carried)} found: {counted[Standing.NEW]} {made}, {counted[Standing.HERE]} here already, "
    said += f"{counted[Standing.IMPOSSIBLE]} not carried over."
    paused = any(one.standing is Standing.NEW and (one.definition or {}).get("state") == "paused" for one in carried)
    return said + (" They are paused: `punctual task resume <task>` begins." if paused and not dry_run else "")
