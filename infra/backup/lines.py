"""The lines of an export: JSON, one thing each.

    {"punctual_export": 1, "stage": …, "exported_at": …}   the first line
    {"user": …}, {"calendar": …}, {"task": …}              things; a user stands before what is theirs
    {"page": {"of": …, "after": …, "counts": …}}           after each page: where an export goes on that broke off
    {"end": {"users": …, "calendars": …, "tasks": …}}      the last line: a file without it was cut off

Whatever is read is checked: a line comes out as an entity, or as `Refused` with a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, BinaryIO, TypeVar

from msgspec import Meta, Struct

from chalicelib.adapters.keys import INSTALLATION
from chalicelib.core import task as definitions
from chalicelib.core.attempts.refusal import UNPLANNABLE
from chalicelib.core.calendars import spans
from chalicelib.core.calendars.spans import MOST_SPANS, Calendar
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.instant import from_ms, from_text, to_ms, to_text
from chalicelib.core.people.account import Role, User
from chalicelib.core.planning import first_entry
from chalicelib.core.task import Task
from chalicelib.settings import MOST_SHARDS
from chalicelib.web.checks.collecting import errors_in
from chalicelib.web.checks.shapes.accounts import EMAIL
from chalicelib.web.checks.tasks import instant_errors, task_errors
from infra.simulation.scenario import ANY_STAGE

T = TypeVar("T")
FORMAT = 1
"""Raised when the meaning of a line changes; this version reads all formats up to it."""
UNREADABLE = (*UNPLANNABLE, TypeError, AttributeError, RecursionError)
"""What making an entity of JSON raises that somebody else has written."""
KNOWN_BY_THE_STAGE = ("unknown_function", "topic_not_allowed")
"""No reasons to refuse a task: which functions and topics a stage has is not known where its file is taken in."""
LONGEST = 8 * 1024 * 1024
"""Bytes of a line; a definition that fits into an item, with every calendar that there may be, is half of that."""
SHOWN = 3
"""Of the things that are wrong with a line, so many are told."""

Id = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{1,128}\Z", description="an id of up to 128 letters and digits")]
Number = Annotated[int, Meta(ge=0, le=2**53, description="a whole number")]
Text = Annotated[str, Meta(max_length=64, description="an instant like 2026-01-01T09:00:00Z")]


class Refused(Exception):
    """A line cannot be taken in. The message is a sentence that says why."""


class UserLine(Struct, forbid_unknown_fields=True):
    """An account. Its password is there as a hash, which is no password; its tokens are not."""

    id: Id
    username: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._@-]{3,64}\Z", description="a username")]
    email: Annotated[str, Meta(max_length=254, pattern=EMAIL, description="an e-mail address")]
    role: Role
    can_run_commands: bool
    can_call_aws: bool
    password_hash: Annotated[
        str,
        Meta(
            pattern=r"^scrypt\$1[0-7]\$(8|16)\$[1-9]\$[A-Za-z0-9+/=]{4,200}\$[A-Za-z0-9+/=]{4,200}\Z",
            description="a hash as Punctual makes it",
        ),
    ]
    created_at: Text
    epoch: Number
    version: Annotated[int, Meta(ge=1, le=2**53, description="a whole number from 1")]


class CalendarLine(Struct, forbid_unknown_fields=True):
    """A named calendar: its spans, in milliseconds."""

    owner: Id
    name: Annotated[str, Meta(pattern=rf"^{spans.NAME.pattern}\Z", description="a name of a calendar")]
    updated_at: Text
    spans: Annotated[list[tuple[Number, Number]], Meta(max_length=MOST_SPANS, description="a list of spans")]


class TaskLine(Struct, forbid_unknown_fields=True):
    """A task, defined as it is stored: with the anchor of its interval, its last due time, and its calendars' spans."""

    id: Id
    owner: Id
    shard: Annotated[int, Meta(ge=0, lt=MOST_SHARDS, description="a number of a shard")]
    version: Annotated[int, Meta(ge=1, le=2**53, description="a whole number from 1")]
    created_at: Text
    updated_at: Text
    definition: dict[str, Any]
    pause_reason: Annotated[str, Meta(max_length=10_000, description="a text")] = ""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many things of each kind; `left_out` could not be read."""

    users: int = 0
    calendars: int = 0
    tasks: int = 0
    left_out: int = 0

    def plus(self, **more: int) -> Counts:
        return replace(self, **{name: getattr(self, name) + number for name, number in more.items()})


def written(kind: str, value: Any) -> bytes:
    """One line."""
    return json.dumps({kind: value}, separators=(",", ":")).encode() + b"\n"


def header(stage: str, now: datetime) -> bytes:
    """The first line."""
    first = {"punctual_export": FORMAT, "stage": stage, "exported_at": to_text(now)}
    return json.dumps(first, separators=(",", ":")).encode() + b"\n"


def parsed(raw: bytes) -> tuple[str, Any]:
    """The kind of a line, and what it holds; `Refused` for what is none."""
    if len(raw) > LONGEST:
        raise Refused(f"is longer than {LONGEST:,} bytes")
    try:
        data = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused("is not JSON") from error
    if b"\\u" in raw and not _is_text(data):
        raise Refused("holds half of a character, which no store takes")
    if not isinstance(data, dict) or not data:
        raise Refused("is no object")
    if "punctual_export" in data:
        return "punctual_export", data
    if len(data) != 1:
        raise Refused("must hold one thing: a user, a calendar or a task")
    return next(iter(data.items()))


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is too long, only so much that this can be seen."""
    while line := file.readline(LONGEST + 1):
        rest = line
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST + 1)
        yield line


