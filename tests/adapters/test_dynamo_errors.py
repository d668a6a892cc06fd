"""Bad days of DynamoDB: errors, answers in many pages, and items that cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import MOST_TRIES
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.errors import NewerSchema, TooLarge, Unavailable
from chalicelib.core.run import Run, RunStatus
from tests.adapters.building import (
    START,
    at,
    entry,
    in_window,
    late,
    make_run,
    make_task,
    make_user,
)
from tests.adapters.conftest import Stage
from tests.adapters.faults import Faults, everything, half, nothing, one

SHARES = [[nothing], [one], [half], [half, half, one], [everything, half]]

Act = Callable[[WholeDynamoStore], object]
QUEUED = make_run(status=RunStatus.QUEUED)


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("GetItem", lambda s: s.task("task")),
        ("PutItem", lambda s: s.insert_run(make_run())),
        ("UpdateItem", lambda s: s.take_lease(0, "me", now=START, until=at(30))),
        ("DeleteItem", lambda s: s.delete_token("u1", "t")),
        ("Query", lambda s: s.late(0, 10)),
        ("Scan", lambda s: s.tasks_in(0, after=None)),
        ("BatchGetItem", lambda s: s.tasks(["task"])),
        ("BatchWriteItem", lambda s: s.put_entries([late(entry())])),
        ("TransactWriteItems", lambda s: s.create_user(make_user())),
    ],
)
def test_what_dynamodb_refuses_is_unavailable(
    dynamo: WholeDynamoStore, faults: Faults, operation: str, act: Act
) -> None:
    faults.errors(operation, "AccessDeniedException", times=1, message="not yours")
    with pytest.raises(Unavailable, match="AccessDeniedException: not yours") as raised:
        act(dynamo)
    assert isinstance(raised.value.__cause__, ClientError)


def test_no_answer_at_all_is_unavailable(
    stage: Stage, faults: Faults, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{unused_port}")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with pytest.raises(Unavailable) as raised:
        WholeDynamoStore(stage.settings, session=faults.session).has_accounts()
    assert isinstance(raised.value.__cause__, BotoCoreError)


def test_throttling_and_broken_connections_are_sat_out(
    dynamo: WholeDynamoStore, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    faults.breaks("PutItem", times=3)
    faults.throttled("GetItem", "ThrottlingException", times=3)
    assert dynamo.insert_run(make_run()) is None
    assert dynamo.run("task", START) == make_run()


def test_one_failure_among_many_does_not_stop_the_others(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    bystander.put_entries([late(entry(at(number))) for number in range(40)])
    faults.errors("DeleteItem", "AccessDeniedException", times=1)
    with pytest.raises(Unavailable):
        dynamo.delete_late(0, bystander.late(0, 100).entries)
    assert len(bystander.late(0, 100).entries) == 1


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_met_another_is_tried_again(dynamo: WholeDynamoStore, faults: Faults, code: str) -> None:
    reasons = [{"Code": code}, {"Code": "None"}]
    faults.errors("TransactWriteItems", "TransactionCanceledException", times=2, CancellationReasons=reasons)
    assert dynamo.enqueue_run(QUEUED, late(entry()))
    assert len(faults.pauses) == 2


def test_a_write_that_met_a_transaction_is_tried_again(dynamo: WholeDynamoStore, faults: Faults) -> None:
    faults.errors("PutItem", "TransactionConflictException", times=2)
    assert dynamo.insert_run(make_run()) is None


def test_a_transaction_that_always_meets_another_is_given_up(dynamo: WholeDynamoStore, faults: Faults) -> None:
    reasons = [{"Code": "TransactionConflict"}]
    faults.errors("TransactWriteItems", "TransactionCanceledException", times=MOST_TRIES, CancellationReasons=reasons)
    with pytest.raises(Unavailable):
        dynamo.enqueue_run(QUEUED, late(entry()))


def test_a_transaction_that_can_never_succeed_is_not_tried_again(dynamo: WholeDynamoStore, faults: Faults) -> None:
    reasons = [{"Code": "ValidationError", "Message": "odd"}, {"Code": "TransactionConflict"}]
    faults.errors("TransactWriteItems", "TransactionCanceledException", times=1, CancellationReasons=reasons)
    with pytest.raises(Unavailable, match="ValidationError"):
        dynamo.enqueue_run(QUEUED, late(entry()))


def test_an_item_of_a_transaction_may_be_what_is_too_large(dynamo: WholeDynamoStore, faults: Faults) -> None:
    too_large = "Item size to update has exceeded the maximum allowed size"
    reasons = [{"Code": "ValidationError", "Message": too_large}, {"Code": "None"}]
    faults.errors("TransactWriteItems", "TransactionCanceledException", times=1, CancellationReasons=reasons)
    with pytest.raises(TooLarge):
        dynamo.enqueue_run(QUEUED, late(entry()))


@pytest.mark.parametrize("found", [QUEUED, make_run(token="other")])
def test_an_emulator_that_does_not_say_what_a_condition_found_is_asked(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults, found: Run
) -> None:
    bystander.insert_run(found)
    faults.errors("PutItem", "ConditionalCheckFailedException", times=1)
    assert dynamo.insert_run(QUEUED) == (None if found == QUEUED else found)


# Pages and rows


def test_a_query_that_answers_in_many_pages_is_read_to_its_end(dynamo: WholeDynamoStore) -> None:
    """Items of 90 KB: twelve to the megabyte, which is all that one answer holds."""
    tasks = [make_task(f"t{number:02d}", metadata={"x": "y" * 90_000}) for number in range(30)]
    for task in tasks:
        dynamo.create_task(task, None)
    assert dynamo.tasks_of("ann", limit=30, after=None).items == tuple(reversed(tasks))


def test_a_scan_goes_on_where_its_answer_ended(dynamo: WholeDynamoStore, faults: Faults) -> None:
    for number in range(30):
        dynamo.create_task(make_task(f"t{number:02d}", shard=number % 2, metadata={"x": "y" * 90_000}), None)
    found, after = list(dynamo.tasks_in(0, after=None).items), dynamo.tasks_in(0, after=None).after
    assert after is not None
    while after is not None:
        page = dynamo.tasks_in(0, after=after)
        found, after = [*found, *page.items], page.after
    assert {task.id for task in found} == {f"t{number:02d}" for number in range(0, 30, 2)}


def s(text: str) -> dict[str, str]:
    return {"S": text}


@pytest.mark.parametrize("broken", ["not a key", "1772442000000#task#unheard-of#1772442000000#1", "0#a#b#c"])
def test_a_row_that_is_no_entry_hides_no_other(
    stage: Stage, dynamo: WholeDynamoStore, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    partition = "2026-03-02T09:00:00Z#0"
    stage.put("agenda", partition=s(partition), entry=s(broken))
    stage.put("agenda", partition=s("late#0"), entry=s(broken), nonce=s("x"))
    good = [entry(at(number)) for number in range(3)]
    dynamo.put_entries([placed(one) for one in good for placed in (in_window, late)])
    with caplog.at_level(logging.ERROR, logger="punctual"):
        assert dynamo.window(START, 0, after=None, limit=3) == good
        found = dynamo.late(0, 3)
    assert [one.entry for one in found.entries] == good
    assert not found.more
    assert {record.getMessage() for record in caplog.records} == {"item_unreadable"}


def test_any_number_of_unreadable_rows_hides_no_entry(stage: Stage, dynamo: WholeDynamoStore) -> None:
    for number in range(20):
        stage.put("agenda", partition=s("late#0"), entry=s(f"#{number}"), nonce=s("x"))
    dynamo.put_entries([late(entry())])
    assert [one.entry for one in dynamo.late(0, 2).entries] == [entry()]


def test_a_task_that_cannot_be_read_is_left_out_of_lists_and_is_not_missing(
    stage: Stage, dynamo: WholeDynamoStore, caplog: pytest.LogCaptureFixture
) -> None:
    dynamo.create_task(make_task("good"), None)
    dynamo.create_task(make_task("bad"), None)
    [row] = [row for row in stage.rows("tasks") if row["id"]["S"] == "bad"]
    stage.put("tasks", **row | {"definition": s("{not json")})
    with caplog.at_level(logging.ERROR, logger="punctual"):
        assert dynamo.tasks(["good", "bad", "gone"]) == {"good": dynamo.task("good"), "bad": None}
        assert [task.id for task in dynamo.tasks_of("ann", limit=10, after=None).items] == ["good"]
        assert [task.id for task in dynamo.tasks_in(0, after=None).items] == ["good"]
    assert len(caplog.records) == 3
    with pytest.raises(Unavailable, match="bad"):
        dynamo.task("bad")


def test_a_task_of_a_newer_version_is_not_misread(stage: Stage, dynamo: WholeDynamoStore) -> None:
    dynamo.create_task(make_task(), None)
    [row] = stage.rows("tasks")
    stage.put("tasks", **row | {"v": {"N": "99"}})
    with pytest.raises(NewerSchema, match="upgrade"):
        dynamo.task("task")


def test_a_run_that_cannot_be_read_is_left_out_of_lists_and_is_not_missing(
    stage: Stage, dynamo: WholeDynamoStore
) -> None:
    dynamo.insert_run(make_run())
    dynamo.insert_run(make_run(at(1), status=RunStatus.FAILED))
    broken = next(row for row in stage.rows("runs") if row["status"] == s("failed"))
    stage.put("runs", **broken | {"attempts": s("[{}]")})
    assert dynamo.runs_of("task", limit=10, after=None, first=None, last=None).items == (make_run(),)
    assert dynamo.last_runs(["task"], 1) == {"task": [make_run()]}
    assert dynamo.feed("ann", limit=10, after=None).items == (make_run(),)
    assert dynamo.attention("ann", limit=10, after=None).items == ()
    with pytest.raises(Unavailable):
        dynamo.run("task", at(1))


def test_a_control_row_that_cannot_be_read_is_not_taken_for_a_new_shard(stage: Stage, dynamo: WholeDynamoStore) -> None:
    stage.put("agenda", partition=s("late#0"), entry=s("!control"), through=s("yesterday"))
    with pytest.raises(Unavailable):
        dynamo.late(0, 10)


def test_an_attribute_of_a_newer_version_is_passed_over(stage: Stage, dynamo: WholeDynamoStore) -> None:
    dynamo.insert_run(make_run())
    [row] = stage.rows("runs")
    stage.put("runs", **row | {"colour": s("green")})
    assert dynamo.run("task", START) == make_run()
