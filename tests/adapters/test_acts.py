"""The contract of the audit logs, on every adapter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.core.errors import Invalid
from chalicelib.core.people.acts import KEPT, Act, Origin
from chalicelib.ports.whole import WholeStore
from tests.adapters.conftest import Stage
from tests.adapters.faults import Faults

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORIGIN = Origin(source="203.0.113.7", by="token", request_id="r1", token_id="t1")


def act(name: str, at: datetime = NOW, owner: str = "u1", origin: Origin = ORIGIN, actor: str | None = "u1") -> Act:
    return Act(
        id=name,
        at=at,
        owner=owner,
        actor=actor,
        actor_name=None if actor is None else "änn",
        action="DELETE /api/tasks/{task_id}",
        target="/api/tasks/7",
        status=204,
        origin=origin,
    )


def put(store: WholeStore, *acts: Act) -> None:
    for each in acts:
        store.put_act(each, each.at + KEPT)


def listed(store: WholeStore, *, limit: int = 100, owner: str = "u1", now: datetime = NOW) -> list[str]:
    """The ids of all acts in an owner's log, page by page."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = store.acts_of(owner, limit=limit, after=after, since=now - KEPT, until=now)
        assert len(page.items) <= limit
        found += [each.id for each in page.items]
        after = page.after
        if after is None:
            return found


def test_an_act_is_read_as_it_was_written(store: WholeStore) -> None:
    stranger = act("b", NOW - timedelta(seconds=1), actor=None, origin=Origin(source="", by="password", request_id=""))
    put(store, act("a"), stranger)
    assert store.acts_of("u1", limit=10, after=None, since=NOW - KEPT, until=NOW).items == (act("a"), stranger)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_a_log_is_listed_newest_first_over_all_its_months(store: WholeStore, limit: int) -> None:
    days = [0, 1, 1.5, 2, 29, 30, 31, 32, 60, 61, 89, 90]
    acts = [act(f"a{days}", NOW - timedelta(days=days)) for days in days]
    put(store, *reversed(acts))
    assert listed(store, limit=limit) == [each.id for each in acts]


def test_acts_of_the_same_instant_are_all_listed(store: WholeStore) -> None:
    put(store, *(act(name) for name in "bca"))
    assert listed(store, limit=1) == ["c", "b", "a"]


def test_after_ninety_days_an_act_is_gone_although_it_was_not_removed_yet(store: WholeStore) -> None:
    put(store, act("old", NOW - KEPT - timedelta(milliseconds=1)), act("young", NOW - KEPT))
    assert listed(store) == ["young"]


def test_what_a_clock_wrote_too_far_ahead_is_listed_in_time(store: WholeStore) -> None:
    put(store, act("ahead", NOW + timedelta(milliseconds=1)))
    assert listed(store) == []
    assert listed(store, now=NOW + timedelta(milliseconds=1)) == ["ahead"]


def test_a_log_is_its_owners(store: WholeStore) -> None:
    put(store, act("mine"), act("theirs", owner="u2"))
    assert (listed(store), listed(store, owner="u2"), listed(store, owner="u3")) == (["mine"], ["theirs"], [])


@pytest.mark.parametrize("after", ["", "x", "#", "1767225600000", "1767225600000#"])
def test_what_is_no_place_in_a_log_is_refused(store: WholeStore, after: str) -> None:
    with pytest.raises(Invalid):
        store.acts_of("u1", limit=1, after=after, since=NOW - KEPT, until=NOW)


def test_an_act_costs_one_write_and_is_removed_after_ninety_days(
    stage: Stage, dynamo: WholeDynamoStore, faults: Faults
) -> None:
    put(dynamo, act("a"))
    assert [name for name, _ in faults.calls] == ["PutItem"]
    [row] = stage.rows("accounts")
    assert row["owner"] == {"S": "audit#u1#2026-03"}
    assert row["expires_at"] == {"N": str(int((NOW + timedelta(days=90)).timestamp()))}


def test_an_act_that_cannot_be_read_hides_no_other(stage: Stage, dynamo: WholeDynamoStore) -> None:
    put(dynamo, act("a"), act("c"))
    stage.put("accounts", owner={"S": "audit#u1#2026-03"}, id={"S": f"{int(NOW.timestamp() * 1000)}#b"})
    assert listed(dynamo, limit=2) == ["c", "a"]
