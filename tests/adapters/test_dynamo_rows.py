"""What DynamoDB is left with: keys, sizes and lifetimes, which cost money or lose history when they are wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.session import Session
from pynamodb.models import Model

from chalicelib.adapters.dynamo.ground.schema import FORMS
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.tables import TABLES, AccountItem, AgendaItem, RunItem, TaskItem
from chalicelib.core.attempts.claim import first_claim, settled
from chalicelib.core.instant import to_ms
from chalicelib.core.message import RunMessage
from chalicelib.core.people.account import Answer, Token
from chalicelib.core.run import AttemptStatus, Outcome, RunStatus
from chalicelib.core.task import Channel
from chalicelib.core.window import AGENDA_RETENTION
from chalicelib.settings import Settings
from infra import resources
from tests.adapters.building import DAY, START, at, attempt, entry, in_window, late, make_run, make_task, make_user
from tests.adapters.conftest import Stage
from tests.adapters.faults import Faults

TASK_ID = "01kfxhv2c8q3zr5t7w9y0b1d2e"
OWNER = "01kfxh0000q3zr5t7w9y0b1d2e"
WRITE_UNIT = 1024


def size(row: dict[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them, numbers at their longest."""
    return sum(len(name) + sum(len(str(value).encode()) for value in typed.values()) for name, typed in row.items())


