"""Alarms and dashboard look at what the functions write, and at functions, queues and tables that there are."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.core.message import encode_run
from chalicelib.core.planning import entry_message
from chalicelib.core.window import Entry, Kind
from chalicelib.metrics import NAMESPACE, Metric
from infra import resources
from infra.deploy.by_chalice.policies import filled_in
from infra.packaging.template import ADDITIONS, additions
from tests.core.building import at, definition_json, once
from tests.engine.conftest import ANN
from tests.operations.front_door import DONE, FAILED, STAGE, FrontDoor, measured, units

Captured = pytest.CaptureFixture[str]
CONFIG = Path(__file__).parents[2] / ".chalice" / "config.json"
ALARM = "AWS::CloudWatch::Alarm"
NAMES = {"Stage": STAGE, "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws"}
KEPT = resources.load(STAGE)

Looked = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, metric, dimensions."""


def everything(door: FrontDoor) -> None:
    """A day on which all that is measured comes up at least once."""
    door.fire("coordinator")
    door.deliver("dispatcher", door.waiting("passes")[:1])
    door.outcome = FAILED
    task = door.system.catalog.create(ANN, definition_json(once(10), retry={"max_attempts": 2}))
    [body] = door.waiting("light")
    door.deliver("light", [body])
    door.deliver("light", [body])
    door.outcome = DONE
    strict = definition_json(once(20), misfire={"grace_seconds": 0, "catch_up": "none"})
    late = door.system.catalog.create(ANN, strict)
    door.later(200)
    for queue in ("urgent", "commands", "light"):
        entry = Entry(start=at(20), task_id=late.id, kind=Kind.SCHEDULE, due_at=at(20))
        door.deliver(queue, [encode_run(entry_message(entry, late))])
    door.queue.send(
        "light-dead",
        encode_run(entry_message(Entry(start=at(9), task_id=task.id, kind=Kind.MANUAL, due_at=at(9)), task)),
    )
    door.fire("auditor")
    for _ in range(3):
        door.deliver("dispatcher", door.waiting("passes")[:1])


@pytest.fixture
def written(door: FrontDoor, capsys: Captured) -> str:
    everything(door)
    return capsys.readouterr().out


def filled(value: Any) -> Any:
    """A value of the template as CloudFormation makes it of the stage."""
    if isinstance(value, list):
        return [filled(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Sub" in value:
        return filled_in(value["Fn::Sub"], NAMES)
    if value.get("Ref") in NAMES:
        return NAMES[value["Ref"]]
    return {name: filled(each) for name, each in value.items()}


def alarms() -> dict[str, dict[str, Any]]:
    found = additions()["Resources"]
    return {name: filled(each["Properties"]) for name, each in found.items() if each.get("Type") == ALARM}


def of_alarm(alarm: dict[str, Any]) -> Iterator[Looked]:
    metrics = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    for metric in metrics or [alarm]:
        dimensions = tuple((each["Name"], each["Value"]) for each in metric["Dimensions"])
        yield metric["Namespace"], metric["MetricName"], dimensions


def dashboard() -> dict[str, Any]:
    body = additions()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    found: dict[str, Any] = json.loads(filled_in(body, NAMES))
    return found


def of_dashboard() -> Iterator[Looked]:
    for widget in dashboard()["widgets"]:
        for row in widget["properties"].get("metrics", ()):
            namespace, name, *pairs = [each for each in row if isinstance(each, str)]
            yield namespace, name, tuple(zip(pairs[::2], pairs[1::2], strict=True))


def looked_at() -> list[Looked]:
    return [*of_dashboard(), *(one for alarm in alarms().values() for one in of_alarm(alarm))]


def test_everything_that_may_be_measured_is(written: str) -> None:
    assert measured(written).keys() == {str(metric) for metric in Metric}


def test_alarms_and_dashboard_look_at_what_the_functions_write(written: str) -> None:
    ours = {(name, dimensions) for namespace, name, dimensions in looked_at() if namespace == NAMESPACE}
    assert ours == {(name, (("stage", STAGE),)) for name in measured(written)}


def test_limits_in_seconds_are_of_metrics_in_seconds(written: str) -> None:
    found = units(written)
    assert {
        found[a["MetricName"]]
        for a in alarms().values()
        if a.get("Threshold") in (5, 120) and a["Namespace"] == NAMESPACE
    } == {"Seconds"}
    assert (alarms()["LatenessAlarm"]["Threshold"], alarms()["WatermarkAlarm"]["Threshold"]) == (5, 120)


def test_every_function_is_watched_for_errors_and_throttles() -> None:
    functions = {f"punctual-{STAGE}-{name}" for name in json.loads(CONFIG.read_text())["lambda_functions"]}
    for alarm in ("ErrorsAlarm", "ThrottlesAlarm"):
        assert {dimensions[0][1] for _, _, dimensions in of_alarm(alarms()[alarm])} == functions
    shown = {dimensions for namespace, _, dimensions in looked_at() if namespace == "AWS/Lambda"}
    assert shown == {(("FunctionName", name),) for name in functions}


def test_queues_and_tables_that_are_shown_are_there() -> None:
    queues = {each["QueueName"] for each in resources.queues(KEPT)}
    assert {d[0][1] for namespace, _, d in looked_at() if namespace == "AWS/SQS"} == queues
    tables = {each["TableName"] for each in resources.tables(KEPT)}
    assert {d[0][1] for namespace, _, d in looked_at() if namespace == "AWS/DynamoDB"} == tables


def test_every_alarm_tells_of_its_end_too_and_is_on_the_dashboard() -> None:
    shown = [
        arn.rpartition(":")[2] for widget in dashboard()["widgets"] for arn in widget["properties"].get("alarms", ())
    ]
    assert sorted(shown) == sorted(alarm["AlarmName"] for alarm in alarms().values())
    for alarm in alarms().values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]


@pytest.mark.parametrize("name", ["NoTickAlarm", "WatermarkAlarm", "NoAuditAlarm"])
def test_what_says_nothing_any_more_is_an_alarm(name: str) -> None:
    assert alarms()[name]["TreatMissingData"] == "breaching"


def test_the_topic_has_no_key_that_cloudwatch_may_not_use() -> None:
    found = additions()["Resources"]
    assert "KmsMasterKeyId" not in found["AlarmTopic"]["Properties"]
    [statement] = found["AlarmTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}


def test_they_make_a_template_by_themselves_that_cfn_lint_finds_nothing_in(tmp_path: Path) -> None:
    template: dict[str, Any] = {"Parameters": {"Stage": {"Type": "String"}}}
    for name in ("alarms.yaml", "dashboard.yaml"):
        for section, found in yaml.safe_load((ADDITIONS / name).read_text(encoding="utf-8")).items():
            template.setdefault(section, {}).update(found)
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    lint = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([lint, "-t", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
