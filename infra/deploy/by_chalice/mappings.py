"""How queues are read: a failed message comes back alone, and no queue takes all there is.

Chalice has no word for the first. Without it what a function returns is ignored and failed messages are deleted, so it
is looked at again after it was set.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from infra.deploy.account import Account, Failed

FAILED_ALONE = "ReportBatchItemFailures"
QUEUES = ("passes", "light", "urgent", "commands")
TRIES, PAUSE = 60, 2.0
"""Looks, and seconds between them: a mapping takes up to a minute to be as it was told."""


def finish_mappings(account: Account, state: list[dict[str, Any]], at_once: Mapping[str, int]) -> None:
    """Set how each queue of what Chalice deployed is read, and see to it that it is so."""
    mappings = {str(each["queue"]).rpartition("-")[2]: each for each in state if each["resource_type"] == "sqs_event"}
    if set(mappings) != set(QUEUES):
        raise Failed(f"Chalice deployed mappings for {', '.join(sorted(mappings))}, not for {', '.join(QUEUES)}.")
    for queue, each in mappings.items():
        wanted: dict[str, Any] = {
            "FunctionResponseTypes": [FAILED_ALONE],
            "ScalingConfig": {"MaximumConcurrency": at_once[queue.title()]},
        }
        if f"{queue.title()}Batch" in at_once:
            wanted["BatchSize"] = at_once[f"{queue.title()}Batch"]
        finish_mapping(account.client("lambda"), each["event_uuid"], wanted)


def finish_mapping(functions: Any, uuid: str, wanted: Mapping[str, Any]) -> None:
    """Set how one queue is read, unless it is so; `Failed` where it does not become so."""
    if _is_so(functions.get_event_source_mapping(UUID=uuid), wanted):
        return
    functions.update_event_source_mapping(UUID=uuid, **wanted)
    for _ in range(TRIES):
        found = functions.get_event_source_mapping(UUID=uuid)
        if _is_so(found, wanted):
            return
        time.sleep(PAUSE)
    different = ", ".join(f"{name} is {found.get(name)}" for name in wanted if found.get(name) != wanted[name])
    raise Failed(
        f"The mapping {uuid} is {found.get('State')} and not as it was told ({different or 'but for that'}): "
        "failed messages may be lost; say `after` again."
    )


def _is_so(mapping: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return mapping.get("State") == "Enabled" and all(mapping.get(name) == value for name, value in wanted.items())
