"""What is around the functions: the caller's account, its clock and its quotas, the stacks."""

from __future__ import annotations

import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from infra.deploy.stacks import route
from infra.deploy.stacks.stack import NEW, Stack
from infra.doctor.installation import QUEUES, Ill, Installation

CLOCKS_MAY_DIFFER = timedelta(seconds=5)
"""What the protocol stands between any two of its functions. AWS refuses requests from five minutes on."""
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
POLLS, POLL_SECONDS = 60, 5.0
"""Looks, and the time between them, at a search for drift."""


def credentials(there: Installation) -> str:
    """Whose account it is."""
    caller = there.account.client("sts").get_caller_identity()["Arn"]
    return f"account {there.account.id}, region {there.account.region}, as {caller.rpartition(':')[2]}"


def clock(there: Installation) -> str:
    """The clock of this machine: what is read off it here is compared with what functions wrote."""
    asked = there.now()
    headers = there.account.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    if "date" not in headers:
        return "AWS does not say what time it is"
    off = abs(parsedate_to_datetime(headers["date"]) - asked)
    if off > CLOCKS_MAY_DIFFER + timedelta(seconds=1):  # the header has whole seconds
        raise Ill(f"This machine's clock is {off.total_seconds():.0f} s off AWS's: let it follow a time server (NTP).")
    return "this machine's clock is right"


def quotas(there: Installation) -> str:
    """What all queues and the sandboxes of commands may ask for at once, and what the account may run at once."""
    allowed: int = there.account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    read = {name: there.mappings(name) for name in QUEUES.values()}
    asked = sum(_most(mapping) for found in read.values() for mapping in found)
    asked += sum(_most(mapping) * mapping["BatchSize"] for mapping in read["commands"])  # a sandbox for each command
    if asked > allowed:
        raise Ill(
            f"Queues and sandboxes may ask for {asked} functions at once and this account runs {allowed} at most: "
            "choose a lower Concurrency for the stage, or have the quota 'Concurrent executions' of Lambda raised."
        )
    return f"queues and sandboxes may ask for {asked} functions at once, the account runs {allowed}"


def _most(mapping: dict[str, Any]) -> int:
    return int(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0))


def data_stack(there: Installation) -> str:
    """The stack of the tables and queues."""
    return _state(route.data_stack(there.account, there.chosen), f"say make deploy STAGE={there.stage}")


def app_stack(there: Installation) -> str:
    """The stack of the functions, where CloudFormation deployed them."""
    if there.by_chalice:
        return "chalice deploy made the functions, there is no stack of them"
    return _state(there.app_stack, there.again)


def _state(stack: Stack, remedy: str) -> str:
    found = stack.described()
    if found is None or found["StackStatus"] == NEW:
        raise Ill(f"The stack {stack.name} is not there: {remedy}.")
    if found["StackStatus"] not in GOOD:
        raise Ill(f"The stack {stack.name} is in {found['StackStatus']}: look at its events, then {remedy}.")
    drift = found.get("DriftInformation", {})
    if drift.get("StackDriftStatus") == "DRIFTED":
        raise Ill(_drifted(stack.name, remedy))
    return f"{stack.name} is in {found['StackStatus']}, {_last_looked(drift)}"


def _last_looked(drift: dict[str, Any]) -> str:
    """What is known of drift: that there was none, and when that was."""
    if drift.get("StackDriftStatus") != "IN_SYNC":
        return "whether it drifted was not asked: --drift"
    when = drift.get("LastCheckTimestamp")
    return "it had not drifted when that was last asked" + (f", {when:%Y-%m-%d}" if when else "")


def look_for_drift(there: Installation) -> str:
    """Have CloudFormation compare both stacks with what is there. It takes a minute or two."""
    client = there.account.client("cloudformation")
    stacks = [there.chosen.data_stack, *([there.chosen.app_stack] if there.by_cloudformation else [])]
    for name in stacks:
        if _detected(client, client.detect_stack_drift(StackName=name)["StackDriftDetectionId"]) == "DRIFTED":
            raise Ill(_drifted(name, f"say make deploy STAGE={there.stage}"))
    return f"{' and '.join(stacks)}: everything is as the stack made it"


def _detected(client: Any, detection: str) -> str:
    for _ in range(POLLS):
        found = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            return str(found.get("StackDriftStatus", "UNKNOWN"))
        time.sleep(POLL_SECONDS)
    return "UNKNOWN"


def _drifted(name: str, remedy: str) -> str:
    return (
        f"Somebody changed resources of the stack {name} by hand: see them with `aws cloudformation "
        f"describe-stack-resource-drifts --stack-name {name}`, put them back, or change the template and {remedy}."
    )