def _is_text(data: Any) -> bool:
    """Whether what was read can be written: JSON may name halves of characters (`\\ud800`), of which there are none."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


def stage_of(raw: bytes) -> str:
    """The stage that a first line names; `Refused` for what is none, or of a format that is not known here."""
    try:
        kind, first = parsed(raw)
    except Refused as error:
        raise Refused("is no export of Punctual: its first line does not say so") from error
    number, stage = (first.get("punctual_export"), first.get("stage")) if kind == "punctual_export" else (None, None)
    if type(number) is not int or not isinstance(stage, str):
        raise Refused("is no export of Punctual: its first line does not say so")
    if not 1 <= number <= FORMAT:
        raise Refused(f"is of format {number}, and this version knows up to {FORMAT}: use the version that wrote it")
    return stage


def user_line(user: User) -> bytes:
    """A user."""
    return written("user", vars(user) | {"role": str(user.role), "created_at": to_text(user.created_at)})


def calendar_line(calendar: Calendar) -> bytes:
    """A calendar."""
    pairs = [[to_ms(begin), to_ms(end)] for begin, end in calendar.spans]
    return written("calendar", vars(calendar) | {"updated_at": to_text(calendar.updated_at), "spans": pairs})


def task_line(task: Task) -> bytes:
    """A task, without what only its own stage needs: which schedule it had before."""
    return written(
        "task",
        {
            "id": task.id,
            "owner": task.owner,
            "shard": task.shard,
            "version": task.version,
            "created_at": to_text(task.created_at),
            "updated_at": to_text(task.updated_at),
            "pause_reason": task.pause_reason,
            "definition": definitions.to_record(task.definition),
        },
    )


def user_of(data: Any) -> User:
    """The user of a line."""
    _check(_with_instants(data, UserLine, "created_at"))
    if data["id"] == INSTALLATION:
        raise Refused(f"/id {INSTALLATION} is no account's: the stage keeps its own things under it")
    return User(**data | {"role": Role(data["role"]), "created_at": from_text(data["created_at"])})


def calendar_of(data: Any) -> Calendar:
    """The calendar of a line."""
    _check(_with_instants(data, CalendarLine, "updated_at"))
    pairs = [number for pair in data["spans"] for number in pair]
    found = _made(lambda: tuple((from_ms(begin), from_ms(end)) for begin, end in data["spans"]))
    if pairs != sorted(pairs):
        raise Refused("/spans must be in order and apart")
    return Calendar(owner=data["owner"], name=data["name"], spans=found, updated_at=from_text(data["updated_at"]))


def task_of(data: Any, now: datetime) -> Task:
    """The task of a line, as it begins in another stage: its due times are owed from now on."""
    _check(_with_instants(data, TaskLine, "created_at", "updated_at"))
    definition = _made(lambda: definitions.from_record(data["definition"]))
    document = _made(lambda: definitions.to_json(definition))
    wrong = (error for error in task_errors(document, ANY_STAGE) if error.code not in KNOWN_BY_THE_STAGE)
    _check(wrong, below="/definition")
    task = Task(
        id=data["id"],
        owner=data["owner"],
        shard=data["shard"],
        version=data["version"],
        definition=definition,
        created_at=from_text(data["created_at"]),
        updated_at=from_text(data["updated_at"]),
        changed_at=now,
        pause_reason=data.get("pause_reason", ""),
    )
    _made(lambda: first_entry(task, now))
    return task


def _made(make: Callable[[], T]) -> T:
    try:
        return make()
    except Invalid as error:
        raise Refused(_sentence(list(error.errors), "/definition/schedule")) from error
    except UNREADABLE as error:
        raise Refused(f"cannot be understood ({type(error).__name__}: {str(error)[:100]})") from error


def _with_instants(data: Any, shape: type[Struct], *names: str) -> Iterator[FieldError]:
    wrong = list(errors_in(data, shape))
    yield from wrong
    if not wrong:
        for name in names:
            yield from instant_errors(data[name], f"/{name}")


def _check(errors: Iterator[FieldError], below: str = "") -> None:
    try:
        found = list(errors)
    except UNREADABLE as error:
        raise Refused(f"cannot be understood ({type(error).__name__})") from error
    if found:
        raise Refused(_sentence(found, below))


def _sentence(errors: list[FieldError], below: str) -> str:
    told = [f"{below}{error.pointer} {error.detail}" for error in errors[:SHOWN]]
    more = len(errors) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def counts_of(data: Any) -> Counts:
    """The counts that a page or the last line says; `Refused` where it does not."""
    names = Counts().__dict__.keys()
    if not isinstance(data, Mapping) or set(data) - set(names) or any(type(x) is not int for x in data.values()):
        raise Refused("does not say how many things there are")
    return Counts(**data)
