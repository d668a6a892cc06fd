"""`run …`, `preview`, `backfill`, `skip`, `function list`: runs and due times."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from punctual_client import Client
from tests.actions.serving import Server, answer, saying
from tests.cli.shell import Shell
from tests.sdk.place import FAILS, Place, hello
from tests.web.building import in_

CRON = {"type": "cron", "expression": "0 * * * *"}


@pytest.fixture
def failed(ann: Shell) -> str:
    """The id of a run that failed."""
    task = hello("ill", action=FAILS, retry={"max_attempts": 1})
    ann.told("task", "create", "--json", "-", typed=json.dumps(task))
    return str(json.loads(ann.run("task", "run", "ill", "--wait", "-o", "json").stdout)["id"])


def test_runs_are_listed_of_all_tasks_and_of_one(ann: Shell, failed: str) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello()))
    ann.told("task", "run", "hello", "--wait")
    assert {run["status"] for run in ann.json("run", "list")} == {"failed", "succeeded"}
    assert [run["id"] for run in ann.json("run", "list", "--status", "failed")] == [failed]
    assert [run["id"] for run in ann.json("run", "list", "--task", "ill", "--from", in_(-60), "--to", in_(60))] == [
        failed
    ]
    assert "the command ended with exit code 3" in ann.told("run", "list", "--task", "ill")
    assert "say which with --task" in ann.refused(2, "run", "list", "--from", in_(0))


def test_a_run_is_shown_with_what_it_printed(ann: Shell, failed: str) -> None:
    shown = ann.told("run", "show", failed)
    assert "status    failed" in shown
    assert "error     the command ended with exit code 3 (exit_code)" in shown
    assert shown.endswith("output    oh\n")
    assert "there is no such run" in ann.refused(5, "run", "show", "nothing")
    assert ann.run("run", "show", failed, "--wait").exit_code == 1


def test_a_run_is_tried_again_and_its_output_followed(here: Place, ann: Shell, failed: str) -> None:
    assert ann.told("run", "logs", failed) == "oh\n"
    assert ann.json("run", "retry", failed)["status"] == "queued"
    here.sleep(timedelta(seconds=1))
    assert ann.json("run", "logs", failed) == [{"attempt": 1, "output": "oh\n"}, {"attempt": 2, "output": "oh\n"}]
    followed = ann.run("run", "logs", failed, "--follow")
    assert (followed.exit_code, followed.stdout) == (1, "oh\noh\n")
    assert ann.run("run", "retry", failed, "--wait").exit_code == 1


def test_a_run_that_waits_is_cancelled_and_one_that_ended_is_not(here: Place, ann: Shell) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello()))
    run = ann.json("task", "run", "hello")
    assert ann.json("run", "cancel", run["id"])["status"] == "cancelled"
    assert ann.refused(7, "run", "cancel", run["id"]).startswith("punctual: ")


def test_output_that_would_steer_a_terminal_is_as_it_is_in_a_pipe_only(ann: Shell, here: Place) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello("[red]x[/red]")))
    assert "[red]x[/red]" in ann.told("task", "list")


def test_a_schedule_is_told_in_words_with_its_next_due_times(ann: Shell) -> None:
    told = ann.told("preview", "30 2 * * *", "--tz", "Europe/Paris", "-n", "2")
    assert told.splitlines()[1:] == [
        "UTC                       LOCAL",
        "2026-11-22T01:30:00.000Z  2026-11-22T02:30:00.000+01:00",
        "2026-11-23T01:30:00.000Z  2026-11-23T02:30:00.000+01:00",
    ]
    assert len(ann.json("preview", "every 5m")["next"]) == 10
    warned = ann.run("preview", "30 2 * * *", "--tz", "Europe/Paris", "--after", "2026-03-28T00:00", "-n", "3")
    assert "Look out: " in warned.stderr
    assert "/schedule/expression" in ann.refused(6, "preview", "99 * * * *")
    assert "/schedule/time_zone" in ann.refused(6, "preview", "0 0 * * *", "--tz", "Mars/Olympus")


def test_due_times_of_the_past_are_run_and_waited_for(here: Place, ann: Shell) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello(schedule=CRON)))
    span = ("backfill", "hello", in_(-7200), in_(0))
    dry = ann.run(*span, "--dry-run")
    assert dry.stderr == "2 due times, none of them started: this was a dry run.\n"
    assert ann.json("run", "list", "--task", "hello") == []
    result = ann.run(*span, "--wait")
    assert result.exit_code == 0
    assert "2 runs: 2 of 2 have ended" in result.stderr
    assert [run["status"] for run in ann.json("run", "list", "--task", "hello")] == ["succeeded", "succeeded"]
    assert "0 of them new" in ann.run(*span).stderr
    assert "--dry-run starts nothing" in ann.refused(2, *span, "--dry-run", "--wait")


def test_a_due_time_to_come_is_left_out(here: Place, ann: Shell) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello(schedule=CRON)))
    assert ann.json("skip", "hello")["due_at"] == "2026-11-21T13:00:00.000Z"
    assert ann.json("skip", "hello", "2026-11-21T15:00:00Z")["status"] == "cancelled"
    assert ann.json("task", "show", "hello")["next_run_at"] == "2026-11-21T14:00:00.000Z"
    assert ann.refused(6, "skip", "hello", "2026-11-21T15:30:00Z")
    ann.told("task", "create", "--name", "over", "--at", in_(5), "--function", "print_hello")
    here.sleep(timedelta(seconds=10))
    assert "has no due time to come" in ann.refused(2, "skip", "over")


def test_functions_are_listed_with_what_they_take(ann: Shell) -> None:
    told = ann.told("function", "list")
    assert "print_hello" in told
    assert any(one["name"] == "print_hello" for one in ann.json("function", "list"))
    assert "There is none." in ann.run("function", "schedules").stderr
    assert ann.json("function", "schedules")["items"] == []
    assert "only an admin may do this" in ann.refused(6, "function", "sync")


def test_a_schedule_in_code_is_shown_with_what_was_changed_by_hand(stranger: Shell) -> None:
    one: dict[str, Any] = {
        "name": "f.hourly",
        "function": "f",
        "schedule": {},
        "standing": "edited",
        "detail": "",
        "task_id": "1",
    }
    one |= {"paused": False, "done": None, "differs": [{"field": "timeout_seconds", "task": 5, "code": 60}]}
    body = json.dumps({"owner": "ann", "items": [one]})
    with Server(saying(answer("200 OK", body, Connection="close"))) as server:
        ann = stranger.having(PUNCTUAL_URL=f"http://127.0.0.1:{server.port}", PUNCTUAL_TOKEN="pct_a_b_c")
        assert ann.told("function", "schedules").splitlines()[1].split() == [
            *("f.hourly", "f", "edited", "timeout_seconds", "1")
        ]
        ann.told("function", "sync", "--restore", "f.hourly")
        assert server.requests[1].endswith('{"restore": ["f.hourly"]}')


def test_a_member_s_run_is_nobody_else_s(here: Place, ann: Shell, failed: str) -> None:
    bob = ann.having(PUNCTUAL_TOKEN=here.token("bob"))
    assert "there is no such run" in bob.refused(5, "run", "show", failed)
    assert Client(here.url, bob.environment["PUNCTUAL_TOKEN"]).me()["username"] == "bob"
