"""What belongs to somebody else, and what cannot exist, answers like what is missing."""

from __future__ import annotations

import pytest

from chalicelib.adapters.memory import MemoryStore
from tests.web.building import NOW, Caller, World, ended_run, in_, json_of, task


@pytest.mark.parametrize(
    ("method", "below"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/run"),
        ("GET", "/runs"),
        ("POST", "/backfill"),
        ("POST", "/skip"),
    ],
)
def test_somebody_elses_task_answers_like_a_missing_one(
    world: World, ann: Caller, bob: Caller, method: str, below: str
) -> None:
    shown = ann.created()
    data = {"/backfill": {"from": in_(-60), "to": in_(0)}, "/skip": {"due_at": in_(3600)}}.get(below)
    data = task() if method in ("PUT", "PATCH") else data
    foreign = bob.send(method, f"/api/tasks/{shown['id']}{below}", data)
    missing = bob.send(method, f"/api/tasks/{'0' * 26}{below}", data)
    assert foreign.status_code == missing.status_code == 404
    assert json_of(foreign) | {"request_id": ""} == json_of(missing) | {"request_id": ""}
    assert json_of(ann.get(f"/api/tasks/{shown['id']}")) == shown
    assert world.holds_nothing(bob)


@pytest.mark.parametrize("task_id", ["x" * 5000, "..", "%2e%2e", "%00", "a.b", "ü", "' OR 1=1"])
def test_what_can_be_no_id_is_not_looked_up_and_answers_like_a_missing_one(
    ann: Caller, monkeypatch: pytest.MonkeyPatch, task_id: str
) -> None:
    below = ("tasks/{}", "tasks/{}/runs", "runs/{}")
    missing = [json_of(ann.get(f"/api/{path.format('0' * 26)}")) for path in below]
    for read in ("task", "run", "runs_of"):
        monkeypatch.setattr(MemoryStore, read, None)
    answers = [ann.get(f"/api/{path.format(task_id)}") for path in below]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert [json_of(answer) | {"request_id": ""} for answer in answers] == [m | {"request_id": ""} for m in missing]


def test_somebody_elses_run_answers_like_a_missing_one(world: World, bob: Caller) -> None:
    run = ended_run("t1", "ann", NOW)
    world.store.insert_run(run)
    foreign = bob.get(f"/api/runs/{run.id}")
    missing = bob.get("/api/runs/t2-1")
    assert foreign.status_code == missing.status_code == 404
    assert json_of(foreign) | {"request_id": ""} == json_of(missing) | {"request_id": ""}
