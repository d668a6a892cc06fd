"""Each function of app.py is configured for deployment: how long it may take, and a role of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from infra.local.standins import lambdas

FOLDER = lambdas.CONFIG.parent
CONFIGURED: dict[str, Any] = json.loads(lambdas.CONFIG.read_text(encoding="utf-8"))["lambda_functions"]


def statements(policy_file: str) -> list[dict[str, Any]]:
    policy = json.loads((FOLDER / policy_file).read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = policy["Statement"]
    return found


def test_every_function_is_configured_and_nothing_else_is() -> None:
    app = lambdas.load()
    subscribed = {function.name for function in app.event_sources}
    invoked = {function.name for function in app.pure_lambda_functions}
    assert set(CONFIGURED) == {"api_handler"} | subscribed | invoked


def test_every_function_has_a_policy_of_its_own() -> None:
    files = [function["iam_policy_file"] for function in CONFIGURED.values()]
    assert sorted(files) == sorted(path.name for path in FOLDER.glob("policy-*.json"))


@pytest.mark.parametrize("name", list(CONFIGURED))
def test_no_policy_allows_everything(name: str) -> None:
    for statement in statements(CONFIGURED[name]["iam_policy_file"]):
        assert "*" not in [*statement["Action"], *[statement["Resource"]]]
        assert not any(action.endswith(":*") for action in statement["Action"])


def test_the_sandbox_may_do_nothing_but_write_its_own_log() -> None:
    [only] = statements("policy-sandbox.json")
    assert {action.partition(":")[0] for action in only["Action"]} == {"logs"}
    assert [resource for resource in only["Resource"] if not resource.removesuffix(":*").endswith("-sandbox")] == []


ALERTS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["alerts#*"]}}
"""Only what owners are told, and the key that signs it."""


@pytest.mark.parametrize("name", ["light", "urgent", "commands", "auditor", "dispatcher"])
def test_of_accounts_the_engine_reaches_what_owners_are_told_and_what_they_are_allowed(name: str) -> None:
    policy = statements(CONFIGURED[name]["iam_policy_file"])
    reached = [statement for statement in policy if "-accounts" in str(statement["Resource"])]
    others = [statement for statement in reached if statement.get("Condition") != ALERTS]
    assert len(reached) == len(others) + 1
    assert len(others) == (0 if name == "dispatcher" else 1)
    for only in others:
        _reads_only_what_they_are_allowed(only)


def _reads_only_what_they_are_allowed(only: dict[str, Any]) -> None:
    assert only["Action"] == ["dynamodb:GetItem"]
    asked = only["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert set(asked) == {"owner", "id", "can_run_commands", "can_call_aws", "v"}
    assert only["Condition"]["StringEqualsIfExists"] == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}


def test_the_coordinator_is_fired_every_minute_and_the_auditor_every_five() -> None:
    rates = {rule.name: rule.every for rule in lambdas.rules(lambdas.load(), "local")}
    assert rates == {"coordinator": timedelta(minutes=1), "auditor": timedelta(minutes=5)}
