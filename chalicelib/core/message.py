"""Messages: what travels over SQS. A message is an agenda entry on its way, with what a claim needs to record a run.
Several that start in the same second travel as one, a pack: what they have in common is said once.

Anything may arrive: what is not exactly a message is `Unreadable`, with a sentence that says why. What
can be read can also be recorded: its ids are keys that a store takes, its times lie within those of the contract.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.errors import NewerSchema, PunctualError
from chalicelib.core.instant import EPOCH, LATEST, from_ms, to_ms
from chalicelib.core.task import Channel, Priority
from chalicelib.core.window import Entry, Kind

FORMAT = 1
"""Raised when the meaning of a field changes; messages are kept up to 14 days, so readers keep knowing old ones."""
PACK_FORMAT = 2
"""Of a pack. Who knows only single messages must not take it for one: such a worker leaves it for those that can."""
LARGEST_PACK = 100
"""Runs of a pack that is read. Many times as many as are sent: a later version may have reason to send more."""
LATEST_FORMAT = 999
"""A number beyond this is none that a later version will have come to."""
MOST_SHARDS = 1000
"""As many as the setting takes. A shard beyond them has no tasks, and never had."""
MOST_ATTEMPTS = 1_000_000
"""A policy has twenty at most; an owner who asks again and again may have more, but not as many as this."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)
"""Ids of tasks and owners: one with a `#` would break an entry's key, an empty or endless one no store would take."""
_PACK = '"runs"'
"""In every pack, and in hardly anything else."""
_SHOWN = 60
"""Characters of a wrong value that a log line shows."""


PASSES = "passes"
"""The queue of the dispatchers. That of a run is its channel's."""
QUEUES = (PASSES, *map(str, Channel))


def dead(queue: str) -> str:
    """The queue of what no function of a queue could handle.

    >>> dead(PASSES)
    'passes-dead'
    """
    return f"{queue}-dead"


class Unreadable(PunctualError):
    """A message body that is not one of ours."""

    code = "unreadable_message"


@dataclass(frozen=True, kw_only=True)
class RunMessage:
    """Asks a worker to start an attempt at `entry.start`. Owner and name are what the run's record shows until the
    worker has read the task. What is never in the body: `priority`, which says what goes before what on the way,
    `dispatched_at`, which is what the queue says when it delivers it, and whether it came `packed` with others."""

    entry: Entry
    owner: str
    task_name: str
    channel: Channel
    priority: Priority = Priority.NORMAL
    dispatched_at: datetime | None = None
    packed: bool = False

    @property
    def group(self) -> str:
        """In whose name it is sent. What has another priority than normal is not held back by its owner's own crowd.

        >>> at = datetime(2026, 1, 1)
        >>> entry = Entry(start=at, task_id="a", kind=Kind.SCHEDULE, due_at=at)
        >>> [RunMessage(entry=entry, owner="ann", task_name="", channel=Channel.LIGHT, priority=one).group
        ...  for one in Priority]
        ['ann!high', 'ann', 'ann!low']
        """
        return self.owner if self.priority is Priority.NORMAL else f"{self.owner}!{self.priority}"


@dataclass(frozen=True, kw_only=True)
class PassMessage:
    """Asks a dispatcher to handle what is near in one shard, after a delay in seconds."""

    shard: int
    delay: int = 0


def encode_run(message: RunMessage) -> str:
    """The body of a run's message."""
    return _json({"v": FORMAT} | _described(message))


def encode_pack(messages: Sequence[RunMessage]) -> str:
    """The body of one message for several runs; of one run, its own."""
    if len(messages) == 1:
        return encode_run(messages[0])
    described = [_described(message) for message in messages]
    alike = {field: value for field, value in described[0].items() if all(other[field] == value for other in described)}
    runs = [{field: value for field, value in one.items() if field not in alike} for one in described]
    return _json({"v": PACK_FORMAT} | alike | {"runs": runs})


