"""Bad days of DynamoDB: partial answers, lost answers, and others who are quicker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.adapters.aws import MOST_TRIES
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.people.account import Answer
from chalicelib.core.run import RunStatus
from chalicelib.ports import Control, Placed
from tests.adapters.building import (
    START,
    at,
    attempt,
    entry,
    in_window,
    late,
    make_run,
    make_task,
    make_user,
    renamed,
)
from tests.adapters.faults import Faults, Share, everything, half, nothing, one

SHARES = [[nothing], [one], [half], [half, half, one], [everything, half]]
Act = Callable[[WholeDynamoStore], object]
SUCCEEDED = RunStatus.SUCCEEDED
RENAMED = renamed(make_task(), "new")
LEASED = Control(token="me", lease_until=at(30))
QUEUED = make_run(status=RunStatus.QUEUED)
PLACE = Answer(key="k", digest="d", status=0, begun_at=START, body="", headers={})


# Partial answers


@pytest.mark.parametrize("shares", SHARES)
def test_entries_that_were_refused_are_written_again(
    dynamo: WholeDynamoStore, faults: Faults, shares: list[Share]
) -> None:
    faults.refuses("BatchWriteItem", *shares)
    entries = [entry(at(number / 10)) for number in range(60)]
    dynamo.put_entries([in_window(one) for one in entries])
    assert dynamo.window(START, 0, after=None, limit=100) == entries


@pytest.mark.parametrize("shares", SHARES)
def test_tasks_that_were_not_read_are_read_again_and_never_count_as_gone(
    dynamo: WholeDynamoStore, faults: Faults, shares: list[Share]
) -> None:
    faults.refuses("BatchGetItem", *shares)
    tasks = {f"t{number}": make_task(f"t{number}") for number in range(30)}
    for task in tasks.values():
        dynamo.create_task(task, None)
    assert dynamo.tasks(tasks) == tasks


def test_outputs_that_were_refused_are_written_and_read_again(dynamo: WholeDynamoStore, faults: Faults) -> None:
    faults.refuses("BatchWriteItem", half)
    faults.refuses("BatchGetItem", half)
    run = make_run(attempts=tuple(attempt(number, "x" * 2000) for number in range(1, 4)))
    dynamo.insert_run(run)
    assert dynamo.run("task", START) == run


@pytest.mark.parametrize(
    ("operation", "act"),
    [("BatchWriteItem", lambda s: s.put_entries([in_window(entry())])), ("BatchGetItem", lambda s: s.tasks(["task"]))],
)
def test_a_batch_of_which_nothing_ever_comes_through_is_given_up(
    dynamo: WholeDynamoStore, faults: Faults, operation: str, act: Act
) -> None:
    faults.refuses(operation, *[everything] * MOST_TRIES)
    with pytest.raises(Unavailable):
        act(dynamo)
    assert faults.count(operation) == MOST_TRIES
    assert len(faults.pauses) == MOST_TRIES - 1


def test_a_batch_that_makes_progress_is_not_given_up(dynamo: WholeDynamoStore, faults: Faults) -> None:
    faults.refuses("BatchWriteItem", *[lambda of: of - 1] * 24)
    entries = [entry(at(number)) for number in range(25)]
    dynamo.put_entries([in_window(one) for one in entries])
    assert dynamo.window(START, 0, after=None, limit=100) == entries


def test_pauses_between_tries_grow(dynamo: WholeDynamoStore, faults: Faults) -> None:
    faults.refuses("BatchWriteItem", *[everything] * (MOST_TRIES - 1))
    dynamo.put_entries([in_window(entry())])
    assert 0 < faults.pauses[0] <= 0.1
    assert faults.pauses[-1] >= 1
    assert max(faults.pauses) <= 2


# Lost answers: the request came through, and the SDK sends it again


def created(store: WholeDynamoStore, first: Placed | None = None) -> bool:
    store.create_task(make_task(), first)
    return True


def claimed(store: WholeDynamoStore) -> None:
    store.insert_run(make_run())


def leased(store: WholeDynamoStore) -> None:
    store.take_lease(0, "me", now=START, until=at(30))


def fresh(store: WholeDynamoStore) -> None:
    pass


CONDITIONAL_WRITES: dict[str, tuple[str, Act, Act]] = {
    "insert_run": ("PutItem", fresh, lambda s: s.insert_run(make_run()) is None),
    "claim": ("PutItem", claimed, lambda s: s.replace_run(make_run(token="second"), token="first") is None),
    "finish": ("PutItem", claimed, lambda s: s.replace_run(make_run(status=SUCCEEDED), token="first") is None),
    "retry": (
        "TransactWriteItems",
        claimed,
        lambda s: s.replace_run(make_run(token="t"), token="first", entry=late(entry())) is None,
    ),
    "enqueue_run": ("TransactWriteItems", fresh, lambda s: s.enqueue_run(QUEUED, late(entry()))),
    "create_task": ("TransactWriteItems", fresh, lambda s: created(s, in_window(entry()))),
    "create_paused": ("PutItem", fresh, created),
    "replace_task": ("TransactWriteItems", created, lambda s: s.replace_task(RENAMED, in_window(entry()))),
    "rename_task": ("PutItem", created, lambda s: s.replace_task(RENAMED, None)),
    "delete_task": ("DeleteItem", created, lambda s: s.delete_task("task", 1)),
    "take_lease": ("UpdateItem", fresh, lambda s: s.take_lease(0, "me", now=START, until=at(30)) == LEASED),
    "move": ("PutItem", leased, lambda s: s.move(0, LEASED)),
    "pass_by": ("UpdateItem", leased, lambda s: s.pass_by(0, LEASED, "you", through=START)),
    "create_user": ("TransactWriteItems", fresh, lambda s: s.create_user(make_user())),
    "create_first": ("TransactWriteItems", fresh, lambda s: s.create_user(make_user(), first=True)),
    "begin_answer": ("PutItem", fresh, lambda s: s.begin_answer("u1", PLACE, START) is None),
}


@pytest.mark.parametrize("verb", CONDITIONAL_WRITES)
def test_a_write_whose_answer_was_lost_is_ours(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults, verb: str
) -> None:
    operation, before, write = CONDITIONAL_WRITES[verb]
    before(bystander)
    faults.answer_lost(operation)
    assert write(dynamo)
    assert faults.lost == [operation]


def test_a_late_entry_whose_deletion_was_not_heard_of_is_gone_quietly(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    bystander.put_entries([late(entry(at(number))) for number in range(5)])
    faults.answer_lost("DeleteItem")
    dynamo.delete_late(0, bystander.late(0, 10).entries)
    assert dynamo.late(0, 10).entries == ()


# Races: somebody else is quicker by the time the request arrives


def test_another_workers_claim_is_found_with_the_output_of_its_attempts(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    theirs = make_run(token="theirs", attempts=(attempt(output="x" * 2000),))
    faults.between("PutItem", lambda: bystander.insert_run(theirs))
    assert dynamo.insert_run(make_run(token="mine")) == theirs


def test_a_name_that_was_taken_meanwhile_is_taken(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    faults.between("TransactWriteItems", lambda: bystander.create_user(make_user("theirs", "Ann")))
    assert not dynamo.create_user(make_user("mine", "ann"))
    assert dynamo.user("mine") is None


def test_somebody_who_registered_meanwhile_was_the_first(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    faults.between("TransactWriteItems", lambda: bystander.create_user(make_user("theirs", "bob")))
    assert not dynamo.create_user(make_user("mine", "ann"), first=True)
    assert dynamo.user_named("ann") is None


def test_another_request_with_the_same_key_is_not_taken_for_this_one(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    faults.between("PutItem", lambda: bystander.begin_answer("u1", PLACE, START))
    assert dynamo.begin_answer("u1", PLACE, START) == PLACE


def test_a_late_entry_that_is_written_again_while_it_is_deleted_stays(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    bystander.put_entries([late(entry())])
    read = bystander.late(0, 10).entries
    faults.between("DeleteItem", lambda: bystander.put_entries([late(entry())]))
    dynamo.delete_late(0, read)
    assert len(dynamo.late(0, 10).entries) == 1


def test_creating_over_another_task_is_no_lost_answer(
    dynamo: WholeDynamoStore, bystander: WholeDynamoStore, faults: Faults
) -> None:
    faults.between("TransactWriteItems", lambda: bystander.create_task(make_task(owner="bob"), None))
    with pytest.raises(Conflict):
        dynamo.create_task(make_task(), late(entry()))
    assert dynamo.late(0, 10).entries == ()
