"""Calls for later: what becomes of them, within a run and from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from chalicelib.core.instant import floor_ms, from_text, to_ms, to_text
from chalicelib.core.task import Priority
from chalicelib.functions import registry
from chalicelib.functions.arguments import not_json, wrong_arguments
from chalicelib.functions.registry import Registered

CLIENT = "punctual_client"
TAG = "called"
LONGEST_NAME = 100
MIDDLE = 5
"""Of Celery's priorities, which are 0 to 9 with most brokers."""


class Unreachable(RuntimeError):
    """There is no Punctual that could be asked to call a function."""


@dataclass(frozen=True, kw_only=True)
class Called:
    """A call that will be made. `id` is that of its run, also before there is one."""

    id: str
    task_id: str


def call(
    known: Registered,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    at: datetime,
    **said: Any,
) -> Called:
    """Have a function called, not before an instant. `said` is what else the task says, as the API has it.

    `TypeError` names an argument that the function does not take, or that is no JSON. `Unreachable` where nobody can
    be asked.
    """
    check(known, args, kwargs)
    due = floor_ms(max(at, datetime.now(UTC)))
    action: dict[str, Any] = {"type": "function", "name": known.name}
    action |= {"args": list(args)} if args else {}
    action |= {"kwargs": dict(kwargs)} if kwargs else {}
    schedule = {"type": "once", "at": to_text(due)}
    task = {"name": known.name[:LONGEST_NAME], "action": action, "schedule": schedule} | said
    later = registry.later.get()
    if later is not None and task["schedule"] is schedule:
        task_id = later(known.filled(task))
    elif later is not None:
        raise Unreachable(
            f"{known.name} is to be called again and again, which needs a task that stays: call it so from outside of "
            "a run, or say it in the code, as @function(schedule=every(...))"
        )
    else:
        created = _client(known.name).tasks.create(task | {"tags": [TAG]})
        task_id = created["id"]
        due = from_text(created["next_run_at"]) if created.get("next_run_at") else due
    return Called(id=f"{task_id}-{to_ms(due)}", task_id=task_id)


def check(known: Registered, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """`TypeError` for arguments that the function does not take, or that are no JSON."""
    strange = not_json(known.name, args, kwargs)
    if strange is not None:
        raise TypeError(strange)
    wrong = list(wrong_arguments(known, args, kwargs))
    if wrong:
        told = "; ".join(f"{one.pointer.removeprefix('/')} {one.detail}" for one in wrong)
        raise TypeError(wrong[0].detail if wrong[0].code == "invalid_arguments" else f"{known.name}: {told}")


def instant_in(given: float | timedelta | datetime | None) -> datetime:
    """So many seconds from now, or an instant; now for None. A datetime without an offset is UTC, as in Celery."""
    now = datetime.now(UTC)
    if given is None:
        return now
    if isinstance(given, datetime):
        return given if given.tzinfo is not None else given.replace(tzinfo=UTC)
    try:
        return now + (given if isinstance(given, timedelta) else timedelta(seconds=given))
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"when it is due is a number of seconds, a timedelta or a datetime, not {given!r}") from error


def priority_of(number: float | None, middle: float) -> dict[str, str]:
    """A number as one of the three priorities; nothing for None, and the function's own then counts.

    >>> [priority_of(number, 5) for number in (9, 5, 0, None)]
    [{'priority': 'high'}, {'priority': 'normal'}, {'priority': 'low'}, {}]
    """
    if number is None:
        return {}
    if not isinstance(number, int | float):
        raise TypeError(f"priority= takes a number, of which {middle} is the middle, not {number!r}")
    above, below = number > middle, number < middle
    return {"priority": str(Priority.HIGH if above else Priority.LOW if below else Priority.NORMAL)}


def _client(name: str) -> Any:
    """The client that the environment says."""
    how = (
        f"{name} cannot be called for later from here: within a function that Punctual runs, in the function's own "
        "thread, it needs nothing; from elsewhere install punctual-client and set PUNCTUAL_URL and PUNCTUAL_TOKEN, or "
        "say `punctual login`"
    )
    try:
        client = import_module(CLIENT)
    except ImportError as error:
        raise Unreachable(how) from error
    try:
        return client.Client.from_environment()
    except client.NotConfigured as error:
        raise Unreachable(f"{how} ({error})") from error
