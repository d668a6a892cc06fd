"""The other route: what comes before and after `chalice deploy`, around a real one into an emulator.

The emulator does not understand how Chalice switches compression off, so here it is on, for bodies that nobody sends.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.core.in_code import task_id_of
from chalicelib.core.window import shard_of
from infra.deploy.account import Refused
from infra.deploy.account import account as the_account
from infra.deploy.by_chalice.route import after, before
from infra.deploy.choosing import choose
from infra.packaging import gateway
from tests.deploy.stacks import building
from tests.deploy.stacks.conftest import Run, store_of
from tests.engine.conftest import ANN
from tests.infra.conftest import client

STAGE = "side"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = building.project(tmp_path / "project")
    config = made / ".chalice" / "config.json"
    document = json.loads(config.read_text(encoding="utf-8"))
    document["minimum_compression_size"] = 10 * 1024 * 1024
    document["stages"][STAGE] = {"environment_variables": {"SHARDS": "2"}, "parameters": {"Concurrency": "large"}}
    config.write_text(json.dumps(document), encoding="utf-8")
    return made


def test_before_and_after_make_of_chalice_deploy_what_the_template_makes(
    run: Run, account: str, place: Path, in_code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = place / ".chalice" / "config.json"
    for _ in range(2):  # both may be done again at any time
        assert before(the_account(), choose(STAGE, config), config) == 0
        building.chalice(place, "deploy", "--stage", STAGE, AWS_ENDPOINT_URL=account, **CREDENTIALS)
        assert after(the_account(), choose(STAGE, config), config) == 0
        store_of(STAGE).create_user(ANN, first=True)
    assert f"{in_code}: made" in capsys.readouterr().out
    task = store_of(STAGE).task(task_id_of(in_code))
    assert task is not None
    assert task.shard == shard_of(task.id, 2)

    functions = client("lambda", account)
    mine = [
        m for m in functions.list_event_source_mappings()["EventSourceMappings"] if f"-{STAGE}-" in m["FunctionArn"]
    ]
    read = {
        m["EventSourceArn"].rpartition("-")[2]: (m["FunctionResponseTypes"], m["ScalingConfig"]["MaximumConcurrency"])
        for m in mine
    }
    alone = ["ReportBatchItemFailures"]
    assert len(mine) == 4
    assert read == {"passes": (alone, 200), "light": (alone, 1000), "urgent": (alone, 400), "commands": (alone, 50)}

    environment = functions.get_function_configuration(FunctionName=f"punctual-{STAGE}-light")["Environment"]
    assert environment["Variables"] == {"STAGE": STAGE, "SHARDS": "2"}
    policy = client("iam", account).get_role_policy(
        RoleName=f"punctual-{STAGE}-light", PolicyName=f"punctual-{STAGE}-light"
    )
    assert f"table/punctual-{STAGE}-tasks" in json.dumps(policy["PolicyDocument"])
    groups = client("logs", account).describe_log_groups(logGroupNamePrefix=f"/aws/lambda/punctual-{STAGE}")[
        "logGroups"
    ]
    assert {group["retentionInDays"] for group in groups if f"{STAGE}-" in group["logGroupName"]} == {30}

    apis = client("apigateway", account)
    [api] = apis.get_rest_apis()["items"]
    answers = apis.get_gateway_responses(restApiId=api["id"])["items"]
    given = {each["responseType"]: each for each in answers if not each.get("defaultResponse")}
    assert given.keys() >= gateway.ANSWERS.keys()

    (place / ".chalice" / "deployed" / f"{STAGE}.json").unlink()
    with pytest.raises(Refused, match=r"punctual-side is deployed, but \.chalice/deployed/side\.json"):
        before(the_account(), choose(STAGE, config), config)


def test_after_without_a_deployment_is_refused(run: Run, place: Path) -> None:
    config = place / ".chalice" / "config.json"
    with pytest.raises(Refused, match="Chalice has not deployed side from here"):
        after(the_account(), choose(STAGE, config), config)
