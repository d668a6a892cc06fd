"""A file of tasks is applied: what it says is what there is, and a second time changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from punctual_cli.applying.documents import document_of
from punctual_cli.applying.marks import found_in
from punctual_cli.applying.performing import perform, settle
from punctual_cli.applying.planning import Choices, plan
from punctual_cli.applying.reading import read_text
from punctual_cli.errors import ExitCode
from tests.cli.bringing.serving import Person
from tests.cli.terminal import terminal
from tests.infra.stacks import ROOT
from tests.web.building import HELLO, HOURLY, Caller, World

TWO = """
set: billing
tasks:
  - name: nightly report
    action: {type: function, name: print_hello}
    schedule: {type: cron, expression: "30 2 * * *", time_zone: Europe/Paris}
  - key: sums
    name: weekly sums
    action: {type: http, method: GET, url: "https://example.com/"}
    schedule: {type: cron, expression: "rate(7 days)"}
    retry: {max_attempts: 5}
"""
PRINT, DAILY = {"type": "function", "name": "print_hello"}, {"type": "cron", "expression": "@daily"}
SUMS = TWO[TWO.index("  - key") :]


def test_what_the_file_has_is_made(ann: Person) -> None:
    said = ann.applies(TWO)
    assert said.code == 0, said.err
    assert "+ create nightly report\n" in said.out
    assert "+ create weekly sums (sums)" in said.out
    assert said.out.endswith("\n2 tasks: 2 created.\n")
    report, sums = ann.tasks
    assert report["metadata"] == {"punctual.set": "billing", "punctual.key": "nightly report"}
    assert sums["schedule"] == {"type": "interval", "every": 7, "unit": "days"}
    assert sums["retry"]["max_attempts"] == 5


def test_a_second_time_changes_nothing_although_the_server_filled_in_defaults(ann: Person) -> None:
    ann.applies(TWO)
    before = ann.tasks
    said = ann.applies(TWO)
    assert (said.code, said.out) == (0, "2 tasks: 2 unchanged.\n")
    assert ann.tasks == before
    assert ann.says("apply", "-f", ann.file(TWO), "--dry-run").code == 0


def test_a_change_is_told_field_by_field_and_only_that_task_is_written(ann: Person) -> None:
    ann.applies(TWO)
    said = ann.applies(
        TWO.replace("30 2 * * *", "45 3 * * *").replace("max_attempts: 5", "max_attempts: 5, backoff: fixed")
    )
    assert '    schedule.expression: "30 2 * * *" → "45 3 * * *"\n' in said.out
    assert '    retry.backoff: "next_window" → "fixed"\n' in said.out
    assert [task["version"] for task in ann.tasks] == [2, 2]
    assert ann.applies(TWO.replace("30 2", "45 3")).out.count("→") == 1
    assert [task["version"] for task in ann.tasks] == [2, 3]


def test_what_a_file_says_no_more_has_its_default_again(ann: Person) -> None:
    ann.applies(TWO)
    said = ann.applies(TWO.replace("    retry: {max_attempts: 5}\n", ""))
    assert "    retry.max_attempts: 5 → 3\n" in said.out


def test_a_dry_run_says_what_would_be_and_changes_nothing(ann: Person) -> None:
    said = ann.says("apply", "-f", ann.file(TWO), "--dry-run")
    assert (said.code, ann.tasks) == (ExitCode.WOULD_CHANGE, [])
    assert "2 tasks: 2 to create." in said.out
    assert "created" not in said.out


def test_without_a_terminal_nobody_is_asked_and_nothing_done(ann: Person) -> None:
    said = ann.says("apply", "-f", ann.file(TWO))
    assert (said.code, ann.tasks) == (ExitCode.USAGE, [])
    assert said.err == "punctual: nobody can be asked here: --yes applies it, --dry-run only looks\n"


def test_it_can_come_by_standard_input_and_be_json(ann: Person) -> None:
    said = ann.says("apply", "-f", "-", "-y", stdin=TWO)
    assert said.code == 0
    same = json.dumps({"set": "other", "tasks": [{"name": "one", "action": HELLO, "schedule": HOURLY}]})
    assert ann.applies(same, name="tasks.json").code == 0
    assert [task["name"] for task in ann.tasks] == ["nightly report", "one", "weekly sums"]


def test_programs_are_told_in_json(ann: Person) -> None:
    looked = ann.says("apply", "-f", ann.file(TWO), "--dry-run", "-o", "json").json
    assert [(step["deed"], step["done"]) for step in looked["steps"]] == [("create", False), ("create", False)]
    told = ann.applies(TWO, "-o", "json").json
    assert (told["set"], told["dry_run"]) == ("billing", False)
    assert [(step["deed"], step["done"], step["id"]) for step in told["steps"]] == [
        ("create", True, task["id"]) for task in ann.tasks
    ]
    changed = ann.applies(TWO.replace("30 2", "45 3"), "-o", "json").json["steps"][0]
    assert changed["differences"] == [{"field": "schedule.expression", "before": "30 2 * * *", "after": "45 3 * * *"}]


def test_prune_deletes_what_the_file_of_this_set_has_no_more_and_nothing_else(ann: Person) -> None:
    ann.applies(TWO)
    ann.applies(
        TWO.replace("billing", "other")
        .replace("name: nightly", "name: other nightly")
        .replace("name: weekly", "name: other weekly")
    )
    ann.client.tasks.create({"name": "by hand", "action": HELLO, "schedule": HOURLY})
    less = TWO.replace(SUMS, "")
    assert "unchanged" in ann.applies(less).out
    said = ann.applies(less, "--prune")
    assert "- delete weekly sums (sums)" in said.out
    assert [task["name"] for task in ann.tasks] == [
        *("by hand", "nightly report", "other nightly report", "other weekly sums"),
    ]


def test_prune_can_pause_instead_once(ann: Person) -> None:
    ann.applies(TWO)
    less = TWO.replace(SUMS, "")
    assert "- pause weekly sums" in ann.applies(less, "--prune", "pause").out
    assert [task["state"] for task in ann.tasks] == ["active", "paused"]
    assert ann.applies(less, "--prune", "pause").out == "1 task: 1 unchanged.\n"


def test_prune_needs_a_set_with_a_name(ann: Person) -> None:
    said = ann.applies(SUMS, "--prune")
    assert said.code == ExitCode.REFUSED
    assert "begin it with `set: <name>`" in said.err


def test_a_pause_by_hand_stays_unless_the_file_says_which_state(ann: Person) -> None:
    ann.applies(TWO)
    ann.client.tasks.pause(ann.tasks[0]["id"], "incident")
    assert "2 unchanged" in ann.applies(TWO).out
    assert ann.tasks[0]["state"] == "paused"
    said = ann.applies(TWO.replace("nightly report\n", "nightly report\n    state: active\n"))
    assert '    state: "paused" → "active"\n' in said.out
    assert ann.tasks[0]["state"] == "active"


def test_a_task_that_has_run_its_course_stays_as_it_is(world: World, ann: Person) -> None:
    """As something new it would be refused: its time lies a day back."""
    once = """
