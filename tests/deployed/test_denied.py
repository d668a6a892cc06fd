"""Where a statement is missing: AWS refuses, the message comes to the dead-letter queue, and its run is recorded.

So it also shows that the roles of the other stage are what lets its functions do their work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deployed.conftest import Deploy, without
from tests.deployed.installation import Installation
from tests.e2e.person import HELLO, eventually, in_, registered


@pytest.fixture(scope="module")
def stage(deploy: Deploy, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A stage whose urgent worker may not claim."""
    less = without(package, tmp_path_factory.mktemp("less"), "UrgentRole", "ClaimAndFinish")
    return deploy("less", less)


def shorten(stage: Installation, queue: str) -> None:
    """Let what failed come back after a second, so that nobody waits for a quarter of an hour."""
    sqs = stage.emulator.client("sqs")
    sqs.set_queue_attributes(QueueUrl=_url(sqs, stage, queue), Attributes={"VisibilityTimeout": "1"})


def test_a_message_that_always_fails_comes_to_the_dead_letter_queue_and_ends_its_run(stage: Installation) -> None:
    shorten(stage, "urgent")
    ann = registered(stage)
    task = ann.create("refused", HELLO, {"type": "once", "at": in_(2)}, priority="high")
    other = ann.create("not refused", HELLO, {"type": "once", "at": in_(2)})
    letter = eventually(lambda: _letter(stage))
    assert task in letter["Body"]
    assert eventually(lambda: _refused(stage, "urgent"))
    assert stage.fire("auditor") is None
    [run] = ann.ended(task)
    assert (run["status"], run["error"]["code"]) == ("lost", "dead_letter")
    assert [run["status"] for run in ann.ended(other)] == ["succeeded"]
    assert stage.logged("auditor", "audit_found")


def _refused(stage: Installation, name: str) -> list[str] | None:
    """What a function has logged of refusals; it may still be at the message that has left its queue."""
    return [line["message"] for line in stage.lines(name) if "AccessDenied" in line["message"]] or None


def _letter(stage: Installation) -> dict[str, Any] | None:
    """A message of the dead-letter queue, which stays there."""
    sqs = stage.emulator.client("sqs")
    answer = sqs.receive_message(QueueUrl=_url(sqs, stage, "urgent-dead"), VisibilityTimeout=0)
    return next(iter(answer.get("Messages", ())), None)


def _url(sqs: Any, stage: Installation, queue: str) -> str:
    return str(sqs.get_queue_url(QueueName=f"punctual-{stage.stage}-{queue}")["QueueUrl"])
