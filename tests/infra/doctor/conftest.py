"""A stage that is well, in moto: whatever a test breaks, the doctor has to see."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from moto import mock_aws

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.settings import Settings
from infra import resources
from infra.deploy import quota
from infra.deploy.account import Account
from infra.deploy.choosing import Chosen
from infra.doctor.__main__ import CHECKS, examined
from infra.doctor.installation import QUEUES, Installation
from infra.packaging.template import additions

STAGE, REGION, ACCOUNT = "trial", "eu-west-1", "123456789012"
CHOSEN = Chosen(stage=STAGE, values={"Shards": "2"})
BATCH = {"passes": 1, "light": 10, "urgent": 10, "commands": 10}


def session() -> Any:
    """A session that makes one client of each service: making them is what would take these tests most time."""
    made = boto3.Session("key", "secret", region_name=REGION)
    made.client = lru_cache(made.client)
    return made


@lru_cache
def at_once() -> dict[str, int]:
    """The numbers of the concurrency that is chosen where nothing else is."""
    return quota.at_once(template := additions(), CHOSEN.parameters(template))


@dataclass
class Stage:
    """A deployed stage and what can be broken in it."""

    folder: Path
    session: Any = field(default_factory=session)
    clock: timedelta = timedelta(0)
    allowed: int = 1000
    drift: str = "IN_SYNC"
    stack: dict[str, Any] = field(default_factory=lambda: {"StackStatus": "UPDATE_COMPLETE"})
    mappings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # What moto does not answer, or not without more packages.
        self.answer("cloudformation.DescribeStacks", lambda: {"Stacks": [self.stack]})
        self.answer("lambda.GetAccountSettings", lambda: {"AccountLimit": {"ConcurrentExecutions": self.allowed}})
        self.answer("cloudformation.DetectStackDrift", lambda: {"StackDriftDetectionId": "1"})
        self.answer(
            "cloudformation.DescribeStackDriftDetectionStatus",
            lambda: {"DetectionStatus": "DETECTION_COMPLETE", "StackDriftStatus": self.drift},
        )

    def answer(self, operation: str, answer: Any) -> None:
        """Let an operation answer something of the test's own."""
        http = type("Answer", (), {"status_code": 200})()
        self.session.events.register(f"before-call.{operation}", lambda **_: (http, answer()))

    def client(self, service: str) -> Any:
        return self.session.client(service)

    def installation(self, chosen: Chosen = CHOSEN) -> Installation:
        account = Account(id=ACCOUNT, region=REGION, partition="aws", session=self.session)
        return Installation(
            account=account,
            chosen=chosen,
            now=lambda: datetime.now(UTC) + self.clock,
            package=self.folder / "template.json",
        )

    def said(self, name: str, chosen: Chosen = CHOSEN) -> str:
        """The one complaint of the doctor; it has to be of this check, and the others have to be well."""
        found = [(check, text) for check, well, text in examined(self.installation(chosen), CHECKS) if not well]
        assert [check for check, _ in found] == [name], found
        return found[0][1]

    def store(self) -> WholeDynamoStore:
        session = botocore.session.get_session()
        session.set_config_variable("region", REGION)
        return WholeDynamoStore(Settings(stage=STAGE), session=session)

    def handled(self, shard: int, through: datetime) -> None:
        """Let a shard have been handled through a window."""
        store, now = self.store(), datetime.now(UTC)
        control = store.take_lease(shard, str(through), now=now, until=now)
        assert control is not None
        store.move(shard, type(control)(through=through, token=control.token, lease_until=now))

    def packaged(self, runtime: str, architecture: str) -> None:
        """Let there be a package."""
        function = {"Type": "AWS::Serverless::Function", "Properties": {"Runtime": runtime}}
        parameters = {"Architecture": {"Default": architecture}}
        document = {"Parameters": parameters, "Resources": {"Light": function}}
        (self.folder / "template.json").write_text(json.dumps(document))


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        made = Stage(folder=tmp_path)
        deploy(made)
        yield made


def deploy(stage: Stage) -> None:
    resources.create(resources.load(STAGE), stage.client("dynamodb"), stage.client("sqs"))
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    stage.client("iam").create_role(RoleName="trial", AssumeRolePolicyDocument=trust)
    for name in stage.installation().names():
        deploy_function(stage, name)
    for queue, function in QUEUES.items():
        stage.mappings[queue] = deploy_mapping(stage, queue, function)
    for name, rate in (("coordinator", "rate(1 minute)"), ("auditor", "rate(5 minutes)")):
        stage.client("events").put_rule(Name=name, ScheduleExpression=rate, State="ENABLED")
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:punctual-{STAGE}-{name}"
        stage.client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    now = datetime.now(UTC)
    stage.store().shards_in_use(2)
    for shard in (0, 1):
        stage.handled(shard, now)
    watch(stage)


def watch(stage: Stage) -> None:
    topic = stage.client("sns").create_topic(Name=f"punctual-{STAGE}-alarms")["TopicArn"]
    stage.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ann@example.com")
    stage.client("cloudwatch").put_metric_alarm(
        AlarmName=f"punctual-{STAGE}-no-tick",
        Namespace="Punctual",
        MetricName="Ticks",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
    )


def environment(**changed: str) -> dict[str, dict[str, str]]:
    return {"Variables": {"STAGE": STAGE, "SHARDS": "2", "METRICS": "on"} | changed}


def deploy_function(stage: Stage, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "")
    stage.client("lambda").create_function(
        FunctionName=f"punctual-{STAGE}-{name}",
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/trial",
        Handler=f"app.{name}",
        Architectures=["arm64"],
        Code={"ZipFile": packed.getvalue()},
        Environment=environment(),
    )


def deploy_mapping(stage: Stage, queue: str, function: str) -> str:
    made = stage.client("lambda").create_event_source_mapping(
        EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:punctual-{STAGE}-{queue}",
        FunctionName=f"punctual-{STAGE}-{function}",
        BatchSize=BATCH[queue],
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": at_once()[queue.title()]},
        Enabled=True,
    )
    return str(made["UUID"])
