"""Schedules of EventBridge, as the AWS command line prints them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from punctual_cli.importing.eventbridge.converting import eventbridge_source
from punctual_cli.importing.eventbridge.reading import scheduled
from punctual_cli.importing.found import Old

FILES = Path(__file__).parent / "files"
LAMBDA = {"Arn": "arn:aws:lambda:eu-west-1:123456789012:function:f"}
ARN = "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/s"


def olds(text: str) -> list[Old]:
    return list(eventbridge_source(scheduled(text, "f.json")).olds)


def schedule(target: Any = LAMBDA, **changes: Any) -> Old:
    """A schedule as `get-schedule` prints it, with some of it changed."""
    said = {
        "Arn": ARN,
        "Name": "s",
        "GroupName": "default",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ScheduleExpression": "rate(1 hour)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        "Target": target,
    } | changes
    (old,) = olds(json.dumps({name: value for name, value in said.items() if value is not None}))
    return old


def definition(old: Old) -> dict[str, Any]:
    assert old.definition is not None, old.refusal
    return dict(old.definition)
