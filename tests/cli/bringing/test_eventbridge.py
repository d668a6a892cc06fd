"""EventBridge is brought over: schedules and rules as the AWS command line prints them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from punctual_cli.applying.places import Unreadable
from punctual_cli.errors import ExitCode
from tests.cli.bringing.eventbridge import FILES, LAMBDA, definition, olds
from tests.cli.bringing.serving import Person
from tests.web.building import World


def test_what_get_schedule_printed(ann: Person) -> None:
    said = ann.says("import", "eventbridge", str(FILES / "scheduler.json"), "--active", "-o", "json")
    assert said.code == 0, said.out
    nightly, launch = said.json["items"]
    task = nightly["task"]
    assert task["action"] == {
        "type": "aws",
        "service": "lambda",
        "operation": "invoke",
        "parameters": {
            "FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:sums",
            "InvocationType": "Event",
            "Payload": '{"day": "yesterday"}',
        },
    }
    assert task["schedule"] == {
        "type": "cron",
        "expression": "cron(30 2 ? * MON-FRI *)",
        "time_zone": "Europe/Paris",
        "dst_gap": "skip",
        "start_at": "2026-11-30T23:00:00.000Z",
        "end_at": "2027-12-31T22:59:00.000Z",
        "jitter_seconds": 900,
    }
    assert (task["retry"]["max_attempts"], task["retry"]["backoff"], task["retry"]["max_age_seconds"]) == (
        *(6, "exponential", 3600),
    )
    assert (task["state"], task["tags"], task["description"]) == ("active", ["group:reports"], "Sums of the day")
    assert nightly["next"][0].startswith("2026-12-01T01:")
    assert len(nightly["next"]) == 3
    assert any("its dead letter queue is not carried over" in note for note in nightly["notes"])
    assert any("the workers' role needs leave for lambda:invoke" in note for note in nightly["notes"])
    assert launch["task"]["schedule"] == {"type": "once", "at": "2026-12-24T23:00:00.000Z"}
    assert launch["task"]["state"] == "paused"  # it was off
    assert launch["task"]["action"]["operation"] == "send_message"
    assert any("deleted itself" in note for note in launch["notes"])
    again = ann.says("import", "eventbridge", str(FILES / "scheduler.json"))
    assert again.out.endswith("2 found: 0 made, 2 here already, 0 not carried over.\n")
    assert len(ann.tasks) == 2


@pytest.mark.parametrize("active", [[], ["--active"]])
def test_what_has_run_its_course_is_still_here(world: World, ann: Person, active: list[str]) -> None:
    """As something new, a time in the past would be refused."""
    once = json.dumps({"Name": "s", "ScheduleExpression": "at(2026-11-22T18:00:00)", "Target": LAMBDA})
    said = [ann.says("import", "eventbridge", "-", *active, "-o", "json", stdin=once).json]
    world.clock.advance(timedelta(days=2))
    said.append(ann.says("import", "eventbridge", "-", *active, "-o", "json", stdin=once).json)
    assert [one["items"][0]["standing"] for one in said] == ["new", "here"]


def test_rules_with_their_targets(ann: Person) -> None:
    said = ann.says("import", "eventbridge", str(FILES / "rules.json"), "-o", "json")
    assert said.code == ExitCode.NOT_ALL
    queue, topic, web, pattern, alone = said.json["items"]
    assert queue["task"]["name"] == "every-five-minutes queue"
    assert queue["task"]["schedule"] == {"type": "interval", "every": 5, "unit": "minutes"}
    assert queue["task"]["action"]["parameters"] == {
        "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/work.fifo",
        "MessageBody": "{}",
        "MessageGroupId": "a",
    }
    assert any("received the event that told of its time; here it receives {}" in note for note in queue["notes"])
    assert topic["task"]["action"]["parameters"]["Message"] == '"hello"'
    assert "make an `http` task, the key a secret" in web["reason"]
    assert pattern["reason"] == "waits for events that fit a pattern, and has no schedule"
    assert "`aws events list-targets-by-rule` prints them" in alone["reason"]


def test_targets_right_behind_their_rule_belong_to_it() -> None:
    rule = {"Name": "r", "Arn": "arn:aws:events:x:1:rule/r", "ScheduleExpression": "rate(1 day)", "State": "ENABLED"}
    targets = {"Targets": [{"Id": "1", **LAMBDA}]}
    for text in (json.dumps(rule) + "\n" + json.dumps(targets), json.dumps([rule, targets])):
        (old,) = olds(text)
        assert definition(old)["action"]["operation"] == "invoke"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "f.json:1: is not JSON"),
        ('{"Name": "a"}\nnope', "f.json:2: is not JSON"),
        ("[5]", "f.json: holds 5, where what `aws scheduler get-schedule`"),
        ("{}", "f.json: an object without `Name`"),
        ("[" * 100_000, "f.json: is nested too deeply"),
    ],
)
def test_what_is_not_of_the_aws_command_line_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as told:
        olds(text)
    assert sentence in str(told.value)


def test_nothing_at_all_is_no_mistake(ann: Person) -> None:
    said = ann.says("import", "eventbridge", "-", stdin='{"Schedules": []}')
    assert (said.code, said.out) == (0, "Nothing was found that runs.\n")
