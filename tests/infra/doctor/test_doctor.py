"""Whatever is wrong with a stage, the doctor says so in one sentence with the remedy, and says it of nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from infra.deploy.account import Refused
from infra.deploy.choosing import Chosen
from infra.doctor import __main__ as doctor
from infra.doctor import surroundings
from infra.doctor.installation import Ill
from tests.infra.doctor.conftest import ACCOUNT, CHOSEN, REGION, STAGE, Stage, environment


def test_a_stage_that_is_well_is_green_everywhere(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "account", lambda: stage.installation().account)
    monkeypatch.setattr(doctor, "choose", lambda name: CHOSEN)
    monkeypatch.setattr(doctor, "PACKAGE", stage.folder / "template.json")  # not what `make package` left here
    assert doctor.main(["--stage", STAGE, "--drift"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(doctor.CHECKS) + 1
    assert all(line.startswith("ok ") for line in lines)


def test_what_is_wrong_is_a_line_and_the_exit_status(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "account", lambda: stage.installation().account)
    monkeypatch.setattr(doctor, "choose", lambda name: CHOSEN)
    monkeypatch.setattr(doctor, "PACKAGE", stage.folder / "template.json")  # not what `make package` left here
    stage.allowed = 10
    assert doctor.main(["--stage", STAGE]) == 1
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]
    assert "quotas" in line


@pytest.mark.parametrize(
    ("name", "refusal"), [("Trial", "STAGE must be lower-case letters"), ("local", "STAGE must not be local")]
)
def test_a_stage_that_cannot_be_is_refused(
    stage: Stage, capsys: pytest.CaptureFixture[str], name: str, refusal: str
) -> None:
    assert doctor.main(["--stage", name]) == 2
    assert refusal in capsys.readouterr().err


def test_a_stage_of_which_nothing_is_there_cannot_be_looked_at(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.stack = {"StackStatus": "DELETE_COMPLETE"}
    monkeypatch.setattr(doctor, "account", lambda: stage.installation().account)
    assert doctor.main(["--stage", "nowhere"]) == 2
    assert f"Nothing of the stage nowhere is in account {ACCOUNT}, region {REGION}" in capsys.readouterr().err


def test_a_stage_that_was_taken_down_is_brought_back_as_it_was_made(stage: Stage) -> None:
    """No stack and no function of Chalice's: it is not sent to `chalice deploy`."""
    stage.stack = {"StackStatus": "DELETE_COMPLETE"}
    for name in stage.installation().names():
        stage.client("lambda").delete_function(FunctionName=f"punctual-{STAGE}-{name}")
    stage.client("cloudwatch").delete_alarms(AlarmNames=[f"punctual-{STAGE}-no-tick"])
    found = {name: text for name, well, text in doctor.examined(stage.installation(), doctor.CHECKS) if not well}
    assert {"app stack", "runtime", "alarms"} <= set(found)
    assert [text for text in found.values() if "chalice" in text] == []
    assert found["runtime"] == f"The function punctual-{STAGE}-api_handler is not there: say make deploy STAGE={STAGE}."


def test_a_stage_that_chalice_made_is_told_so(stage: Stage) -> None:
    stage.stack = {"StackStatus": "DELETE_COMPLETE"}
    assert "there is no stack" in surroundings.app_stack(stage.installation())


def test_without_credentials_it_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> None:
        raise Refused("No AWS credentials were found: log in, or set AWS_PROFILE.")

    monkeypatch.setattr(doctor, "account", nobody)
    assert doctor.main(["--stage", STAGE]) == 2
    assert capsys.readouterr().err == "No AWS credentials were found: log in, or set AWS_PROFILE.\n"


def test_a_clock_that_is_off(stage: Stage) -> None:
    stage.clock = timedelta(seconds=30)
    assert "let it follow a time server" in stage.said("clock")


def test_a_data_stack_that_is_not_there(stage: Stage) -> None:
    stage.stack = {"StackStatus": "DELETE_COMPLETE"}
    with pytest.raises(Ill, match=f"punctual-{STAGE}-data is not there: say make deploy STAGE={STAGE}"):
        surroundings.data_stack(stage.installation())


@pytest.mark.parametrize("state", ["UPDATE_ROLLBACK_FAILED", "CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_in_a_bad_state(stage: Stage, state: str) -> None:
    stage.stack = {"StackStatus": state}
    for check in (surroundings.data_stack, surroundings.app_stack):
        with pytest.raises(Ill, match=f"is in {state}: look at its events"):
            check(stage.installation())


def test_a_stack_that_is_known_to_have_drifted(stage: Stage) -> None:
    stage.stack = {"StackStatus": "UPDATE_COMPLETE", "DriftInformation": {"StackDriftStatus": "DRIFTED"}}
    with pytest.raises(Ill, match="by hand"):
        surroundings.data_stack(stage.installation())


def test_drift_is_looked_for_where_that_is_asked(stage: Stage) -> None:
    stage.drift = "DRIFTED"
    with pytest.raises(Ill, match=f"resources of the stack punctual-{STAGE}-data by hand"):
        surroundings.look_for_drift(stage.installation())


def test_functions_that_are_not_there(stage: Stage) -> None:
    stage.client("lambda").delete_function(FunctionName=f"punctual-{STAGE}-sandbox")
    found = {name: text for name, well, text in doctor.examined(stage.installation(), doctor.CHECKS) if not well}
    assert set(found) == {"runtime", "settings", "rules"}
    assert found["runtime"] == f"The function punctual-{STAGE}-sandbox is not there: say make deploy STAGE={STAGE}."


def test_functions_of_different_pythons(stage: Stage) -> None:
    stage.client("lambda").update_function_configuration(FunctionName=f"punctual-{STAGE}-urgent", Runtime="python3.13")
    assert "urgent python3.13 arm64" in stage.said("runtime")


@pytest.mark.parametrize("packaged", [("python3.11", "x86_64"), ("python3.12", "arm64")])
def test_a_package_for_something_else_than_is_deployed(stage: Stage, packaged: tuple[str, str]) -> None:
    stage.packaged("python3.11", "arm64")
    assert [name for name, well, _ in doctor.examined(stage.installation(), doctor.CHECKS) if not well] == []
    stage.packaged(*packaged)
    assert f"is for {packaged[0]} on {packaged[1]}, and deployed is python3.11 on arm64" in stage.said("runtime")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"SHARDS": "many"}, "SHARDS must be a whole number"),
        ({"SHARDS": "3"}, "its settings are not those of .chalice/config.json (SHARDS): say"),
        (
            {"SHARDS": "3", "RUN_FEED": "off"},
            "its settings are not those of .chalice/config.json (RUN_FEED, SHARDS): say",
        ),
        ({"STAGE": "other"}, "STAGE is other, not trial"),
        ({"SHARD": "2"}, "SHARD is no setting of Punctual"),
    ],
)
def test_a_function_with_wrong_settings(stage: Stage, changed: dict[str, str], complaint: str) -> None:
    stage.client("lambda").update_function_configuration(
        FunctionName=f"punctual-{STAGE}-light", Environment=environment(**changed)
    )
    assert complaint in stage.said("settings")


