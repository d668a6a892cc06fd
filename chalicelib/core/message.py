"""Messages: what travels over SQS. A message is an agenda entry on its way, with what a claim needs to record a run."""

from __future__ import annotations

import json
from dataclasses import dataclass

from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.task import Channel
from chalicelib.core.window import Entry, Kind

FORMAT = 1
"""Raised when the meaning of a field changes; messages are kept up to 14 days, so readers keep knowing old ones."""


class Unreadable(PunctualError):
    """A message body that is not one of ours, or of a format that this version does not know."""

    code = "unreadable_message"


@dataclass(frozen=True, kw_only=True)
class RunMessage:
    """Asks a worker to start an attempt at `entry.start`. Owner and name are what the run's record shows until the
    worker has read the task."""

    entry: Entry
    owner: str
    task_name: str
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class PassMessage:
    """Asks a dispatcher to handle what is near in one shard, after a delay in seconds."""

    shard: int
    delay: int = 0


def encode_run(message: RunMessage) -> str:
    """The body of a run's message."""
    entry = message.entry
    body = {
        "v": FORMAT,
        "task": entry.task_id,
        "kind": str(entry.kind),
        "due": to_ms(entry.due_at),
        "start": to_ms(entry.start),
        "n": entry.number,
        "owner": message.owner,
        "name": message.task_name,
    }
    return json.dumps(body, separators=(",", ":"))


def decode_run(body: str, channel: Channel) -> RunMessage:
    """The message that a body holds, from the queue of a channel; `Unreadable` for anything else."""
    try:
        data = json.loads(body)
        if data["v"] != FORMAT:
            raise Unreadable(f"format {data['v']!r} is not known here")
        entry = Entry(
            start=from_ms(data["start"]),
            task_id=data["task"] + "",
            kind=Kind(data["kind"]),
            due_at=from_ms(data["due"]),
            number=data["n"] + 0,
        )
        return RunMessage(entry=entry, owner=data["owner"] + "", task_name=data["name"] + "", channel=channel)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Unreadable("not a run message") from error


def encode_pass(message: PassMessage) -> str:
    """The body of a pass's message."""
    return json.dumps({"v": FORMAT, "shard": message.shard}, separators=(",", ":"))


def decode_pass(body: str) -> PassMessage:
    """The pass that a body asks for; `Unreadable` for anything else."""
    try:
        data = json.loads(body)
        if data["v"] != FORMAT:
            raise Unreadable(f"format {data['v']!r} is not known here")
        return PassMessage(shard=data["shard"] + 0)
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("not a pass message") from error
