"""Delivers the messages of a queue to its function, as Lambda's event source mapping does.

Up to ten messages a batch, several batches at once. What the function has handled is deleted; what it names in
`batchItemFailures`, all of a batch where it raises, outlives its timeout or answers nonsense, is left to come back
when its visibility ends. Moving what fails for good to the dead-letter queue is the queue's own work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.logs import log
from infra.local.standins import events
from infra.local.standins.lambdas import Subscription

MOST_BATCHES = 32
"""Batches of one queue in flight at once. A worker holds its batch until the messages are due, about a second."""
LONG_POLL_SECONDS = 1
"""How long one receive waits for a message, and so how long stopping takes at most."""
PAUSE_SECONDS = 1.0
"""Before the next receive, after one that failed."""

Message = Mapping[str, Any]


class EventSource:
    """One queue's delivery."""

    def __init__(self, sqs: Any, subscription: Subscription) -> None:
        self.subscription = subscription
        self.failures = 0
        self._sqs = sqs
        self._url = sqs.get_queue_url(QueueName=subscription.queue)["QueueUrl"]
        asked = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        self._arn: str = asked["Attributes"]["QueueArn"]
        self._free = min(subscription.concurrency or MOST_BATCHES, MOST_BATCHES)
        self._in_flight = 0
        self._polling = False
        self._turn = threading.Condition()

    def poll(self, stop: threading.Event) -> None:
        """Delivers what comes until told to stop. Batches in flight are not waited for."""
        self._polling = True
        while not stop.is_set():
            if self._take_slot(timeout=LONG_POLL_SECONDS):
                self._hand_over(self._receive_or_pause(stop))
        with self._turn:
            self._polling = False
            self._turn.notify_all()

    def drain(self) -> None:
        """Delivers what is waiting, and returns when nothing is and every batch has been handled."""
        while True:
            self._take_slot()
            messages = self._receive(0)
            self._hand_over(messages)
            if not messages and self.wait(None):
                return

    def wait(self, seconds: float | None) -> bool:
        """Waits until nothing polls and no batch is in flight; False when that takes more than so many seconds."""
        with self._turn:
            return self._turn.wait_for(lambda: self._in_flight == 0 and not self._polling, seconds)

    def _take_slot(self, timeout: float | None = None) -> bool:
        with self._turn:
            if not self._turn.wait_for(lambda: self._free > 0, timeout):
                return False
            self._free -= 1
            return True

    def _receive_or_pause(self, stop: threading.Event) -> Sequence[Message]:
        try:
            return self._receive(LONG_POLL_SECONDS)
        except (BotoCoreError, ClientError) as error:
            log("receive_failed", logging.WARNING, queue=self.subscription.queue, error=str(error))
        stop.wait(PAUSE_SECONDS)
        return []

    def _receive(self, wait_seconds: int) -> Sequence[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(self.subscription.batch_size, 10),
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: Sequence[Message] = answer.get("Messages", [])
        return messages

    def _hand_over(self, messages: Sequence[Message]) -> None:
        """Handles a batch in a thread of its own, which gives the slot back."""
        if not messages:
            self._give_slot_back()
            return
        with self._turn:
            self._in_flight += 1
        threading.Thread(target=self._handle, args=(messages,), name=self.subscription.queue, daemon=True).start()

    def _handle(self, messages: Sequence[Message]) -> None:
        try:
            failed = self._invoke(messages)
            self._delete([m for m in messages if m["MessageId"] not in failed])
        finally:
            with self._turn:
                self._in_flight -= 1
            self._give_slot_back()

    def _give_slot_back(self) -> None:
        with self._turn:
            self._free += 1
            self._turn.notify_all()

    def _invoke(self, messages: Sequence[Message]) -> set[str]:
        """The ids of the messages that the function did not handle."""
        function = self.subscription.function
        ids = {m["MessageId"] for m in messages}
        started = time.monotonic()
        try:
            answer = function(events.batch(messages, self._arn))
        except (Exception, SystemExit) as error:
            self.failures += 1
            log("function_failed", logging.ERROR, failure=error, function=function.name, messages=sorted(ids))
            return ids
        if time.monotonic() - started > function.timeout.total_seconds():
            self.failures += 1
            log("function_outlived_its_timeout", logging.ERROR, function=function.name, messages=sorted(ids))
            return ids
        return failed_ids(answer, ids)

    def _delete(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
        try:
            refused = self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries).get("Failed", [])
        except (BotoCoreError, ClientError) as error:
            refused = [str(error)]
        if refused:  # they come back, and their runs are found to have been performed
            log("delete_failed", logging.WARNING, queue=self.subscription.queue, refused=refused)


def failed_ids(answer: Any, ids: set[str]) -> set[str]:
    """What a function's answer says it did not handle, read as Lambda reads it: nonsense is the whole batch.

    >>> sorted(failed_ids({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a", "b"}))
    ['a']
    >>> failed_ids(None, {"a", "b"})
    set()
    >>> sorted(failed_ids({"batchItemFailures": [{"itemIdentifier": "no such"}]}, {"a", "b"}))
    ['a', 'b']
    """
    named = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not named:
        return set()
    try:
        failed = {entry["itemIdentifier"] for entry in named}
    except (TypeError, KeyError):
        return ids
    return failed if failed <= ids else ids
