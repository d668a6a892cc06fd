"""What depends on each other in the templates: timeouts and visibility, and how much may be at work at once."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.settings import Settings
from infra import resources
from infra.deploy.choosing import settings_of
from infra.packaging.template import additions
from tests.conftest import SETTINGS
from tests.deploy.stacks.building import Template, functions, mapping

SIZES: dict[str, dict[str, int]] = additions()["Mappings"]["Concurrency"]
QUOTA = {"small": 10, "usual": 1000, "large": 3000}
"""Functions that an account may run at once where a size is chosen."""
SPARE = {"small": 0, "usual": 100, "large": 100}
"""For the API, ticks and the auditor."""
LONGEST_COMMAND = 840
LOCAL_ONLY = {"STAGE", "PORT", "STATE_DIR", "FRESH", "ENGINE"}
QUEUES = {properties["QueueName"]: properties for properties in resources.queues(resources.load("x"))}


def at_once(value: dict[str, Any]) -> str:
    """Which number of the concurrency table is meant."""
    table, chosen, name = value["Fn::FindInMap"]
    assert (table, chosen) == ("Concurrency", {"Ref": "Concurrency"})
    return str(name)


@pytest.mark.parametrize("name", ["dispatcher", "light", "urgent", "commands"])
def test_a_message_comes_back_only_when_the_function_that_had_it_is_surely_gone(name: str, template: Template) -> None:
    function = functions(template)[name]
    read = mapping(function)
    assert read is not None
    queue = QUEUES[read["Queue"]["Fn::Sub"].rpartition(":")[2].replace("${Stage}", "x")]
    assert queue["VisibilityTimeout"] == function["Timeout"] + 30
    assert read["MaximumBatchingWindowInSeconds"] == 0


def test_a_sandbox_outlives_the_longest_command_and_ends_before_who_asked_for_it(template: Template) -> None:
    found = functions(template)
    assert LONGEST_COMMAND < found["sandbox"]["Timeout"] < found["commands"]["Timeout"] <= 900


@pytest.mark.parametrize("size", SIZES)
def test_there_is_a_sandbox_for_every_command_that_may_be_at_work(size: str) -> None:
    numbers = SIZES[size]
    assert numbers["Sandbox"] == numbers["Commands"] * numbers["CommandsBatch"]


@pytest.mark.parametrize("size", SIZES)
def test_all_queues_together_leave_room_in_the_accounts_quota(size: str) -> None:
    numbers = SIZES[size]
    assert all(numbers[name] >= 2 for name in ("Passes", "Light", "Urgent", "Commands"))  # what Lambda takes
    wanted = sum(numbers[name] for name in ("Passes", "Light", "Urgent", "Commands", "Sandbox"))
    assert wanted + SPARE[size] <= QUOTA[size]


@pytest.mark.parametrize(
    ("name", "share"), [("dispatcher", "Passes"), ("commands", "Commands"), ("sandbox", "Sandbox")]
)
def test_what_is_reserved_is_what_its_queue_may_ask_for(name: str, share: str, template: Template) -> None:
    function = functions(template)[name]
    condition, reserved, otherwise = function["ReservedConcurrentExecutions"]["Fn::If"]
    assert (condition, at_once(reserved), otherwise) == ("Reserving", share, {"Ref": "AWS::NoValue"})
    read = mapping(function)
    assert read is None or at_once(read["ScalingConfig"]["MaximumConcurrency"]) == share


def test_every_setting_can_be_chosen_and_has_the_default_that_it_has_without_being_said() -> None:
    document = additions()
    parameters = settings_of(document)
    default = {name: document["Parameters"][p]["Default"] for name, p in parameters.items() if name != "STAGE"}
    bare = Settings()
    assert default.keys() >= set(SETTINGS) - LOCAL_ONLY
    assert default["REGISTRATION"] == "first"
    assert (default["SHARDS"], default["MAX_BODY_BYTES"]) == (bare.shards, bare.max_body_bytes)
    quotas = (bare.max_tasks, bare.max_stored_bytes, bare.max_runs_per_minute)
    assert (default["MAX_TASKS"], default["MAX_STORED_BYTES"], default["MAX_RUNS_PER_MINUTE"]) == quotas
