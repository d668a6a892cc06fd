"""The contract of cues, alert states and the key of the letters, on every adapter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.alerting.cues import Cue, Hint
from chalicelib.core.alerting.policy import Happening, Way
from chalicelib.core.alerting.state import Alert, AlertState
from chalicelib.core.run import RunError
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import START, at
from tests.adapters.conftest import Stage
from tests.adapters.faults import Faults

ALERT = Alert(
    id="alert_t_failed_1",
    kind=Happening.FAILED,
    first_due=at(1),
    last_due=at(9),
    count=3,
    made_at=at(10),
    run_id="t-1",
    status="failed",
    error=RunError(code="exit_code", detail="endete mit 3 – schade", permanent=True),
    output="ä" * 500,
    recovered_at=at(11),
    left=frozenset(Way),
    tries=2,
    next_try=at(300),
)
FULL = AlertState(
    version=1,
    failing_since=at(1),
    told_at=at(2),
    held=replace(ALERT, id="alert_t_failed_2", error=None, left=frozenset()),
    pending=(ALERT, replace(ALERT, kind=Happening.RECOVERED)),
    seen=("a", "b"),
    again_at=at(3),
    delivered_at=at(4),
    refused_at=at(5),
    refusal="no answer",
)


def cue(seconds: float, task_id: str = "t", **more: object) -> Cue:
    fields = {"at": at(seconds), "task_id": task_id, "hint": Hint.FAILED, "due_at": START, "number": 2}
    return Cue(**fields | more)  # type: ignore[arg-type]


def test_cues_are_read_oldest_first_until_an_instant_and_for_one_shard(store: WholeStore) -> None:
    store.put_cues([cue(3), cue(1), cue(2), cue(1, shard=1)])
    assert store.cues(0, until=at(2), limit=10) == [cue(1), cue(2)]
    assert store.cues(0, until=at(3), limit=2) == [cue(1), cue(2)]
    assert store.cues(1, until=at(9), limit=10) == [cue(1, shard=1)]
    assert store.cues(2, until=at(9), limit=10) == []


def test_cues_are_read_on_from_after_one_that_may_be_gone(store: WholeStore) -> None:
    store.put_cues([cue(n) for n in range(1, 6)] + [cue(9, shard=1)])
    [*_, last] = store.cues(0, until=at(4), limit=2)
    store.drop_cues([last])
    assert store.cues(0, until=at(4), limit=2, after=last) == [cue(3), cue(4)]
    assert store.cues(0, until=at(4), limit=2, after=cue(4)) == []


def test_a_cue_that_is_written_twice_is_one_and_can_be_dropped_twice(store: WholeStore) -> None:
    store.put_cues([cue(1), cue(1)])
    store.put_cues([cue(1)])
    store.drop_cues([cue(1), cue(5)])
    store.drop_cues([cue(1)])
    assert store.cues(0, until=at(9), limit=10) == []


def test_many_cues_are_written_and_read_over_all_pages(store: WholeStore) -> None:
    many = [cue(n / 1000) for n in range(60)]
    store.put_cues(many)
    assert store.cues(0, until=at(1), limit=100) == many


def test_a_state_is_read_as_it_was_written(store: WholeStore) -> None:
    assert store.put_alert_state("ann", "t", FULL)
    assert store.put_alert_state("ann", "u", AlertState(version=1, told_at=at(1)))
    assert store.alert_states([("ann", "t")]) == {("ann", "t"): FULL}
    assert store.alert_states([("ann", "t"), ("ann", "u"), ("ann", "x"), ("bob", "t")]) == {
        ("ann", "t"): FULL,
        ("ann", "u"): AlertState(version=1, told_at=at(1)),
    }


def test_who_decided_on_an_old_state_writes_nothing(store: WholeStore) -> None:
    second = replace(FULL, version=2, refusal=None)
    assert not store.put_alert_state("ann", "t", second)
    assert store.put_alert_state("ann", "t", FULL)
    assert store.put_alert_state("ann", "t", FULL)  # an earlier try of the same write, whose answer was lost
    assert not store.put_alert_state("ann", "t", replace(FULL, told_at=at(7)))
    assert store.put_alert_state("ann", "t", second)
    assert not store.put_alert_state("ann", "t", replace(second, told_at=at(7)))
    assert store.alert_states([("ann", "t")]) == {("ann", "t"): second}


def test_a_state_that_is_dropped_is_gone_and_can_begin_anew(store: WholeStore) -> None:
    store.put_alert_state("ann", "t", FULL)
    store.drop_alert_state("ann", "t")
    store.drop_alert_state("ann", "t")
    assert store.alert_states([("ann", "t")]) == {}
    assert store.put_alert_state("ann", "t", FULL)


def test_the_key_of_the_letters_stays_what_it_first_was(store: WholeStore) -> None:
    assert [store.letter_key(key) for key in (b"first", b"other")] == [b"first", b"first"]


def test_all_of_it_stands_under_keys_that_a_role_can_be_limited_to(dynamo: WholeDynamoStore, stage: Stage) -> None:
    dynamo.put_cues([cue(1)])
    dynamo.put_alert_state("ann", "t", FULL)
    dynamo.letter_key(b"key")
    assert len(stage.rows("accounts")) == 3
    assert all(row["owner"]["S"].startswith("alerts#") for row in stage.rows("accounts"))


@pytest.mark.parametrize("corrupt", ["x", "1#t#unknown#1#1"])
def test_a_cue_that_cannot_be_read_keeps_nobody_from_the_others(
    dynamo: WholeDynamoStore, stage: Stage, corrupt: str
) -> None:
    stage.put("accounts", owner={"S": "alerts#due#0"}, id={"S": f"0000000000000{corrupt}"})
    dynamo.put_cues([cue(1)])
    assert dynamo.cues(0, until=at(9), limit=10) == [cue(1)]


@pytest.mark.parametrize("hint", ["x", "1#t#of_tomorrow#1#1"])
def test_cues_of_a_newer_version_do_not_stand_before_all_others(
    dynamo: WholeDynamoStore, stage: Stage, hint: str
) -> None:
    for n in range(5):
        stage.put("accounts", owner={"S": "alerts#due#0"}, id={"S": f"000000000000{n}{hint}"})
    dynamo.put_cues([cue(1), cue(2)])
    assert dynamo.cues(0, until=at(9), limit=2) == [cue(1), cue(2)]


def test_what_an_audit_without_anything_to_tell_asks_is_one_query(dynamo: WholeDynamoStore, faults: Faults) -> None:
    dynamo.cues(0, until=at(9), limit=50)
    assert [name for name, _ in faults.calls] == ["Query"]