def seconds(instant: datetime) -> str:
    return str(to_ms(instant) // 1000)


def only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    [row] = rows
    return row


@pytest.mark.parametrize("model", [TaskItem, AgendaItem, RunItem, AccountItem])
def test_the_models_have_the_keys_and_lifetimes_of_the_declared_tables(model: type[Model]) -> None:
    name = Settings(stage="x").table(TABLES[model])
    declared = next(table for table in resources.tables(resources.load("x")) if table["TableName"] == name)
    attributes = model.get_attributes()
    for index in (declared, *declared.get("GlobalSecondaryIndexes", ())):
        assert {key["AttributeName"] for key in index["KeySchema"]} <= set(attributes)
    types = {key["AttributeName"]: key["AttributeType"] for key in declared["AttributeDefinitions"]}
    assert types == {key: attributes[key].attr_type for key in types}
    keys = {key["KeyType"]: key["AttributeName"] for key in declared["KeySchema"]}
    assert keys["HASH"] == next(key for key, attribute in attributes.items() if attribute.is_hash_key)
    assert keys.get("RANGE") == next((key for key, attribute in attributes.items() if attribute.is_range_key), None)
    if "TimeToLiveSpecification" in declared:
        assert declared["TimeToLiveSpecification"]["AttributeName"] in attributes


def test_a_window_entry_is_its_key_its_lifetime_and_its_form(stage: Stage, dynamo: WholeDynamoStore) -> None:
    dynamo.put_entries([in_window(entry(at(12.5), task_id=TASK_ID), shard=7)])
    assert only(stage.rows("agenda")) == {
        "partition": {"S": "2026-03-02T09:00:00Z#7"},
        "entry": {"S": entry(at(12.5), task_id=TASK_ID).key},
        "expires_at": {"N": seconds(START + AGENDA_RETENTION)},
        "v": {"N": str(FORMS["entry"])},
    }


def test_a_late_entry_is_its_key_and_a_nonce_and_stays_until_it_is_handled(
    stage: Stage, dynamo: WholeDynamoStore
) -> None:
    dynamo.put_entries([late(entry(), shard=3)])
    first = only(stage.rows("agenda"))
    dynamo.put_entries([late(entry(), shard=3)])
    second = only(stage.rows("agenda"))
    assert first.keys() == {"partition", "entry", "nonce", "v"}
    assert (first["partition"], first["entry"]) == ({"S": "late#3"}, {"S": entry().key})
    assert first["nonce"] != second["nonce"]


def test_a_pass_reads_its_shard_in_one_request(dynamo: WholeDynamoStore, faults: Faults) -> None:
    dynamo.take_lease(0, "me", now=START, until=at(30))
    dynamo.put_entries([late(entry(at(number))) for number in range(5)])
    faults.calls.clear()
    dynamo.late(0, 5)
    assert [name for name, _ in faults.calls] == ["Query"]


def test_ids_that_nothing_can_have_are_not_asked_for(dynamo: WholeDynamoStore, faults: Faults) -> None:
    """One of them would make DynamoDB refuse the whole batch, and so hold up every task of a page."""
    assert dynamo.tasks(["", "task", "x" * 3000]) == {}
    [(name, request)] = faults.calls
    assert name == "BatchGetItem"
    [asked] = request["RequestItems"].values()
    assert asked["Keys"] == [{"id": {"S": "task"}}]


def test_an_executed_light_run_is_one_write_unit_at_every_step(stage: Stage, dynamo: WholeDynamoStore) -> None:
    task = make_task(TASK_ID, owner=OWNER, name="x" * 100)
    one = entry(START, task_id=TASK_ID)
    message = RunMessage(entry=one, owner=OWNER, task_name="x" * 100, channel=Channel.LIGHT)
    claimed = first_claim(message, "0123456789abcdef", at(0.1))
    assert claimed is not None
    dynamo.insert_run(claimed)
    assert size(only(stage.rows("runs"))) < WRITE_UNIT
    result = {"status": 200, "body": "b" * 100}
    outcome = Outcome(status=AttemptStatus.SUCCEEDED, output="o" * 200, result=result, http_status=200)
    ended, _ = settled(claimed, task, outcome, now=at(0.2), spread=0)
    dynamo.replace_run(ended, token=claimed.token)
    assert size(only(stage.rows("runs"))) < WRITE_UNIT


def test_a_claim_and_a_finish_are_one_write_each(dynamo: WholeDynamoStore, faults: Faults) -> None:
    dynamo.insert_run(make_run())
    dynamo.replace_run(make_run(status=RunStatus.SUCCEEDED, attempts=(attempt(output="hello"),)), token="first")
    assert [name for name, _ in faults.calls] == ["PutItem", "PutItem"]


def test_output_beyond_a_kilobyte_is_an_item_of_its_own(stage: Stage, dynamo: WholeDynamoStore) -> None:
    dynamo.insert_run(make_run(attempts=(attempt(1, "x" * 1024), attempt(2, "x" * 1025))))
    rows = {row["due_key"]["S"]: row for row in stage.rows("runs")}
    due = to_ms(START)
    assert rows.keys() == {f"{due:013d}", f"output#{due:013d}#02"}
    assert rows[f"output#{due:013d}#02"]["output"] == {"S": "x" * 1025}


def test_outputs_of_earlier_attempts_are_not_written_again(dynamo: WholeDynamoStore, faults: Faults) -> None:
    long = "x" * 5000
    dynamo.insert_run(make_run(attempts=(attempt(1, long),)))
    faults.calls.clear()
    dynamo.replace_run(make_run(token="second", attempts=(attempt(1, long), attempt(2))), token="first")
    assert [name for name, _ in faults.calls] == ["PutItem"]


def test_the_newest_runs_are_read_without_reading_outputs(dynamo: WholeDynamoStore, faults: Faults) -> None:
    dynamo.insert_run(make_run(attempts=(attempt(1, "x" * 5000),)))
    faults.calls.clear()
    dynamo.last_runs(["task"], 5)
    assert [name for name, _ in faults.calls] == ["Query"]


def test_of_recent_runs_that_said_much_as_many_come_as_four_reads_bring(
    dynamo: WholeDynamoStore, faults: Faults
) -> None:
    """A read ends after a megabyte, whatever of it was wanted."""
    for seconds in range(16):
        dynamo.insert_run(make_run(at(seconds), result={"text": "x" * 300_000}))
    faults.calls.clear()
    found = dynamo.recent_runs("task", limit=1000, first=START)
    assert 4 <= len(found.items) < 16
    assert [run.due_at for run in found.items] == [at(15 - n) for n in range(len(found.items))]
    assert found.after is not None
    assert [name for name, _ in faults.calls] == ["Query"] * 4


def test_an_output_that_is_gone_is_marked_as_cut(stage: Stage, dynamo: WholeDynamoStore) -> None:
    dynamo.insert_run(make_run(attempts=(attempt(1, "x" * 5000),)))
    key = {"task_id": {"S": "task"}, "due_key": {"S": f"output#{to_ms(START):013d}#01"}}
    stage.dynamodb.delete_item(TableName=stage.settings.table("runs"), Key=key)
    found = dynamo.run("task", START)
    assert found is not None
    assert (found.attempts[0].output, found.attempts[0].output_truncated) == ("", True)


def test_text_leaves_the_store_as_plain_text(dynamo: WholeDynamoStore) -> None:
    dynamo.insert_run(make_run(attempts=(attempt(1, "x" * 5000), attempt(2, "o"))))
    found = dynamo.run("task", START)
    assert found is not None
    assert [type(one.output) for one in found.attempts] == [str, str]


@pytest.mark.parametrize(
    ("run", "until"),
    [
        (make_run(), START + 31 * DAY),
        (make_run(at(-(10**7)), attempts=(attempt(1),)), at(1) + 31 * DAY),
        (make_run(at(-(10**7)), lease_until=at(140), attempts=(attempt(1),)), at(140) + 31 * DAY),
        (make_run(retention=timedelta(days=1), finished_at=at(9)), at(9) + 2 * DAY),
    ],
)
def test_a_run_is_kept_for_its_retention_whatever_happened_last(
    stage: Stage, dynamo: WholeDynamoStore, run: Any, until: datetime
) -> None:
    dynamo.insert_run(run)
    assert only(stage.rows("runs"))["expires_at"] == {"N": seconds(until)}


def test_a_queued_run_of_the_past_is_kept_until_it_has_begun(stage: Stage, dynamo: WholeDynamoStore) -> None:
    past = make_run(START - 400 * DAY, status=RunStatus.QUEUED)
    dynamo.enqueue_run(past, late(entry(at(60))))
    assert only(stage.rows("runs"))["expires_at"] == {"N": seconds(at(60) + 31 * DAY)}


def test_without_a_feed_no_run_is_in_its_index(stage: Stage, session: Session) -> None:
    store = WholeDynamoStore(Settings(stage=stage.settings.stage, run_feed=False), session=session)
    store.insert_run(make_run())
    assert "feed" not in only(stage.rows("runs"))
    assert store.feed("ann", limit=10, after=None).items == ()


def test_a_task_says_what_it_is_to_who_looks_into_the_table(stage: Stage, dynamo: WholeDynamoStore) -> None:
    dynamo.create_task(make_task(name="nightly report"), None)
    row = only(stage.rows("tasks"))
    assert row["name"] == {"S": "nightly report"}
    assert row.keys().isdisjoint({"superseded", "pause_reason"})


def test_accounts_stand_under_their_owner(stage: Stage, dynamo: WholeDynamoStore) -> None:
    dynamo.create_user(make_user("u1", "Ann"))
    dynamo.put_token(Token(id="t1", owner="u1", digest="d", scopes=frozenset(), created_at=START, expires_at=at(60.5)))
    dynamo.begin_answer("u1", Answer(key="k", digest="d", status=0, begun_at=START, body="", headers={}), START)
    rows = {(row["owner"]["S"], row["id"]["S"].partition("#")[0]): row for row in stage.rows("accounts")}
    assert rows.keys() == {
        ("u1", "user"),
        ("name#ann", "name"),
        ("installation", "first"),
        ("installation", "user"),
        ("u1", "token"),
        ("u1", "answer"),
    }
    assert rows["u1", "token"]["expires_at"] == {"N": seconds(at(60))}
    assert rows["u1", "answer"]["expires_at"] == {"N": seconds(START + DAY)}


def test_two_stages_in_one_process_share_nothing(
    dynamo: WholeDynamoStore, other_stage: Stage, session: Session
) -> None:
    other = WholeDynamoStore(other_stage.settings, session=session)
    dynamo.create_task(make_task(), in_window(entry()))
    assert other.task("task") is None
    other.create_task(make_task(owner="bob"), None)
    assert dynamo.task("task") == make_task()
    assert other.window(START, 0, after=None, limit=10) == []


@pytest.fixture
def other_stage(new_stage: Callable[[], Stage]) -> Stage:
    return new_stage()
