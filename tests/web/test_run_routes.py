"""Reading runs over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.owed.auditing import UNDELIVERABLE
from chalicelib.core.run import Attempt, AttemptStatus, Coalesced, RunError, RunStatus
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World, ended_run, faults, in_, json_of, task

HOUR = timedelta(hours=1)


def insert(world: World, task_id: str, hours: int, **changes: Any) -> str:
    """A run of Ann's, due so many hours after the clock's first; its id."""
    run = ended_run(task_id, "ann", NOW + hours * HOUR, **changes)
    assert world.store.insert_run(run) is None
    return run.id


def ids(caller: Caller, path: str) -> list[str]:
    return [item["id"] for item in json_of(caller.get(path))["items"]]


def test_a_run_shows_all_that_the_contract_says(world: World, ann: Caller) -> None:
    run_id = insert(world, "t1", 0, result={"exit_code": 0})
    attempt = {
        "number": 1,
        "started_at": in_(0.12),
        "finished_at": in_(0.34),
        "status": "succeeded",
        "output": "hello\n",
    }
    assert json_of(ann.get(f"/api/runs/{run_id}")) == {
        "id": run_id,
        "task_id": "t1",
        "task_name": "nightly report",
        "due_at": in_(0),
        "trigger": "schedule",
        "status": "succeeded",
        "started_at": in_(0.12),
        "finished_at": in_(0.34),
        "lateness_ms": 120,
        "attempts": [attempt],
        "result": {"exit_code": 0},
        "error": None,
        "output": "hello\n",
        "output_truncated": False,
    }


def test_the_output_of_a_run_is_its_last_attempts(world: World, ann: Caller) -> None:
    failed = RunError(code="exit_code", detail="the command ended with exit code 3", permanent=True)
    attempts = tuple(
        Attempt(
            number=number,
            started_at=NOW,
            finished_at=NOW,
            status=AttemptStatus.FAILED,
            exit_code=3,
            http_status=500,
            error=failed,
            output=f"try {number}",
            output_truncated=number == 2,
        )
        for number in (1, 2)
    )
    run_id = insert(world, "t1", 0, status=RunStatus.FAILED, attempts=attempts, error=failed)
    shown = json_of(ann.get(f"/api/runs/{run_id}"))
    error = {"code": "exit_code", "detail": "the command ended with exit code 3"}
    assert (shown["output"], shown["output_truncated"], shown["error"]) == ("try 2", True, error)
    first = shown["attempts"][0]
    assert (first["output"], first["exit_code"], first["http_status"], first["error"]) == ("try 1", 3, 500, error)


def test_a_record_of_many_missed_due_times_says_which(world: World, ann: Caller) -> None:
    coalesced = Coalesced(first=NOW - HOUR, last=NOW, count=1201)
    run_id = insert(world, "t1", 0, status=RunStatus.MISSED, attempts=(), coalesced=coalesced, finished_at=None)
    shown = json_of(ann.get(f"/api/runs/{run_id}"))
    assert shown["coalesced"] == {"first": in_(-3600), "last": in_(0), "count": 1201}
    assert (shown["started_at"], shown["lateness_ms"], shown["attempts"], shown["output"]) == (None, None, [], "")


def test_half_a_surrogate_pair_in_an_output_harms_nobody(world: World, ann: Caller) -> None:
    attempt = Attempt(number=1, started_at=NOW, output="half \ud800 \x00 é")
    assert json_of(ann.get(f"/api/runs/{insert(world, 't1', 0, attempts=(attempt,))}"))["output"] == "half ? \x00 é"


def test_runs_of_a_task_are_listed_newest_first(world: World, ann: Caller) -> None:
    task_id = ann.created()["id"]
    expected = [insert(world, task_id, hours) for hours in range(3)][::-1]
    insert(world, "other", 0)
    path = f"/api/tasks/{task_id}/runs"
    assert ids(ann, path) == expected
    page = json_of(ann.get(f"{path}?limit=2"))
    assert [item["id"] for item in page["items"]] == expected[:2]
    assert ids(ann, f"{path}?limit=2&cursor={page['next_cursor']}") == expected[2:]
    assert json_of(ann.get(path))["items"][0] == json_of(ann.get(f"/api/runs/{expected[0]}"))


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        (f"from={in_(3600)}", [3, 2, 1]),
        (f"to={in_(3600)}", [1, 0]),
        (f"from={in_(3600)}&to={in_(7200)}", [2, 1]),
        ("from=2026-11-21T15:00:00.250%2B02:00", [3, 2, 1]),
        ("from=2026-11-21T15:00:00.250+02:00", [3, 2, 1]),
        ("status=failed", [2]),
        ("status=failed&status=missed", [3, 2]),
        ("status=running", []),
        (f"status=failed&to={in_(3600)}", []),
    ],
)
def test_runs_can_be_narrowed_by_status_and_time(world: World, ann: Caller, query: str, hours: list[int]) -> None:
    statuses = [RunStatus.SUCCEEDED, RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.MISSED]
    task_id = ann.created()["id"]
    all_ids = [insert(world, task_id, number, status=status) for number, status in enumerate(statuses)]
    assert ids(ann, f"/api/tasks/{task_id}/runs?{query}") == [all_ids[number] for number in hours]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=done", {"/status": "unknown_value"}),
        ("status=", {"/status": "unknown_value"}),
        ("from=yesterday", {"/from": "invalid_instant"}),
        ("to=2026-11-21T12:00:00", {"/to": "invalid_instant"}),
        ("from=", {"/from": "invalid_instant"}),
        ("from=0001-01-01T00:00:00%2B23:59", {"/from": "invalid_instant"}),
        ("to=2100-01-02T00:00:00Z", {"/to": "out_of_range"}),
        (f"from={in_(60)}&to={in_(0)}", {"/to": "before_from"}),
    ],
)
def test_a_bad_question_about_runs_is_refused(ann: Caller, query: str, expected: dict[str, str]) -> None:
    response = ann.get(f"/api/tasks/{ann.created()['id']}/runs?{query}")
    assert (response.status_code, faults(response)) == (422, expected)


def test_the_callers_runs_across_tasks(world: World, ann: Caller, bob: Caller) -> None:
    expected = [insert(world, f"t{hours % 2}", hours) for hours in range(4)][::-1]
    assert ids(ann, "/api/runs") == expected
    page = json_of(ann.get("/api/runs?limit=3"))
    assert ids(ann, f"/api/runs?limit=3&cursor={page['next_cursor']}") == expected[3:]
    assert ids(ann, "/api/runs?status=failed") == []
    assert ids(bob, "/api/runs") == []


@pytest.mark.parametrize("run_id", ["t1", "t1-", "-1", "t1-x", "t1-99999999999999", "t1-1-1", "!slot-1", "t1-٣"])
def test_what_can_be_no_run_is_not_there(ann: Caller, run_id: str) -> None:
    assert ann.get(f"/api/runs/{run_id}").status_code == 404


def test_a_page_of_runs_that_printed_a_lot_is_shorter_and_loses_none(world: World, ann: Caller) -> None:
    attempt = Attempt(number=1, started_at=NOW, output="x" * 65_536)
    expected = [insert(world, "t1", hours, attempts=(attempt,)) for hours in range(60)][::-1]
    found: list[str] = []
    cursor = ""
    for _ in range(10):
        response = ann.get(f"/api/tasks/t1/runs?limit=60{cursor}")
        assert len(response.body) < 6 * 1024 * 1024
        page = json_of(response)
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == expected


class TestWithoutAFeed:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(run_feed=False)

    def test_the_list_across_tasks_says_that_there_is_none(self, ann: Caller) -> None:
        response = ann.get("/api/runs")
        assert response.status_code == 409
        assert "RUN_FEED" in json_of(response)["detail"]


def test_a_failed_run_can_be_tried_again_and_then_cancelled(world: World, ann: Caller, bob: Caller) -> None:
    stored = json_of(ann.post("/api/tasks", task()))
    run_id = insert(world, stored["id"], -1, status=RunStatus.FAILED)
    for verb in ("retry", "cancel"):
        assert bob.post(f"/api/runs/{run_id}/{verb}").status_code == 404
    assert ann.post(f"/api/runs/{run_id}/cancel").status_code == 409
    retried = ann.post(f"/api/runs/{run_id}/retry")
    assert (retried.status_code, json_of(retried)["status"]) == (202, "queued")
    assert ann.post(f"/api/runs/{run_id}/retry").status_code == 409
    cancelled = ann.post(f"/api/runs/{run_id}/cancel")
    assert (cancelled.status_code, json_of(cancelled)["status"]) == (202, "cancelled")
    assert json_of(cancelled)["error"]["code"] == "cancelled"


@pytest.mark.parametrize("name", ["from", "to"])
def test_a_span_of_time_is_not_for_the_list_across_tasks(ann: Caller, name: str) -> None:
    refused = ann.get(f"/api/runs?{name}=2026-01-01T00:00:00Z")
    assert (refused.status_code, json_of(refused)["errors"][0]["pointer"]) == (422, f"/{name}")


def test_everything_that_ended_in_a_dead_letter_queue_is_tried_again_at_once(world: World, ann: Caller) -> None:
    created = json_of(ann.post("/api/tasks", task()))["id"]
    lost = insert(world, created, -1, status=RunStatus.LOST, error=UNDELIVERABLE, attempts=())
    failed = insert(
        world, created, -2, status=RunStatus.FAILED, error=RunError(code="exit_code", detail="ended with 1")
    )
    answer = ann.post("/api/runs/redrive")
    assert (answer.status_code, json_of(answer)) == (202, {"runs": [lost], "count": 1})
    statuses = [json_of(ann.get(f"/api/runs/{run}"))["status"] for run in (lost, failed)]
    assert statuses == ["queued", "failed"]
    assert json_of(ann.post("/api/runs/redrive")) == {"runs": [], "count": 0}
