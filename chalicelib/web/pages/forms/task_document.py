"""From the task form to the contract's JSON: only the chosen type of action and of schedule is read.

What a form does not show (environment variables, bounds of a schedule, overlap and so on) stays as the edited task has
it, as long as its type stays the same. What cannot be read is named by field, and kept as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import to_text
from chalicelib.core.secrets.naming import is_reference
from chalicelib.web import json_text
from chalicelib.web.pages.forms.task_fields import Document, action_fields, schedule_fields
from chalicelib.web.pages.looks.words import capitalised

_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?", re.ASCII)


class _Unreadable(ValueError):
    """A field does not hold what it should; the message says what would be right."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a form came to: a document for the schema, and what could not be read, by field."""

    document: dict[str, Any]
    errors: dict[str, list[str]]


class _Reader:
    """Reads fields one by one and collects what is wrong; a field that cannot be read counts as its text."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, list[str]] = {}

    def read(self, field: str, parse: Callable[[str], Any]) -> Any:
        text = self.typed[field].strip()
        try:
            return parse(text)
        except _Unreadable as error:
            self.errors.setdefault(field, []).append(capitalised(str(error)))
            return text


def read(typed: Mapping[str, str], base: Document | None = None) -> Reading:
    """The document that a form means, over that of the task which is edited."""
    reader = _Reader(typed)
    base = base or {}
    document = dict(base) | {
        "name": typed["name"].strip(),
        "description": typed["description"].strip(),
        "tags": list(dict.fromkeys(tag.strip() for tag in typed["tags"].split(",") if tag.strip())),
        "state": "paused" if typed["paused"] else "active",
        "action": _part(reader, base.get("action"), "action_type", action_fields, _ACTIONS),
        "schedule": _part(reader, base.get("schedule"), "schedule_type", schedule_fields, _SCHEDULES),
        "timeout_seconds": reader.read("timeout_seconds", _number),
        "priority": typed["priority"],
    }
    grace = reader.read("grace_seconds", _number)
    document["retry"] = _retry(reader, base.get("retry", {}))
    document["misfire"] = {**base.get("misfire", {}), "grace_seconds": grace, "catch_up": typed["catch_up"]}
    return Reading(document=document, errors=reader.errors)


def _retry(reader: _Reader, base: Document) -> dict[str, Any]:
    """The policy of retries; an empty field for its age means that there is none."""
    kept = {name: value for name, value in base.items() if name != "max_age_seconds"}
    attempts, backoff = reader.read("max_attempts", _whole), reader.typed["backoff"]
    age = reader.read("max_age_seconds", lambda text: _number(text) if text else None)
    return kept | {"max_attempts": attempts, "backoff": backoff} | ({} if age is None else {"max_age_seconds": age})


Parts = Mapping[str, Callable[[_Reader], dict[str, Any]]]


def _part(
    reader: _Reader, base: Document | None, choice: str, shown: Callable[[Document], dict[str, str]], parts: Parts
) -> dict[str, Any]:
    """The chosen action or schedule. One that reads as it was shown stays exactly what it was."""
    chosen = reader.typed[choice]
    if base is not None and base["type"] == chosen:
        if all(reader.typed[field] == text for field, text in shown(base).items()):
            return dict(base)
        kept = {name: value for name, value in base.items() if name not in _SHOWN[chosen]}
    else:
        kept = {"type": chosen}
    read = kept | parts[chosen](reader) if chosen in parts else kept
    return read | _still_json(reader, base) if "body" in read else read


_SHOWN: dict[str, frozenset[str]] = {
    "command": frozenset({"command"}),
    "http": frozenset({"method", "url", "headers", "body"}),
    "function": frozenset({"name", "args", "kwargs"}),
    "aws": frozenset(),
    "once": frozenset({"at"}),
    "interval": frozenset({"every", "unit"}),
    "cron": frozenset({"expression", "time_zone"}),
}
"""What of each type the form shows; the rest is kept."""


def _command(reader: _Reader) -> dict[str, Any]:
    return {"command": reader.typed["command"].strip()}


def _http(reader: _Reader) -> dict[str, Any]:
    own: dict[str, Any] = {"method": reader.typed["method"], "url": reader.typed["url"].strip()}
    headers = reader.read("headers", _headers)
    body = {"body": reader.typed["body"]} if reader.typed["body"] else {}
    return own | ({"headers": headers} if headers else {}) | body


def _still_json(reader: _Reader, base: Document | None) -> dict[str, Any]:
    """The body of an edited task that sent JSON, which it still does; a secret named in it is still one."""
    before = None if base is None else base.get("body")
    return {} if before is None or isinstance(before, str) else {"body": reader.read("body", _json_body)}


def _function(reader: _Reader) -> dict[str, Any]:
    given = {name: reader.read(name, parse) for name, parse in (("args", _list), ("kwargs", _object))}
    name = reader.read("function", _chosen)
    return {"name": name} | {name: value for name, value in given.items() if value}


def _once(reader: _Reader) -> dict[str, Any]:
    zone = reader.read("at_zone", _zone)
    known = zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")  # what it then comes to is not used
    return {"at": reader.read("at", lambda text: _instant(text, known))}


def _interval(reader: _Reader) -> dict[str, Any]:
    return {"every": reader.read("every", _whole), "unit": reader.typed["unit"]}


def _cron(reader: _Reader) -> dict[str, Any]:
    return {"expression": reader.typed["expression"].strip(), "time_zone": reader.typed["time_zone"].strip() or "UTC"}


_ACTIONS: Parts = {"command": _command, "http": _http, "function": _function}
_SCHEDULES: Parts = {"once": _once, "interval": _interval, "cron": _cron}


def _chosen(text: str) -> str:
    if not text:
        raise _Unreadable("choose a function")
    return text


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise _Unreadable("write a whole number")
    return int(text)


def _number(text: str) -> int | float:
    if not _DECIMAL.fullmatch(text):
        raise _Unreadable("write a number of seconds")
    return float(text) if "." in text else int(text)


def _headers(text: str) -> dict[str, Any]:
    """One header a line.

    >>> _headers('Accept: text/plain\\nX-Key: {"secret": "key"}')
    {'Accept': 'text/plain', 'X-Key': {'secret': 'key'}}
    """
    headers: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or not name.strip():
            raise _Unreadable(f"line {number} is no header: write one a line, like Accept: application/json")
        if name.strip() in headers:
            raise _Unreadable(f"line {number} repeats the header {name.strip()}")
        headers[name.strip()] = _text_or_secret(value.strip())
    return headers


def _text_or_secret(text: str) -> Any:
    """A header's value: a text, or the name of a secret as `value_text` writes it."""
    if not text.startswith("{"):
        return text
    try:
        value = json_text.read(text.encode())
    except PunctualError:
        return text
    return value if is_reference(value) else text


