"""Real botocore clients, made once for all stories; whoever is being told answers them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from bench.accounting.sqs.queues import Queue, url_of
from chalicelib.adapters.sqs import SqsQueue
from tests.faults.aws import Aws

UNSIGNED_CONFIG = Config(signature_version=UNSIGNED)
"""Nobody checks signatures here, and making them takes a tenth of every call."""


class WarmQueue(SqsQueue):
    """The queues of a process that has sent before: it knows their addresses, and nobody else waits for its look."""

    def _url(self, queue: str) -> str:
        return url_of(Queue(self._settings.queue(queue), {}))


class Shared:
    """A session whose clients are made once for all stories: making one costs as much as a hundred calls."""

    def create_client(self, service: str, config: Any) -> Any:
        if service not in _clients:
            session = botocore.session.Session()
            session.set_credentials("testing", "testing")
            session.set_config_variable("region", "us-east-1")
            session.get_component("event_emitter").register_first("before-send", _serve)
            _clients[service] = session.create_client(service, config=config.merge(UNSIGNED_CONFIG))
        return _clients[service]


@contextmanager
def served_by(aws: Aws) -> Iterator[None]:
    """Let an AWS answer all of them."""
    _serving.append(aws)
    try:
        yield
    finally:
        _serving.remove(aws)


_clients: dict[str, Any] = {}
_serving: list[Aws] = []


def _serve(request: AWSPreparedRequest, event_name: str, **more: Any) -> AWSResponse:
    return _serving[-1].serve(request, event_name, **more)