tasks:
  - name: x
    action: {type: function, name: print_hello}
    schedule: {type: once, at: "2026-11-21T12:05:00Z"}
"""
    assert ann.applies(once).code == 0
    world.clock.advance(timedelta(days=1))
    said = ann.applies(once)
    assert (said.code, said.out) == (0, "1 task: 1 unchanged.\n"), said.err


def test_two_that_are_the_same_task_are_told_and_nothing_is_changed(ann: Person) -> None:
    ann.client.tasks.create({"name": "x", "action": PRINT, "schedule": DAILY})
    one = {"name": "x", "action": PRINT, "schedule": DAILY}
    said = ann.applies(json.dumps({"set": "s", "tasks": [one | {"key": "a"}, one | {"key": "b"}]}), "--adopt")
    assert said.code == ExitCode.REFUSED
    assert "is the same task as the one at" in said.err
    assert [task["metadata"] for task in ann.tasks] == [{}]


def test_a_name_that_is_taken_by_hand_is_told_and_can_be_adopted(ann: Person) -> None:
    made = ann.client.tasks.create({"name": "nightly report", "action": HELLO, "schedule": HOURLY})
    said = ann.applies(TWO)
    assert said.code == ExitCode.REFUSED
    assert (
        f"there is a task 'nightly report' already ({made['id']}) that belongs to no set: --adopt takes it over"
        in said.err
    )
    assert len(ann.tasks) == 1
    assert ann.applies(TWO, "--adopt").code == 0
    assert ann.tasks[0]["id"] == made["id"]
    assert len(ann.tasks) == 2


def test_of_two_tasks_of_that_name_none_is_guessed(ann: Person) -> None:
    for _ in range(2):
        ann.client.tasks.create({"name": "nightly report", "action": HELLO, "schedule": HOURLY})
    said = ann.applies(TWO, "--adopt")
    assert said.code == ExitCode.REFUSED
    assert "give this one another name" in said.err


def test_a_copy_with_the_same_key_is_not_taken_for_the_task(ann: Person) -> None:
    ann.applies(TWO)
    first = ann.tasks[0]
    copy = ann.client.tasks.create({name: first[name] for name in ("name", "action", "schedule", "metadata")})
    said = ann.applies(TWO)
    assert said.code == ExitCode.REFUSED
    one, other = sorted([first["id"], copy["id"]])
    assert f"the tasks {one} and {other} both have the key 'nightly report' of this set" in said.err


def test_everything_that_the_server_would_refuse_is_told_with_its_line_and_nothing_is_changed(ann: Person) -> None:
    bad = TWO.replace("30 2 * * *", "99 2 * * *").replace("max_attempts: 5", "max_attempts: 50").replace("GET", "STEAL")
    said = ann.applies(bad)
    assert (said.code, ann.tasks) == (ExitCode.REFUSED, [])
    assert "tasks.yaml:6: 'nightly report': /schedule/expression not a cron expression" in said.err
    assert "tasks.yaml:9: 'weekly sums': /action/method must be one of" in said.err
    assert "tasks.yaml:11: 'weekly sums': /retry/max_attempts must be a whole number from 1 to 20" in said.err
    assert said.err.endswith("Nothing was changed.\n")


def test_two_tasks_of_one_name_in_a_file_are_told(ann: Person) -> None:
    said = ann.applies(TWO.replace("key: sums\n    name: weekly sums", "name: nightly report"))
    assert said.code == ExitCode.REFUSED
    assert (
        "tasks.yaml:7: has the name 'nightly report', as the task on line 4 has: give one of them a `key`" in said.err
    )


def test_somebody_elses_tasks_are_neither_seen_nor_taken(ann: Person, bob: Caller) -> None:
    bob.created(name="nightly report", metadata={"punctual.set": "billing", "punctual.key": "sums"})
    assert "2 created" in ann.applies(TWO).out


@pytest.mark.parametrize("change", ["rename", "delete"])
def test_a_task_that_was_changed_meanwhile_is_left_and_the_others_are_done(ann: Person, change: str) -> None:
    """Between the look and the deed somebody else was there: the deed asks for the version that was compared."""
    ann.applies(TWO)
    other = TWO.replace("30 2", "45 3").replace("max_attempts: 5", "max_attempts: 6")
    client = ann.client
    steps = plan(document_of(read_text(other, "x")), found_in(client.tasks.list()), client.tasks.check, Choices())
    first = ann.tasks[0]["id"]
    client.tasks.change(first, {"name": "theirs"}) if change == "rename" else client.tasks.delete(first)
    one, two = perform(steps, client.tasks)
    assert one.error is not None
    assert two.error is None
    (sums,) = (task for task in ann.tasks if task["name"] == "weekly sums")
    assert sums["retry"]["max_attempts"] == 6


def test_of_two_who_apply_at_the_same_moment_one_gives_way(ann: Person) -> None:
    """Both have looked before either has made anything."""
    client = ann.client
    document = document_of(read_text(TWO, "x"))
    plans = [plan(document, found_in(client.tasks.list()), client.tasks.check, Choices()) for _ in range(2)]
    done = [dict(enumerate(perform(steps, client.tasks))) for steps in plans]
    assert len(ann.tasks) == 4
    gave_way = [[one for _, one in settle(came, client.tasks)] for came in done]
    assert [task["name"] for task in ann.tasks] == ["nightly report", "weekly sums"]
    assert sorted(one.step.name for many in gave_way for one in many) == ["nightly report", "weekly sums"]
    assert all("theirs stays" in str(one.error) for many in gave_way for one in many)
    assert ann.applies(TWO).out == "2 tasks: 2 unchanged.\n"


def test_at_a_terminal_somebody_is_asked_who_has_seen_the_difference(ann: Person) -> None:
    environment = {**ann.environment(), "PYTHONPATH": str(ROOT / "sdk" / "src")}
    for answer, code, there in (("n", ExitCode.WOULD_CHANGE, 0), ("y", ExitCode.DONE, 2)):
        with terminal("apply", "-f", ann.file(TWO), environment=environment) as screen:
            assert "+ create nightly report" in screen.until("Change 2 tasks? [y/N]: ")
            screen.type(f"{answer}\n".encode())
            assert screen.end() == code, screen.shown
        assert len(ann.tasks) == there
