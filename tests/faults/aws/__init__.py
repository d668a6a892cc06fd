"""The AWS of a story: its tables and queues, as a hook in front of them sees each request.

Two of them: the accounting stub, which is quick, and moto, which somebody else wrote. Instants of queues are seconds
since 1970, by the story's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from bench.accounting.wire import Answer, Request
from infra import resources

Item = dict[str, Any]
Perform = Callable[[Request], Answer]
Hook = Callable[[Request, Perform], Answer]
Clock = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Received:
    """A message that was handed out: for the how manieth time, and until when nobody else is given it."""

    id: str
    body: str
    times: int
    handle: str
    visible_at: float


class Aws(Protocol):
    """Tables and queues. Queues are called by their full names."""

    def prepare(self, patched: pytest.MonkeyPatch) -> None:
        """Do what has to be done for as long as a story is told."""

    def serve(self, request: AWSPreparedRequest, event_name: str, **more: Any) -> AWSResponse:
        """Answer a request of botocore's; the hook sees it first."""

    def items(self, table: str) -> list[Item]:
        """Every item of a table, without a call."""

    def receive(self, queue: str, most: int) -> list[Received]:
        """Hand out messages that are visible."""

    def ready(self, queue: str) -> bool:
        """Whether there may be another message to receive at this instant."""

    def remove(self, queue: str, handle: str) -> None:
        """Delete a message that was received."""

    def hide(self, queue: str, message: Received, until: float) -> None:
        """Let nobody receive a message before an instant."""

    def copy(self, queue: str, message: Received, visible_at: float) -> None:
        """Add a second one of a message, which nobody has received yet."""

    def count(self, queue: str) -> int:
        """How many messages a queue has, visible or not."""


class MakeAws(Protocol):
    """Something that makes an empty AWS with the tables and queues of a stage."""

    def __call__(self, stage: str, clock: Clock, hook: Hook) -> Aws: ...


@cache
def declared(stage: str) -> resources.Resources:
    """The tables and queues of a stage."""
    return resources.load(stage)


def queue_name(stage: str, policy: dict[str, Any]) -> str:
    """The name of the dead-letter queue that a redrive policy refers to."""
    logical_id, _ = policy["deadLetterTargetArn"]["Fn::GetAtt"]
    name: str = declared(stage)[logical_id]["Properties"]["QueueName"]
    return name
