"""What is recorded of a call, and how it is held against a policy."""

from __future__ import annotations

import pytest

from chalicelib.core.message import PassMessage
from tests.policies.calls import Permission, permissions
from tests.policies.installation import Installation, installed
from tests.policies.policy import Statement, policies, read
from tests.policies.recording import Call, kept_apart, recorded
from tests.policies.verdict import refused, unused
from tests.web.building import HELLO, in_

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/punctual-proof-tasks"
INDEX = f"{TABLE}/index/by_owner"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:punctual-proof-light"
SECRET = "arn:aws:ssm:us-east-1:123456789012:parameter/punctual/proof/secrets/owner/name"


def stated(*statements: Statement, role: str = "api") -> dict[str, list[Statement]]:
    return {role: list(statements)}


def allowing(action: str, resource: str, only: frozenset[str] | None = None) -> Statement:
    return Statement(sid="Sid", actions=(action,), resources=(resource,), only=only)


@pytest.mark.parametrize(
    ("service", "operation", "request_", "expected"),
    [
        ("dynamodb", "GetItem", {"TableName": "punctual-dev-tasks"}, [("dynamodb:GetItem", TABLE)]),
        (
            "dynamodb",
            "Query",
            {"TableName": "punctual-a-b-tasks", "IndexName": "by_owner"},
            [("dynamodb:Query", INDEX)],
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{verb: {"TableName": "punctual-dev-tasks"}} for verb in ("Put", "ConditionCheck")]},
            [("dynamodb:PutItem", TABLE), ("dynamodb:ConditionCheckItem", TABLE)],
        ),
        (
            "dynamodb",
            "BatchWriteItem",
            {"RequestItems": {"punctual-dev-tasks": []}},
            [("dynamodb:BatchWriteItem", TABLE)],
        ),
        ("sqs", "GetQueueUrl", {"QueueName": "punctual-dev-light"}, [("sqs:GetQueueUrl", QUEUE)]),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "https://queue/1/punctual-dev-light-dead"},
            [("sqs:SendMessage", QUEUE + "-dead")],
        ),
        ("ssm", "GetParameters", {"Names": ["/punctual/dev/secrets/ann/key"]}, [("ssm:GetParameters", SECRET)]),
        ("s3", "GetObject", {"Bucket": "b"}, [("s3:GetObject", "unknown")]),
    ],
)
def test_a_call_is_what_iam_makes_of_it(
    service: str, operation: str, request_: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert permissions(service, operation, request_) == [Permission(*each) for each in expected]


def test_a_read_of_some_attributes_says_which() -> None:
    request = {
        "TableName": "punctual-dev-accounts",
        "Key": {"owner": {"S": "ann"}},
        "ProjectionExpression": "#a, b.c[0]",
        "ExpressionAttributeNames": {"#a": "name"},
    }
    [found] = permissions("dynamodb", "GetItem", request)
    assert found.attributes == ("b", "name", "owner")


def test_a_call_is_allowed_by_a_statement_with_its_action_and_its_resource() -> None:
    call = Call("api", Permission("dynamodb:GetItem", TABLE))
    assert list(refused([call], stated(allowing("dynamodb:Get*", TABLE)))) == []
    for other in (allowing("dynamodb:PutItem", TABLE), allowing("dynamodb:GetItem", INDEX)):
        [line] = refused([call], stated(other))
        assert line.startswith(f"api: dynamodb:GetItem on {TABLE} is called")
    assert len(list(refused([call], stated(allowing("*", "*"), role="light")))) == 1


def test_a_condition_on_attributes_allows_reads_of_these_and_of_no_others() -> None:
    statement = allowing("dynamodb:GetItem", TABLE, only=frozenset({"id", "owner"}))
    some, other, whole = (Permission("dynamodb:GetItem", TABLE, names) for names in (("id",), ("id", "hash"), ()))
    assert statement.allows(some)
    assert not statement.allows(other)
    [line] = refused([Call("api", whole)], stated(statement))
    assert line.endswith("the condition of Sid excludes whole items")


def test_a_condition_on_partitions_allows_these_and_no_others() -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["alerts#*"]}}
    plain = {"Sid": "Sid", "Effect": "Allow", "Action": "dynamodb:BatchWriteItem", "Resource": "*"}
    [statement] = read({"Statement": [plain | {"Condition": condition}]})
    ours, anns = ({"PutRequest": {"Item": {"owner": {"S": owner}}}} for owner in ("alerts#ann", "ann"))
    for items, allowed in (([ours], True), ([ours, anns], False), ([], False)):
        [wanted] = permissions("dynamodb", "BatchWriteItem", {"RequestItems": {"punctual-dev-accounts": items}})
        assert statement.allows(wanted) is allowed
    query = {
        "TableName": "punctual-dev-accounts",
        "KeyConditionExpression": "(#0 = :0 AND begins_with (#1, :1))",
        "ExpressionAttributeNames": {"#0": "owner", "#1": "id"},
        "ExpressionAttributeValues": {":0": {"S": "alerts#ann"}, ":1": {"S": "x"}},
    }
    assert permissions("dynamodb", "Query", query)[0].partitions == ("alerts#any",)


