"""What belongs to a task beside its action and its schedule: names, retries, late starts, alerts and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.alerting.policy import Happening
from chalicelib.web.pages.forms.task.part import Field, Part
from chalicelib.web.pages.forms.task.reader import Document, Reader, json_of, number, number_text, whole
from chalicelib.web.pages.forms.task.texts import json_lines

_metadata = json_of(dict, 'write a JSON object, like {"team": "billing"}')


def _tags(text: str) -> list[str]:
    """One a line: a tag may hold a comma."""
    return list(dict.fromkeys(tag.strip() for tag in text.split("\n") if tag.strip()))


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "": (
        Field(name="name", member="name", label="Name"),
        Field(name="description", member="description", label="Description"),
        Field(name="tags", member="tags", label="Tags", text="\n".join, parse=_tags),
        Field(
            name="paused",
            member="state",
            label="Paused",
            text=lambda state: "yes" if state == "paused" else "",
            parse=lambda text: "paused" if text else "active",
        ),
        Field(
            name="timeout_seconds",
            member="timeout_seconds",
            label="Timeout",
            empty="60",
            text=number_text,
            parse=number,
        ),
        Field(name="overlap", member="overlap", label="While an earlier run is at work", empty="allow"),
        Field(name="delivery", member="delivery", label="If its worker dies", empty="at_least_once"),
        Field(name="priority", member="priority", label="Priority", empty="normal"),
        Field(name="retention_days", member="retention_days", label="Keep runs", empty="30", parse=whole),
        Field(
            name="metadata",
            member="metadata",
            label="Metadata",
            text=lambda value: json_lines(value) if value else "",
            parse=_metadata,
        ),
    ),
    "retry": (
        Field(name="max_attempts", member="max_attempts", label="Attempts", empty="3", parse=whole),
        Field(name="backoff", member="backoff", label="Wait before a retry", empty="next_window"),
        Field(name="delay_seconds", member="delay_seconds", label="Delay", empty="30", text=number_text, parse=number),
        Field(
            name="max_delay_seconds",
            member="max_delay_seconds",
            label="Longest delay",
            empty="3600",
            text=number_text,
            parse=number,
        ),
        Field(
            name="max_age_seconds",
            member="max_age_seconds",
            label="Give up",
            text=number_text,
            parse=number,
            optional=True,
        ),
    ),
    "misfire": (
        Field(name="catch_up", member="catch_up", label="After an outage, run", empty="latest"),
        Field(
            name="grace_seconds", member="grace_seconds", label="Grace", empty="3600", text=number_text, parse=number
        ),
    ),
}
"""Single fields by the member of the document that they stand in; "" is the document itself."""

HAPPENINGS: dict[str, Happening] = {f"notify_{one}": one for one in Happening}
"""The field of each happening that may be told of."""
_ADDRESSES = ("webhook", "sns")
_SECONDS = ("cooldown_seconds", "grace_seconds")


def _shown(notify: Document) -> dict[str, str]:
    on = notify.get("on", list(Happening))
    return {
        **{field: "yes" if str(happening) in on else "" for field, happening in HAPPENINGS.items()},
        **{f"notify_{name}": notify.get(name, "") for name in _ADDRESSES},
        **{f"notify_{name}": str(notify[name]) for name in _SECONDS if name in notify},
    }


def _read(reader: Reader) -> dict[str, Any]:
    """What is to be told; nothing, where no address is given."""
    addresses = {name: reader.text(f"notify_{name}") for name in _ADDRESSES if reader.text(f"notify_{name}")}
    if not addresses:
        return {}
    on = [str(happening) for field, happening in HAPPENINGS.items() if reader.typed[field]]
    seconds = {name: reader.read(f"notify_{name}", whole) for name in _SECONDS}
    return {"on": on, **addresses, **seconds}


NOTIFY = Part(
    empty={
        **dict.fromkeys(HAPPENINGS, "yes"),
        "notify_webhook": "",
        "notify_sns": "",
        "notify_cooldown_seconds": "900",
        "notify_grace_seconds": "300",
    },
    labels={
        "notify_failed": "Tell of failures",
        "notify_missed": "Tell of missed due times",
        "notify_did_not_run": "Tell of due times without a run",
        "notify_recovered": "Tell of recoveries",
        "notify_webhook": "Webhook",
        "notify_sns": "SNS topic",
        "notify_cooldown_seconds": "Between two alerts",
        "notify_grace_seconds": "Before it counts as not run",
    },
    fields={
        "": "notify_webhook",
        "/on": "notify_failed",
        "/webhook": "notify_webhook",
        "/sns": "notify_sns",
        "/cooldown_seconds": "notify_cooldown_seconds",
        "/grace_seconds": "notify_grace_seconds",
    },
    shown=_shown,
    read=_read,
)