def parts(body: str) -> list[str]:
    """The bodies of the single messages that a pack stands for, in their order. Whatever is no pack stands for itself;
    one of a pack's that cannot be read keeps nobody from reading the others.

    >>> parts('{"v":2,"owner":"ann","runs":[{"task":"a"},{"task":"b"}]}')
    ['{"v":1,"owner":"ann","task":"a"}', '{"v":1,"owner":"ann","task":"b"}']
    >>> parts("hello")
    ['hello']
    """
    if _PACK not in body:  # most messages are single ones, and are read only once
        return [body]
    try:
        pack = json.loads(body)
    except (ValueError, RecursionError):
        return [body]
    if not isinstance(pack, dict) or type(pack.get("v")) is not int or pack["v"] != PACK_FORMAT:
        return [body]
    runs = pack.pop("runs", None)
    if not isinstance(runs, list) or not 0 < len(runs) <= LARGEST_PACK:
        return [body]
    pack["v"] = FORMAT
    return [_json(pack | run if isinstance(run, dict) else run) for run in runs]


def _described(message: RunMessage) -> dict[str, Any]:
    entry = message.entry
    return {
        "task": entry.task_id,
        "kind": str(entry.kind),
        "due": to_ms(entry.due_at),
        "start": to_ms(entry.start),
        "n": entry.number,
        "owner": message.owner,
        "name": message.task_name,
    }


def _json(body: object) -> str:
    return json.dumps(body, separators=(",", ":"))


def decode_run(body: str, channel: Channel) -> RunMessage:
    """The message that a body holds, from the queue of a channel; `Unreadable` for anything else, `NewerSchema` for
    one of a newer version.

    A field that is not known is left alone: a later version may have more to say.
    """
    data = _fields(body, known=PACK_FORMAT)
    entry = Entry(
        start=_instant(data, "start"),
        task_id=_id(data, "task"),
        kind=_kind(data),
        due_at=_instant(data, "due"),
        number=_whole(data, "n", 1, MOST_ATTEMPTS),
    )
    if entry.kind is Kind.SCHEDULE and entry.start < entry.due_at:
        raise Unreadable("`start` lies before `due`: nothing starts early")
    owner = "" if data.get("owner") == "" else _id(data, "owner")  # nobody's: the task was gone when it was sent
    return RunMessage(entry=entry, owner=owner, task_name=_name(data), channel=channel)


def encode_pass(message: PassMessage) -> str:
    """The body of a pass's message."""
    return _json({"v": FORMAT, "shard": message.shard})


def decode_pass(body: str) -> PassMessage:
    """The pass that a body asks for; `Unreadable` for anything else."""
    return PassMessage(shard=_whole(_fields(body), "shard", 0, MOST_SHARDS - 1))


def _fields(body: str, known: int = FORMAT) -> Mapping[str, Any]:
    """The object that a body holds, of a format that is known here; one of the formats `known` is newer than none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {_shown(error)}") from error
    if not isinstance(data, dict) or "v" not in data:
        raise Unreadable("not a message: an object with a format `v` is one")
    if type(data["v"]) is int and known < data["v"] <= LATEST_FORMAT:
        raise NewerSchema("this message", number=data["v"], known=known)
    if type(data["v"]) is not int or data["v"] != FORMAT:
        raise Unreadable(f"format {_shown(data['v'])} is not known here, or not as a single message")
    return data


def _whole(data: Mapping[str, Any], field: str, low: int, high: int) -> int:
    """A whole number within bounds: True is none, nor is 1.0."""
    value = data.get(field)
    if type(value) is not int or not low <= value <= high:
        raise Unreadable(f"`{field}` is no whole number from {low} to {high}: {_shown(value)}")
    return value


def _instant(data: Mapping[str, Any], field: str) -> datetime:
    return from_ms(_whole(data, field, to_ms(EPOCH), to_ms(LATEST)))


def _kind(data: Mapping[str, Any]) -> Kind:
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in list(Kind):
        raise Unreadable(f"`kind` is none that is known here: {_shown(kind)}")
    return Kind(kind)


def _id(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise Unreadable(f"`{field}` is no id: {_shown(value)}")
    return value


def _name(data: Mapping[str, Any]) -> str:
    """Any text that can be written down, which half of a surrogate pair cannot. No message is too large for a run."""
    name = data.get("name")
    if not isinstance(name, str) or name != name.encode("utf-8", "replace").decode():
        raise Unreadable(f"`name` is no text: {_shown(name)}")
    return name


def _shown(value: object) -> str:
    """A value as a log line can show it: short, and in one piece whatever it is.

    >>> _shown("x" * 100) == "'" + "x" * 59 + "…"
    True
    """
    if isinstance(value, (dict, list)):
        return f"{type(value).__name__} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > _SHOWN:
        return "a number of many digits"
    text = str(value) if isinstance(value, BaseException) else ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