def test_settings_that_were_chosen_and_not_deployed(stage: Stage) -> None:
    assert "make deploy" in stage.said("settings", Chosen(stage=STAGE, values={"Shards": "2", "RunFeed": "off"}))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"FunctionResponseTypes": []}, r"read with FunctionResponseTypes \[\], not \['ReportBatchItemFailures'\]"),
        ({"ScalingConfig": {"MaximumConcurrency": 2}}, "read with ScalingConfig"),
        ({"BatchSize": 5}, "read with BatchSize 5, not 10"),
        ({"Enabled": False}, "read with State Disabled, not Enabled"),
    ],
)
def test_a_queue_that_is_not_read_as_it_should_be(stage: Stage, changed: dict[str, object], complaint: str) -> None:
    stage.client("lambda").update_event_source_mapping(UUID=stage.mappings["light"], **changed)
    said = stage.said("mappings")
    assert said.startswith("The queue light is")
    assert complaint.replace("\\", "") in said
    assert said.endswith(f"it was done by hand: put the mapping {stage.mappings['light']} right.")


def test_a_queue_that_nobody_reads(stage: Stage) -> None:
    stage.client("lambda").delete_event_source_mapping(UUID=stage.mappings["urgent"])
    assert "0 mappings lead from the queue urgent" in stage.said("mappings")


def test_queues_that_may_ask_for_more_than_the_account_has(stage: Stage) -> None:
    stage.allowed = 10
    assert "and this account runs 10 at most: choose a lower Concurrency" in stage.said("quotas")


def test_sandboxes_count_beside_the_commands_that_call_them(stage: Stage) -> None:
    """50 passes, 400 light, 100 urgent and 20 commands with 10 sandboxes each: as `make deploy` adds up."""
    stage.allowed = 769
    assert "may ask for 770 functions" in stage.said("quotas")


def test_a_rule_that_is_off(stage: Stage) -> None:
    stage.client("events").disable_rule(Name="coordinator")
    assert "Nothing fires the coordinator at rate(1 minute) (coordinator is DISABLED)" in stage.said("rules")


def test_a_rule_that_fires_at_another_rate(stage: Stage) -> None:
    stage.client("events").put_rule(Name="auditor", ScheduleExpression="rate(1 day)", State="ENABLED")
    assert "Nothing fires the auditor at rate(5 minutes)" in stage.said("rules")


def test_a_shard_to_which_no_pass_has_come_for_long(stage: Stage) -> None:
    stage.handled(1, datetime.now(UTC) - timedelta(minutes=10))
    assert "Shard 1 was last handled" in stage.said("passes")


def test_a_shard_to_which_no_pass_has_ever_come(stage: Stage) -> None:
    stage.store().shards_in_use(3)
    assert "No pass has ever come to shard 2" in stage.said("passes")


def test_an_installation_without_a_tick(stage: Stage) -> None:
    key = {"partition": {"S": "shards"}, "entry": {"S": "!control"}}
    stage.client("dynamodb").delete_item(TableName=f"punctual-{STAGE}-agenda", Key=key)
    assert "No tick has ever come" in stage.said("passes")


def test_dead_letters_that_wait(stage: Stage) -> None:
    sqs = stage.client("sqs")
    url = sqs.get_queue_url(QueueName=f"punctual-{STAGE}-commands-dead")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    assert f"1 dead letters are in punctual-{STAGE}-commands-dead" in stage.said("dead letters")


def test_an_alarm_that_is_on(stage: Stage) -> None:
    stage.client("cloudwatch").set_alarm_state(
        AlarmName=f"punctual-{STAGE}-no-tick", StateValue="ALARM", StateReason="test"
    )
    assert stage.said("alarms") == f"punctual-{STAGE}-no-tick is on: docs/operations.md says what that means."


def test_alarms_that_nobody_hears(stage: Stage) -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:punctual-{STAGE}-alarms"
    for each in stage.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        stage.client("sns").unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    assert "Nobody is told of alarms" in stage.said("alarms")


def test_what_may_not_be_looked_at_is_a_line_too(stage: Stage) -> None:
    queue = f"punctual-{STAGE}-light-dead"
    sqs = stage.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])
    assert stage.said("dead letters").startswith("This cannot be looked at:")
