"""Converting: schedules and rules of EventBridge as tasks that call AWS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from punctual_cli.importing.eventbridge.reading import Scheduled
from punctual_cli.importing.eventbridge.schedules import schedule_of
from punctual_cli.importing.eventbridge.targets import action_of
from punctual_cli.importing.found import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    Impossible,
    Old,
    Source,
    key_of,
    one_line,
    told_apart,
)

KIND = "eventbridge"
DEFAULT_GROUP = "default"
LONGEST_TAG = 50
MOST_ATTEMPTS = 20
AWS_RETRIES, AWS_MAX_AGE = 185, 86_400
"""AWS's own, where a schedule says nothing: retries, and seconds."""
OF_ALL = (
    "Calls are made by the workers: AWS_ACTIONS_ALLOWED has to list each operation, and their role to allow it.",
    "AWS tries a delivery up to 185 times in a day; here a run has 20 attempts at most, further and further apart.",
    "A rate counts from StartDate, else from when the task is made; AWS counts from when the schedule was made.",
)
REMEDIES: Mapping[str, str] = {
    "operation_not_allowed": "deploy with it in AWS_ACTIONS_ALLOWED, and give the workers' role leave for it",
}


def eventbridge_source(found: Iterable[Scheduled]) -> Source:
    """What EventBridge runs."""
    return Source(set_name=KIND, olds=told_apart(map(_old, found)), notes=OF_ALL, remedies=REMEDIES)


def _old(one: Scheduled) -> Old:
    said, target = one.said, one.target or {}
    group = str(said.get("GroupName") or DEFAULT_GROUP)
    arn = str(target.get("Arn", ""))
    known: dict[str, Any] = {
        "key": key_of(str(said.get("Arn") or one.name), *([str(target["Id"])] if "Id" in target else [])),
        "where": f"rule {one.name}" if one.rule else f"schedule {group}/{one.name}",
        "when": _when(said),
        "what": one_line(f"{one.name}: {arn}" if arn else one.name, LONGEST_NAME),
        "off": said.get("State") == "DISABLED",
    }
    try:
        definition, notes = _converted(one, group)
    except Impossible as error:
        return Old(**known, refusal=str(error))
    return Old(**known, definition=definition, notes=tuple(notes))


def _when(said: Mapping[str, Any]) -> str:
    parts = [said.get("ScheduleExpression"), said.get("ScheduleExpressionTimezone")]
    return " ".join(str(part) for part in parts if part)


def _converted(one: Scheduled, group: str) -> tuple[dict[str, Any], list[str]]:
    said = one.said
    schedule, notes = schedule_of(said, rule=one.rule)
    action, others = action_of(one.target, rule=one.rule)
    retry, capped = _retry((one.target or {}).get("RetryPolicy"))
    several = one.rule and len(said.get("Targets") or ()) > 1
    name = f"{one.name} {(one.target or {}).get('Id', '')}" if several else one.name
    definition = {"name": one_line(name, LONGEST_NAME), "action": action, "schedule": schedule, "retry": retry}
    described = one_line(str(said.get("Description") or ""), LONGEST_DESCRIPTION)
    definition |= {"description": described} if described else {}
    definition |= {"tags": [one_line(f"group:{group}", LONGEST_TAG)]} if group != DEFAULT_GROUP and not one.rule else {}
    if said.get("ActionAfterCompletion") == "DELETE":
        notes.append("deleted itself when it had run its course; here it stays, as completed")
    return definition, notes + others + capped


def _retry(policy: Any) -> tuple[dict[str, Any], list[str]]:
    """AWS's retries as attempts. Nothing is said of AWS's own default, which all have."""
    given = policy if isinstance(policy, Mapping) else {}
    retries = given.get("MaximumRetryAttempts", AWS_RETRIES)
    age = given.get("MaximumEventAgeInSeconds", AWS_MAX_AGE)
    attempts = min(int(retries) + 1, MOST_ATTEMPTS) if isinstance(retries, int) else MOST_ATTEMPTS
    retry: dict[str, Any] = {"max_attempts": attempts}
    if attempts > 1:
        retry |= {"backoff": "exponential", "max_age_seconds": age}
    cut = isinstance(retries, int) and MOST_ATTEMPTS <= retries < AWS_RETRIES
    return retry, [f"its {retries} retries become {MOST_ATTEMPTS} attempts, the most there are"] if cut else []
