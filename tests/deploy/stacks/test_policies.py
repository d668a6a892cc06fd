"""The roles: one stage's own tables, queues and secrets by name, and nothing that stands for more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.deploy.account import Account
from infra.deploy.by_chalice.policies import render
from infra.local.standins.lambdas import CONFIG
from infra.resources import load
from tests.deploy.stacks.building import Template, functions

FOLDER = CONFIG.parent
POLICIES = sorted(path.name for path in FOLDER.glob("policy-*.json"))
ANY_OF_THE_STAGE = ("parameter/punctual/x/secrets/*", "punctual-x-alerts-*")
"""What may end in a star: secrets, and topics for alerts, are named by those who make them."""
MAY_SCAN = {"policy-dispatcher.json": "JumpAnOutage", "policy-auditor.json": "GoThroughAllTasksOnceAnHour"}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policies of a stage called x."""
    folder = tmp_path_factory.mktemp("policies") / ".chalice"
    folder.mkdir()
    for path in FOLDER.glob("*.json"):
        shutil.copy(path, folder)
    account = Account(id="123456789012", region="eu-west-1", partition="aws", session=boto3.Session())
    render(folder, account, "x")
    return folder / "rendered" / "x"


def statements(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["Statement"]
    return found


@pytest.mark.parametrize("file", POLICIES)
def test_every_resource_is_one_of_the_stage_by_its_whole_name(file: str, rendered: Path) -> None:
    declared = load("x").values()
    tables = {p["TableName"] for r in declared if (p := r["Properties"]) and "TableName" in p}
    queues = {p["QueueName"] for r in declared if (p := r["Properties"]) and "QueueName" in p}
    for resource in (each for statement in statements(rendered / file) for each in statement["Resource"]):
        _, partition, service, region, account, name = resource.split(":", 5)
        assert (partition, region, account) == ("aws", "eu-west-1", "123456789012")
        if service == "dynamodb":
            assert name.split("/")[1] in tables
        elif service == "sqs":
            assert name in queues
        elif service == "logs":
            assert name.startswith("log-group:/aws/lambda/punctual-x")
            assert name.endswith(":*")
        elif name not in ANY_OF_THE_STAGE:
            assert "*" not in name


@pytest.mark.parametrize("file", POLICIES)
def test_whole_tables_are_read_over_an_outage_and_by_the_auditor_alone(file: str, rendered: Path) -> None:
    scans = [each["Sid"] for each in statements(rendered / file) if "dynamodb:Scan" in each["Action"]]
    assert scans == ([MAY_SCAN[file]] if file in MAY_SCAN else [])


@pytest.mark.parametrize("file", POLICIES)
def test_a_role_writes_into_the_logs_of_its_function_alone_and_makes_none(file: str, rendered: Path) -> None:
    [log] = [each for each in statements(rendered / file) if each["Sid"] == "WriteItsLog"]
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    name = file.removeprefix("policy-").removesuffix(".json")
    allowed = {f"punctual-x-{name}"} if name != "api" else {"punctual-x-api_handler", "punctual-x"}
    assert {each.split("/")[-1].removesuffix(":*") for each in log["Resource"]} == allowed


def test_both_routes_give_a_function_the_same_policy(template: Template, rendered: Path) -> None:
    names = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012", "Stage": "x"}
    config = json.loads(CONFIG.read_text(encoding="utf-8"))["lambda_functions"]
    for name, function in functions(template).items():
        [policy] = template["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]["Policies"]
        text = json.dumps(_plain(policy["PolicyDocument"]))
        for key, value in names.items():
            text = text.replace("${" + key + "}", value)
        assert json.loads(text)["Statement"] == statements(rendered / config[name]["iam_policy_file"])


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    return value["Fn::Sub"] if "Fn::Sub" in value else {key: _plain(each) for key, each in value.items()}
