"""The recommended route, from nothing to nothing and back, in an emulator's CloudFormation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from chalicelib.core.in_code import task_id_of
from tests.deploy.stacks.building import ROOT
from tests.deploy.stacks.conftest import Run, store_of
from tests.engine.conftest import ANN
from tests.infra.conftest import client

STAGE = "dev"


def names(found: list[dict[str, Any]], key: str) -> set[str]:
    return {str(each[key]) for each in found}


def functions_of_the_stage(functions: Any) -> set[str]:
    """There are other stages in the account, of other tests."""
    found = names(functions.list_functions()["Functions"], "FunctionName")
    return {name for name in found if name.startswith(f"punctual-{STAGE}-")}


def test_a_stage_is_deployed_changed_taken_down_and_brought_back(
    run: Run, account: str, packaged: Path, in_code: str
) -> None:
    deploy = ("deploy", "--stage", STAGE, "--folder", str(packaged))
    told = run(*deploy)
    assert "punctual-dev-data: a new stack, 12 resources" in told
    assert "punctual-dev: a new stack" in told
    assert "The first account becomes the admin" in told
    assert "There is no account yet" in told

    functions = client("lambda", account)
    assert {"punctual-dev-api_handler", "punctual-dev-sandbox"} <= functions_of_the_stage(functions)
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    read = {each["EventSourceArn"].rpartition(":")[2]: each for each in mappings}
    at_once = {
        name.removeprefix("punctual-dev-"): (each["FunctionResponseTypes"], each["ScalingConfig"]["MaximumConcurrency"])
        for name, each in read.items()
        if name.startswith("punctual-dev-")
    }
    usual = {"passes": 50, "light": 400, "urgent": 100, "commands": 20}
    assert at_once == {queue: (["ReportBatchItemFailures"], number) for queue, number in usual.items()}
    assert store_of(STAGE).create_user(ANN, first=True)
    again = run(*deploy)
    assert "Nothing has changed." in again
    assert f"{in_code}: made" in again
    assert [task.id for task in store_of(STAGE).tasks_of(ANN.id, limit=5, after=None).items] == [task_id_of(in_code)]
    assert "The first account" not in again

    changed = packaged.parent / "package-changed"
    shutil.copytree(packaged, changed)
    template = json.loads((changed / "template.json").read_text(encoding="utf-8"))
    template["Parameters"]["LogDays"]["Default"] = 7
    (changed / "template.json").write_text(json.dumps(template), encoding="utf-8")
    told = run("deploy", "--stage", STAGE, "--folder", str(changed))
    assert "LogDays: 30 becomes 7" in told
    assert "~ SandboxLog (Logs LogGroup)" in told
    assert "punctual-dev-data:" not in told

    told = run("destroy", "--stage", STAGE)
    assert "Goes: the stack punctual-dev with its API, 8 functions, 8 logs" in told
    assert "Stays: the tables and queues of punctual-dev-*" in told
    assert "/punctual/dev/secrets/" in told
    assert functions_of_the_stage(functions) == set()
    assert "punctual-dev-tasks" in client("dynamodb", account).list_tables()["TableNames"]
    assert "nothing to do" in run("destroy", "--stage", STAGE)

    assert "punctual-dev-data:" not in run(*deploy)
    run("destroy", "--stage", STAGE)


def test_the_bucket_for_packages_is_nobody_elses(run: Run, account: str, packaged: Path) -> None:
    run("deploy", "--stage", "bucket", "--folder", str(packaged))
    s3 = client("s3", account)
    [bucket] = names(s3.list_buckets()["Buckets"], "Name")
    assert bucket == "punctual-packages-000000000000-us-east-1"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    run("destroy", "--stage", "bucket")


def test_where_the_answer_is_no_nothing_is_changed(run: Run, account: str, packaged: Path) -> None:
    command = [sys.executable, "-m", "infra.deploy", "deploy", "--stage", "never", "--folder", str(packaged)]
    keyboard, terminal = os.openpty()
    environ = {name: value for name, value in os.environ.items() if name != "YES"}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdin=terminal, stdout=subprocess.PIPE, text=True) as asking:
        os.write(keyboard, b"n\n")
        told, _ = asking.communicate()
    os.close(keyboard)
    os.close(terminal)
    assert (asking.returncode, told.count("a new stack")) == (1, 2)
    assert told.endswith("Make these changes? [y/N] ")
    found = client("cloudformation", account).describe_stacks()["Stacks"]
    assert not [each for each in found if "never" in each["StackName"] and each["StackStatus"] != "DELETE_COMPLETE"]
    assert "nothing to do" in run("destroy", "--stage", "never")


def test_tables_that_outlived_their_stack_are_not_made_again(run: Run, account: str, packaged: Path) -> None:
    run("deploy", "--stage", "orphans", "--folder", str(packaged))
    run("destroy", "--stage", "orphans")
    stacks = client("cloudformation", account)
    stacks.delete_stack(StackName="punctual-orphans-data")
    stacks.get_waiter("stack_delete_complete").wait(StackName="punctual-orphans-data", WaiterConfig={"Delay": 1})
    told = run("deploy", "--stage", "orphans", "--folder", str(packaged), status=2)
    assert "punctual-orphans-tasks and 11 more tables and queues are there without the stack" in told


NEVER = {
    "NeverHandle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
    "Never": {
        "Type": "AWS::CloudFormation::WaitCondition",
        "Properties": {"Handle": {"Ref": "NeverHandle"}, "Timeout": "1", "Count": 1},
    },
}
"""Waits for somebody who does not come."""


def test_a_deployment_that_fails_says_why_and_the_next_one_says_the_remedy(run: Run, packaged: Path) -> None:
    broken = packaged.parent / "package-broken"
    shutil.copytree(packaged, broken)
    template = json.loads((broken / "template.json").read_text(encoding="utf-8"))
    template["Resources"] |= NEVER
    (broken / "template.json").write_text(json.dumps(template), encoding="utf-8")
    told = run("deploy", "--stage", "broken", "--folder", str(broken), status=1)
    assert told.startswith("The stack punctual-broken failed: Never: ")
    told = run("deploy", "--stage", "broken", "--folder", str(packaged), status=2)
    assert told == (
        "The stack punctual-broken is in ROLLBACK_COMPLETE: its creation failed: "
        "say `make destroy STAGE=broken`, then deploy again.\n"
    )
    run("destroy", "--stage", "broken")
    assert "punctual-broken: a new stack" in run("deploy", "--stage", "broken", "--folder", str(packaged))
    run("destroy", "--stage", "broken")
