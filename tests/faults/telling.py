"""Telling a story: the clients, their pauses and the randomness of ids are its own for as long as it is told."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import botocore.retries.quota
import pytest

import chalicelib.adapters.aws
import chalicelib.engine.alerts.telling
import chalicelib.engine.deliveries
import chalicelib.engine.requests.ids
from chalicelib.engine import dispatcher
from tests.faults.clients import served_by
from tests.faults.story import ANN, Story


@contextmanager
def told(monkeypatch: pytest.MonkeyPatch, story: Story) -> Iterator[Story]:
    """Let a story have the clients, the pauses between their tries and the randomness of ids for itself."""

    def sleep(seconds: float) -> None:
        if seconds > 0 and story.timeline.current is not None:
            story.pause(seconds)

    with monkeypatch.context() as patched:
        patched.setattr(
            botocore.retries.quota.RetryQuota, "acquire", lambda *_: True
        )  # it is the clients', not a story's
        patched.setattr(dispatcher, "PAGE", story.page)
        patched.setattr(dispatcher, "PASS_LIMIT", story.pass_limit)
        patched.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=sleep))
        patched.setattr(chalicelib.engine.requests.ids, "os", SimpleNamespace(urandom=story.ids.randbytes))
        for module in (chalicelib.adapters.aws, chalicelib.engine.deliveries, chalicelib.engine.alerts.telling):
            patched.setattr(module, "ThreadPoolExecutor", _OneAfterTheOther)
        random.seed(story.chance.seed)
        story.aws.prepare(patched)
        with served_by(story.aws):
            story.store.create_user(ANN)  # a worker asks what the owner of a command may do
            try:
                yield story
            finally:
                story.timeline.end()


class _OneAfterTheOther:
    """A pool whose threads would make the order of calls a matter of luck: here each is done when it is handed in."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __enter__(self) -> _OneAfterTheOther:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, do: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(do(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def map(self, do: Callable[..., Any], items: Any) -> Iterator[Any]:
        return map(do, items)
