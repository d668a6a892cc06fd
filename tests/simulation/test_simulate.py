"""The command: what it prints, and what it says about a file or an argument that makes no sense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra import simulate

RANGE = ["--from", "2026-03-28T00:00:00Z", "--to", "2026-03-30T00:00:00Z"]
HELLO = {"type": "function", "name": "print_hello"}
NIGHTLY = {
    "name": "nightly",
    "action": {"type": "command", "command": "echo"},
    "schedule": {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"},
}


def run(tmp_path: Path, document: Any, *arguments: str) -> int:
    path = tmp_path / "tasks.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return simulate.main([str(path), *RANGE, *arguments])


def test_a_night_without_half_past_two_is_made_up_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, [NIGHTLY]) == 0
    table = capsys.readouterr().out
    assert "2026-03-28T01:30:00.000Z  nightly  succeeded" in table
    assert "2026-03-29T01:00:00.000Z  nightly  succeeded" in table
    assert "by_status: succeeded 2" in table


def test_an_outage_says_why_nothing_ran(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strict = NIGHTLY | {"misfire": {"grace_seconds": 60}}
    away = ["--outage", "2026-03-29T00:00:00Z", "2026-03-29T08:00:00Z"]
    assert run(tmp_path, [strict], *away, "-o", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert [(row["status"], row["reason"] and row["reason"]["code"]) for row in answer["runs"]] == [
        ("succeeded", None),
        ("missed", "misfire"),
    ]
    assert answer["summary"]["by_status"] == {"missed": 1, "succeeded": 1}


def test_what_was_not_handled_by_the_end_is_waiting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = ["--outage", "2026-03-29T00:00:00Z", "2026-03-31T00:00:00Z"]
    assert run(tmp_path, [NIGHTLY], *away, "-o", "json") == 0
    assert [row["status"] for row in json.loads(capsys.readouterr().out)["runs"]] == ["succeeded", "waiting"]


def test_the_same_arguments_print_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    often = NIGHTLY | {"schedule": {"type": "cron", "expression": "H/7 * * * *"}}
    arguments = ("--seed", "5", "--failures", "0.3", "--skew", "5", "--duration", "20", "--lost-ticks", "0.3")
    run(tmp_path, [often], *arguments)
    first = capsys.readouterr().out
    run(tmp_path, [often], *arguments)
    assert capsys.readouterr().out == first
    run(tmp_path, [often], *arguments, "--seed", "6")
    assert capsys.readouterr().out != first


def test_an_answer_of_the_api_is_played_with_what_its_owner_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer: dict[str, Any] = {
        "items": [NIGHTLY | {"id": "abc", "version": 3, "created_at": "2026-01-01T00:00:00Z", "next_run_at": None}],
        "next_cursor": None,
        "events": [
            {"at": "2026-03-28T12:00:00Z", "task": "nightly", "do": "run"},
            {
                "at": "2026-03-28T13:00:00Z",
                "task": "nightly",
                "do": "edit",
                "with": {"schedule": {"expression": "0 9 * * *"}},
            },
            {"at": "2026-03-29T13:00:00Z", "task": "nightly", "do": "delete"},
            {"at": "2026-03-29T14:00:00Z", "task": "nightly", "do": "pause"},
        ],
    }
    assert run(tmp_path, answer, "-o", "json") == 0
    played = json.loads(capsys.readouterr().out)
    assert [(row["due_at"][:16], row["trigger"], row["task_id"]) for row in played["runs"]] == [
        ("2026-03-28T01:30", "schedule", "abc"),
        ("2026-03-28T12:00", "manual", "abc"),
        ("2026-03-29T07:00", "schedule", "abc"),
    ]
    assert [(row["do"], row["reason"]) for row in played["refused"]] == [("pause", "there is no such task")]


def test_everything_that_is_wrong_with_a_file_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {
        "items": [
            NIGHTLY,
            {"name": "", "action": HELLO, "schedule": {"type": "cron", "expression": "61 * * * *"}},
            NIGHTLY | {"name": "other", "id": "a-b", "created_at": "yesterday"},
        ],
        "events": [
            {"at": "2026-03-28T12:00:00Z", "task": "nobody", "do": "pause"},
            {"at": "noon", "task": "nightly", "do": "explode"},
            {"at": "2026-03-28T12:00:00Z", "task": "nightly", "do": "edit"},
            {"at": "2026-03-28T12:00:00Z", "task": "nightly", "do": "edit", "with": {"timeout_seconds": 0}},
            {"at": "2026-03-28T12:00:00Z", "task": "nightly", "do": "run", "with": {}},
        ],
    }
    assert run(tmp_path, wrong) == 2
    told = capsys.readouterr().err.splitlines()
    pointers = [line.partition(".json: ")[2].partition(" ")[0] for line in told]
    assert pointers == [
        "/items/1/name",
        "/items/1/schedule/expression",
        "/items/2/created_at",
        "/items/2/id",
        "/events/0/task",
        "/events/1/do",
        "/events/2/with",
        "/events/3/with/timeout_seconds",
        "/events/4/with",
    ]


@pytest.mark.parametrize(
    "document", ["{", "[1, 1, 1", '{"items": 3}', "[3]", "null", '[{"name": 1e999}]', '{"items": [], "x": 1}']
)
def test_what_is_no_list_of_tasks_is_refused_in_a_sentence(
    document: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, document) == 2
    assert capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate.main([str(tmp_path / "none.json"), *RANGE]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "today", "--to", "2026-03-30T00:00:00Z"],
        ["--from", "2026-03-30T00:00:00Z", "--to", "2026-03-30T00:00:00Z", "--lost-ticks", "nan"],
        [*RANGE, "--lost-ticks", "1.5"],
        [*RANGE, "--skew", "6"],
        [*RANGE, "--shards", "0"],
        [*RANGE, "--duration", "-1"],
    ],
)
def test_an_argument_that_makes_no_sense_has_status_two(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        simulate.main([str(tmp_path / "tasks.json"), *arguments])
    assert left.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_the_end_lies_after_the_beginning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate.main([str(tmp_path / "t.json"), "--from", RANGE[1], "--to", RANGE[1]]) == 2
    assert capsys.readouterr().err == "--to must lie after --from\n"