def test_each_action_on_each_resource_has_to_be_called() -> None:
    statement = Statement(sid="Sid", actions=("dynamodb:GetItem", "dynamodb:Query"), resources=(TABLE, INDEX))
    calls = [Call("api", Permission("dynamodb:GetItem", TABLE)), Call("api", Permission("dynamodb:Query", INDEX))]
    assert [line.split(",")[0] for line in unused(calls, stated(statement))] == [
        f"api: Sid allows dynamodb:GetItem on {INDEX}",
        f"api: Sid allows dynamodb:Query on {TABLE}",
    ]


def test_what_aws_does_with_a_role_need_not_be_called() -> None:
    log = allowing("logs:PutLogEvents", "arn:aws:logs:*")
    own, dead = allowing("sqs:ReceiveMessage", QUEUE), allowing("sqs:ReceiveMessage", QUEUE + "-dead")
    assert list(unused([], stated(log, own, role="light"))) == []
    assert len(list(unused([], stated(own, role="urgent")))) == 1
    assert len(list(unused([], stated(dead, role="auditor")))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"NotAction": "s3:*"},
        {"Resource": "arn:${AWS::Nowhere}:x"},
        {"Condition": {"StringLike": {"aws:PrincipalArn": "*"}}},
    ],
)
def test_a_statement_that_is_not_understood_is_no_proof(changes: dict[str, object]) -> None:
    plain = {"Sid": "Sid", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    assert len(read({"Statement": [plain]})) == 1
    with pytest.raises(ValueError, match=r"Sid|nobody says"):
        read({"Statement": [plain | changes]})


def test_no_policy_says_any_resource_or_any_action() -> None:
    for role, statements in policies().items():
        for statement in statements:
            assert "*" not in statement.resources, role
            assert not any("*" in action for action in statement.actions), role


def test_calls_are_recorded_for_the_function_that_makes_them() -> None:
    with installed() as installation, kept_apart() as calls:
        ann = installation.world.caller("ann")
        ann.created(schedule={"type": "once", "at": in_(3)}, action=HELLO)
        installation.system.coordinator.tick()
        _look_around(installation)
        seen = {(call.role, call.permission.action, call.permission.resource.rpartition("-")[2]) for call in calls}
    assert ("api", "dynamodb:PutItem", "tasks") in seen
    assert ("api", "sqs:SendMessage", "light") in seen
    assert ("coordinator", "sqs:SendMessage", "passes") in seen
    assert {role for role, action, _ in seen} == {"api", "coordinator"}


def test_threads_that_make_calls_side_by_side_make_them_for_who_began_them() -> None:
    with installed() as installation, kept_apart() as calls:
        ann = installation.world.caller("ann")
        tasks = [ann.created(name=f"task {n}")["id"] for n in range(3)]
        ann.get("/api/tasks")
        asked = [call for call in calls if call.permission.action == "dynamodb:Query"]
    assert len(tasks) == 3
    assert any(call.permission.resource.endswith("-runs") and call.role == "api" for call in asked)


def test_what_a_test_does_itself_is_nobodys() -> None:
    with installed() as installation, kept_apart() as calls:
        _look_around(installation)
        installation.system.catalog.queue.send_passes([PassMessage(shard=0)])
        assert calls == set()
    assert isinstance(recorded, set)


def _look_around(installation: Installation) -> None:
    installation.dynamodb.scan(TableName="punctual-local-tasks")
    installation.store.late(0, 1)
