"""Carrying over: what was found elsewhere, held against what an account has, and made where it is missing.

What is there already is never changed: it may have been resumed, or mended, since it was brought over.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from punctual_cli.applying.comparing import definition_of, differences
from punctual_cli.applying.marks import Found, Task, marked
from punctual_cli.importing.found import LONGEST_NAME, Old, Source
from punctual_client import Invalid, PunctualError, Refused

SHOWN = 3
"""Due times of each."""
NOT_COMPARED = ("name", "state", "metadata")
"""What an owner changes of a task that was brought over, and what an import may have to change itself."""
JITTER = "/schedule/jitter_seconds"
HOW_TO_FOLLOW = "`punctual task edit` changes it; deleted, it is brought over anew"
OF_ALL = frozenset({401, 429})
"""Statuses of a refusal that is not about the task."""


class Standing(enum.StrEnum):
    """How something that was found stands here."""

    NEW = "new"
    HERE = "here"
    """It was brought over before."""
    IMPOSSIBLE = "impossible"
    """It cannot become a task, or is refused."""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One of the things that were found. `definition` is the task that it is or becomes, in the server's form."""

    old: Old
    standing: Standing
    definition: Mapping[str, Any] | None = None
    task: Task | None = None
    description: str = ""
    next: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    error: PunctualError | None = None


class Asked(Protocol):
    """What is asked of the API."""

    @property
    def tasks(self) -> Any: ...

    def preview(self, schedule: Mapping[str, Any], /, *, count: int) -> Any: ...


def look(source: Source, found: Found, client: Asked, *, active: bool) -> list[Carried]:
    """How everything stands; nothing is changed. `active`: what was on there is to be on here."""
    names = {str(task["name"]) for task in found.by_id.values()}
    carried = []
    for old in source.olds:
        one = _looked(old, source, found, client, _free(old, names), active=active)
        if one.definition is not None:
            names.add(str(one.definition["name"]))
        carried.append(one)
    return carried


def bring(carried: Sequence[Carried], tasks: Any) -> Iterator[Carried]:
    """Make what is new, and say what came of it. An error that would meet the others as well ends it."""
    for one in carried:
        if one.standing is not Standing.NEW:
            yield one
            continue
        try:
            made = tasks.create(one.definition)
        except Refused as refused:
            if refused.status in OF_ALL or refused.status >= 500:
                raise
            yield replace(one, reason=str(refused), error=refused)
        else:
            yield replace(one, task=made)


def _free(old: Old, names: Collection[str]) -> str:
    """A name that no other task has: two of one name could not be told apart."""
    name = str((old.definition or {}).get("name", ""))
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name[: LONGEST_NAME - len(f' ({number})')]} ({number})"
    return free


def _looked(old: Old, source: Source, found: Found, client: Asked, name: str, *, active: bool) -> Carried:
    if old.definition is None:
        return Carried(old=old, standing=Standing.IMPOSSIBLE, notes=old.notes, reason=old.refusal)
    there = found.by_mark.get((source.set_name, old.key), [])
    state = "active" if active and not old.off else "paused"
    wanted = marked({**old.definition, "state": state}, source.set_name, old.key)
    if there:
        wanted |= {"id": there[0]["id"]}
    elif name != old.definition["name"]:
        wanted |= {"name": name}
        old = replace(old, notes=(*old.notes, f"is called {name!r}: another task has its name"))
    try:
        normal, old = _checked(wanted, old, client)
        shown = {} if there else client.preview(normal["schedule"], count=SHOWN)
    except Refused as refused:
        if refused.status in OF_ALL or refused.status >= 500:
            raise
        reason = _reason(source, refused)
        return _here(old, there[0], client, reason) if there else _impossible(old, reason)
    return _here(old, there[0], client, _differing(there[0], normal)) if there else _new(old, normal, shown)


def _checked(wanted: dict[str, Any], old: Old, client: Asked) -> tuple[Mapping[str, Any], Old]:
    """The server's form of a task. A jitter longer than the shortest time between two due times is left out."""
    try:
        return client.tasks.check(wanted), old
    except Refused as refused:
        if [one.pointer for one in refused.errors] != [JITTER]:
            raise
    seconds = wanted["schedule"]["jitter_seconds"]
    less = {name: value for name, value in wanted["schedule"].items() if name != "jitter_seconds"}
    note = f"its spread of up to {seconds} s is left out: it is longer than the time between two runs"
    return client.tasks.check(wanted | {"schedule": less}), replace(old, notes=(*old.notes, note))


def _new(old: Old, normal: Mapping[str, Any], shown: Mapping[str, Any]) -> Carried:
    warnings = tuple(str(warning["detail"]) for warning in shown.get("warnings", ()) if "at" not in warning)
    notes = (*old.notes, *warnings)
    description, due = str(shown["description"]), tuple(shown["next"])
    return Carried(old=old, standing=Standing.NEW, definition=normal, description=description, next=due, notes=notes)


def _here(old: Old, task: Task, client: Asked, change: str) -> Carried:
    """A task as it is, also where what it came from says something else by now, or nothing that would be taken."""
    said = f"is here already ({task['id']}), {change}: it stays so. {HOW_TO_FOLLOW}"
    return Carried(
        old=old,
        standing=Standing.HERE,
        definition=definition_of(task),
        task=task,
        description=str(task["schedule_text"]),
        next=_next(task, client),
        notes=(said,) if change else (),
    )


def _next(task: Task, client: Asked) -> tuple[Mapping[str, Any], ...]:
    """The due times that a task has or, being paused, would have; none where it has run its course."""
    try:
        shown: Mapping[str, Any] = client.preview(task["schedule"], count=SHOWN)
    except Invalid:
        return ()
    return tuple(shown["next"])


def _differing(task: Task, normal: Mapping[str, Any]) -> str:
    fields = [one.field for one in differences(_compared(definition_of(task)), _compared(normal))]
    return f"with another {', '.join(fields)}" if fields else ""


def _compared(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name not in NOT_COMPARED}


def _impossible(old: Old, reason: str) -> Carried:
    return Carried(old=old, standing=Standing.IMPOSSIBLE, notes=old.notes, reason=reason)


def _reason(source: Source, refused: Refused) -> str:
    said = [f"{one.pointer or 'it'} {one.detail}" for one in refused.errors] or [refused.detail]
    remedies = [source.remedies[one.code] for one in refused.errors if one.code in source.remedies]
    return "; ".join([*said, *remedies])