def _list(text: str) -> Any:
    return _json(text, list, 'write a JSON list, like ["world", 3]')


def _object(text: str) -> Any:
    return _json(text, dict, 'write a JSON object, like {"name": "world"}')


def _json_body(text: str) -> Any:
    try:
        value = json_text.read(text.encode())
    except PunctualError as error:
        raise _Unreadable("this task sends JSON, and this is none") from error
    if not isinstance(value, dict | list):
        raise _Unreadable("this task sends JSON: write an object or a list")
    return value


def _json(text: str, kind: type, hint: str) -> Any:
    try:
        value = json_text.read(text.encode()) if text else kind()
    except PunctualError as error:
        raise _Unreadable(f"this is not JSON as it should be: {hint}") from error
    if not isinstance(value, kind):
        raise _Unreadable(hint)
    return value


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text or "UTC")
    except (LookupError, ValueError, OSError) as error:
        raise _Unreadable("there is no such time zone: write one like Europe/Paris") from error


def _instant(text: str, zone: ZoneInfo) -> str:
    """An instant as the contract writes it, from a local time and its zone, or from a text with an offset.

    A time that the clock shows twice is the first of both.
    """
    try:
        at = datetime.fromisoformat(text)
        instant = (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _Unreadable("write a date and a time, like 2030-01-31T09:00") from error
    if at.tzinfo is None and instant.astimezone(zone).replace(tzinfo=None) != at:
        raise _Unreadable(f"the clock in {zone.key} is put forward over this time: choose another")
    return to_text(instant)
