"""Scenarios: the tasks that a simulation plays, and what their owner does to them, as a file says it.

The file holds a list of tasks as the API takes them, or an object with that list as `items`, as `GET /api/tasks`
answers it. A task may have `id` (jitter and `H` follow it) and `created_at` (the simulation's beginning, if not given).
An object may have `events`: `{"at": …, "task": its name, "do": pause, resume, delete, run or edit, "with": a merge
patch for edit}`. What is wrong is told at once, each with the pointer into the file.
"""

from __future__ import annotations

import enum
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec import field as named

from chalicelib.actions.function import discover
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import from_text
from chalicelib.settings import Settings
from chalicelib.web.api.tasks.merge_patch import merged
from chalicelib.web.checks.collecting import MOST_ERRORS, child, errors_in
from chalicelib.web.checks.shapes.tasks import GivenState
from chalicelib.web.checks.shapes.values import Instant
from chalicelib.web.checks.tasks import instant_errors, task_errors
from chalicelib.web.frame import json_text
from chalicelib.web.schemas import READ_ONLY

ANY_STAGE = Settings(aws_actions_allowed=frozenset({"*"}))
"""What an installation allows is not for a simulation to know."""
LONGEST_ID = 64
MADE_UP_ID = 26
"""Characters, as in ids that the catalog makes."""


class Do(enum.StrEnum):
    """What an owner may do to a task meanwhile."""

    PAUSE = "pause"
    RESUME = "resume"
    DELETE = "delete"
    RUN = "run"
    EDIT = "edit"


class _Event(Struct, forbid_unknown_fields=True):
    at: Instant
    task: Annotated[str, Meta(description="the name of a task of this file")]
    do: Annotated[Do, Meta(description=f"one of {', '.join(Do)}")]
    patch: Annotated[dict[str, Any], Meta(description="a merge patch of the task")] | UnsetType = named(
        name="with", default=UNSET
    )


class _File(Struct, forbid_unknown_fields=True):
    items: Annotated[list[Any], Meta(description="a list of tasks")]
    events: Annotated[list[Any], Meta(description="a list of events")] | UnsetType = UNSET
    next_cursor: Annotated[str | None, Meta(description="as the API answers it")] | UnsetType = UNSET


@dataclass(frozen=True, kw_only=True)
class Given:
    """A task as the file gives it: an id, checked JSON of the contract, and since when there is such a task."""

    id: str
    data: Mapping[str, Any]
    created_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that the owner does to a task."""

    at: datetime
    task_id: str
    do: Do
    patch: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is played: tasks, and events in the order of time."""

    tasks: tuple[Given, ...]
    events: tuple[Event, ...] = ()


def read(raw: bytes) -> Scenario:
    """The scenario that a file holds; `Malformed` where it is no JSON, `Invalid` with all else that is wrong."""
    return scenario(json_text.read(raw))


def scenario(data: Any) -> Scenario:
    """The scenario that JSON describes; `Invalid` with everything that is wrong with it."""
    discover()
    problems = list(_problems(data))[:MOST_ERRORS]
    if problems:
        raise Invalid(*problems)
    items, events, _ = _parts(data)
    tasks = tuple(_given(item, number) for number, item in enumerate(items))
    ids = {str(task.data["name"]): task.id for task in tasks}
    return Scenario(tasks=tasks, events=tuple(sorted((_event(one, ids) for one in events), key=lambda x: x.at)))


def _parts(data: Any) -> tuple[list[Any], list[Any], str]:
    """Tasks and events, and the pointer to the tasks."""
    if isinstance(data, list):
        return data, [], ""
    return data["items"], data.get("events", []), "/items"


def _problems(data: Any) -> Iterator[FieldError]:
    wrong = [] if isinstance(data, list) else list(errors_in(data, _File))
    yield from wrong
    if wrong:
        return
    items, events, pointer = _parts(data)
    for number, item in enumerate(items):
        yield from _below(child(pointer, number), _task_problems(item))
    yield from _ids_twice(items, pointer)
    documents = {item["name"]: item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str)}
    names = Counter(item["name"] for item in items if isinstance(item, dict) and isinstance(item.get("name"), str))
    for number, event in enumerate(events):
        yield from _below(child("/events", number), _event_problems(event, documents, names))


def _task_problems(item: Any) -> Iterator[FieldError]:
    yield from task_errors(_definition(item), ANY_STAGE)
    if not isinstance(item, dict):
        return
    if "created_at" in item:
        yield from _instant_problems(item["created_at"], "/created_at")
    own = item.get("id", "a")
    if not (isinstance(own, str) and 0 < len(own) <= LONGEST_ID and own.isascii() and own.isalnum()):
        yield _error("/id", "wrong_form", f"must be a text of up to {LONGEST_ID} letters and digits")


def _ids_twice(items: list[Any], pointer: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for number, item in enumerate(items):
        own = item.get("id") if isinstance(item, dict) else None
        if isinstance(own, str) and own in seen:
            yield _error(f"{pointer}/{number}/id", "taken", "must not be another task's id")
        elif isinstance(own, str):
            seen.add(own)


def _event_problems(event: Any, documents: dict[str, Any], names: Counter[str]) -> Iterator[FieldError]:
    """What is wrong with an event. A sound edit changes its task in `documents`, for the edits that come after it."""
    wrong = list(errors_in(event, _Event))
    yield from wrong
    if wrong:
        return
    yield from instant_errors(event["at"], "/at")
    name, patch = event["task"], event.get("with")
    if names[name] != 1:
        detail = "must be the name of a task of this file" if not names[name] else "must be a name that one task has"
        yield _error("/task", "unknown_task", detail)
        return
    if (patch is None) == (event["do"] == Do.EDIT):
        yield _error("/with", "required" if patch is None else "unknown_field", "goes with edit, and only with edit")
    elif patch is not None:
        documents[name] = merged(documents[name], patch)
        yield from _below("/with", task_errors(_definition(documents[name]), ANY_STAGE))


def _instant_problems(value: Any, pointer: str) -> Iterator[FieldError]:
    wrong = [replace(error, pointer=pointer) for error in errors_in(value, Instant)]
    yield from wrong
    if not wrong:
        yield from instant_errors(value, pointer)


def _definition(item: Any) -> Any:
    """The part of a task that its owner gives, and that matters here: nobody is told of anything."""
    if not isinstance(item, dict):
        return item
    return {name: value for name, value in item.items() if name not in (*READ_ONLY, "notify")}


def _given(item: Mapping[str, Any], number: int) -> Given:
    data = _definition(item)
    made_up = hashlib.sha256(f"{number}#{data['name']}".encode()).hexdigest()[:MADE_UP_ID]
    created_at = from_text(item["created_at"]) if "created_at" in item else None
    return Given(id=item.get("id", made_up), data=_stated(data), created_at=created_at)


def _stated(data: Mapping[str, Any]) -> dict[str, Any]:
    """That nothing is left to run is worked out, not given."""
    completed = data.get("state") == GivenState.COMPLETED
    return dict(data) | ({"state": str(GivenState.ACTIVE)} if completed else {})


def _event(event: Mapping[str, Any], ids: Mapping[str, str]) -> Event:
    return Event(at=from_text(event["at"]), task_id=ids[event["task"]], do=Do(event["do"]), patch=event.get("with", {}))


def _below(pointer: str, errors: Iterator[FieldError]) -> Iterator[FieldError]:
    return (replace(error, pointer=pointer + error.pointer) for error in errors)


def _error(pointer: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=detail)
