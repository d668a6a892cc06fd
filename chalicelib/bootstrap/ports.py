"""What every part stands on: a stage's settings, and the ports of the engine."""

from __future__ import annotations

import os
from dataclasses import dataclass

import botocore.session
from botocore.session import Session

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.bootstrap.once import Once
from chalicelib.ports import Clock, Queue, Secrets, Store
from chalicelib.settings import Settings, from_environment


@dataclass(frozen=True, kw_only=True)
class Ports:
    """A stage's settings, and what its parts use of the world."""

    settings: Settings
    store: Store
    queue: Queue
    clock: Clock
    secrets: Secrets


def over_aws(settings: Settings, session: Session) -> Ports:
    """The ports of a stage over DynamoDB, SQS and Parameter Store. Nothing is asked of AWS yet."""
    return Ports(
        settings=settings,
        store=DynamoStore(settings, session=session),
        queue=SqsQueue(settings, session=session),
        clock=SystemClock(),
        secrets=SsmSecrets(settings, session=session),
    )


session: Once[Session] = Once(botocore.session.get_session)
"""One for all clients of this process: it keeps the descriptions of the services it has read."""
deployed = Once(lambda: over_aws(from_environment(os.environ), session()))
"""The ports of the stage that the environment names."""
