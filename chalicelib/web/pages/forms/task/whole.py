"""The whole form: what it holds for a task, and the document that what was typed comes to.

Only the chosen type of action and of schedule is read. What cannot be read is named by field, and stays as it was
typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from chalicelib.web.pages.forms.task import policies
from chalicelib.web.pages.forms.task.actions.aws import AWS
from chalicelib.web.pages.forms.task.actions.command import COMMAND
from chalicelib.web.pages.forms.task.actions.function import FUNCTION
from chalicelib.web.pages.forms.task.actions.http import HTTP
from chalicelib.web.pages.forms.task.part import Field, Part
from chalicelib.web.pages.forms.task.reader import Document, Reader
from chalicelib.web.pages.forms.task.schedules.cron import CRON
from chalicelib.web.pages.forms.task.schedules.daily import DAILY, daily_of
from chalicelib.web.pages.forms.task.schedules.interval import INTERVAL
from chalicelib.web.pages.forms.task.schedules.once import ONCE

ACTIONS: Mapping[str, Part] = {"command": COMMAND, "http": HTTP, "function": FUNCTION, "aws": AWS}
SCHEDULES: Mapping[str, Part] = {"interval": INTERVAL, "daily": DAILY, "cron": CRON, "once": ONCE}
"""By the value of the tab. `daily` is a way to write a cron expression, and no type of the contract."""
PARTS = (*ACTIONS.values(), *SCHEDULES.values(), policies.NOTIFY)
_SINGLE = tuple(chain.from_iterable(policies.FIELDS.values()))
OWN: Mapping[str, str] = {"version": "", "task": "", "copy_of": "", "seen": "", "mine": ""}
"""Fields that are no part of the task: of which one, in which version, the form was made, what it showed, and in which
time zone who types is."""

LABELS: dict[str, str] = {
    "name": "Name",
    "description": "Description",
    "action_type": "What",
    **dict(chain.from_iterable(part.labels.items() for part in ACTIONS.values())),
    "schedule_type": "When",
    **dict(chain.from_iterable(part.labels.items() for part in SCHEDULES.values())),
    **{field.name: field.label for field in _SINGLE},
    **policies.NOTIFY.labels,
}
"""Every field that says something of the task, in the order of the form."""
EMPTY: dict[str, str] = {
    "action_type": "command",
    "schedule_type": "interval",
    **dict(chain.from_iterable(part.empty.items() for part in PARTS)),
    **{field.name: field.empty for field in _SINGLE},
    **OWN,
}
"""Every field by name, with what an empty form holds. Text areas and inputs alike hold text."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a form came to: a document for the schema, and what could not be read, by field."""

    document: dict[str, Any]
    errors: dict[str, list[str]]


def fields_of(task: Document) -> dict[str, str]:
    """What the form holds for a task, as the contract writes it with all its defaults."""
    tab, action = tab_of(task["schedule"]), task["action"]
    notify = policies.NOTIFY.fields_of(task["notify"]) if "notify" in task else {}
    return {
        **EMPTY,
        "action_type": action["type"],
        **ACTIONS[action["type"]].fields_of(action),
        "schedule_type": tab,
        **SCHEDULES[tab].fields_of(task["schedule"]),
        **{field.name: field.shown(_group(task, group)) for group, field in _fields()},
        **notify,
    }


def tab_of(schedule: Document) -> str:
    """The tab that shows a schedule: a time of the day on days of the week has one of its own."""
    is_daily = schedule["type"] == "cron" and daily_of(schedule["expression"]) is not None
    return "daily" if is_daily else str(schedule["type"])


def read(typed: Mapping[str, str], base: Document | None = None) -> Reading:
    """The document that a form means. What reads as the task `base` showed it stays exactly what it was."""
    reader, base = Reader(typed), base or {}
    notify = policies.NOTIFY.document(reader, base.get("notify"))
    document = {
        **_single(reader, base, ""),
        "action": action_of(reader, base.get("action")),
        "schedule": schedule_of(reader, base.get("schedule")),
        "retry": _single(reader, base, "retry"),
        "misfire": _single(reader, base, "misfire"),
        **({"notify": notify} if notify else {}),
    }
    return Reading(document=document, errors=reader.errors)


def action_of(reader: Reader, base: Document | None) -> dict[str, Any]:
    """The action that was chosen."""
    chosen = reader.typed["action_type"]
    return _chosen(reader, base if base is not None and base["type"] == chosen else None, chosen, ACTIONS)


def schedule_of(reader: Reader, base: Document | None) -> dict[str, Any]:
    """The schedule that was chosen."""
    tab = reader.typed["schedule_type"]
    before = base if base is not None and tab_of(base) == tab else None
    read = _chosen(reader, before, tab, SCHEDULES)
    if tab != "daily":
        return read
    meant = read | {"type": "cron"}
    if before is not None and daily_of(before["expression"]) == daily_of(meant["expression"]):
        return meant | {"expression": before["expression"]}  # another way to write the same, which its owner chose
    return meant


def fields_by_pointer(typed: Mapping[str, str]) -> dict[str, str]:
    """The field that each pointer into the document leads to, for the tabs that were chosen.

    >>> found = fields_by_pointer({"action_type": "http", "schedule_type": "daily"})
    >>> found["/action/headers"], found["/schedule/time_zone"], found["/retry/backoff"]
    ('headers', 'daily_zone', 'backoff')
    """
    return dict(_pointers(typed))


def relevant(typed: Mapping[str, str]) -> list[str]:
    """The fields that count for what was chosen, in the order of the form."""
    parts = [ACTIONS.get(typed["action_type"]), SCHEDULES.get(typed["schedule_type"]), policies.NOTIFY]
    counting = {"action_type", "schedule_type", *(field.name for field in _SINGLE)}
    counting.update(*(part.labels for part in parts if part is not None))
    return [name for name in LABELS if name in counting]


def _pointers(typed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield from (("/action", "action_type"), ("/schedule", "schedule_type"))
    for group, field in _fields():
        yield f"/{group}/{field.member}".replace("//", "/"), field.name
    chosen = {
        "/action": ACTIONS.get(typed["action_type"]),
        "/schedule": SCHEDULES.get(typed["schedule_type"]),
        "/notify": policies.NOTIFY,
    }
    for place, part in chosen.items():
        if part is not None:
            yield from ((place + below, field) for below, field in part.fields.items())


def _fields() -> Iterator[tuple[str, Field]]:
    return ((group, field) for group, fields in policies.FIELDS.items() for field in fields)


def _group(document: Document, group: str) -> Document:
    found: Document = document[group] if group else document
    return found


def _single(reader: Reader, base: Document, group: str) -> dict[str, Any]:
    before = (base.get(group) if group else base) or None
    found: dict[str, Any] = {}
    for field in policies.FIELDS[group]:
        found |= field.member_of(reader, before)
    return found


def _chosen(reader: Reader, base: Document | None, choice: str, parts: Mapping[str, Part]) -> dict[str, Any]:
    """The part that was chosen, over the one of the same choice that was shown. What is no choice is for the schema to
    refuse."""
    return {"type": choice} | (parts[choice].document(reader, base) if choice in parts else {})
