"""`task …`: tasks are defined, listed, shown, changed, run and deleted by name or id."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.sdk.place import FAILS, Place, hello

NIGHTLY = (
    "task",
    "create",
    "--name",
    "nightly",
    "--cron",
    "30 2 * * *",
    "--tz",
    "Europe/Paris",
    "--command",
    "echo hi",
)


def test_a_task_is_defined_by_options(ann: Shell) -> None:
    result = ann.run(*NIGHTLY, "--tag", "billing", "--attempts", "2", "--env", "REGION=eu", "--timeout", "30")
    assert result.exit_code == 0
    task = ann.json("task", "show", result.stdout.strip())
    assert task["schedule"]["time_zone"] == "Europe/Paris"
    assert task["action"] == {"type": "command", "command": "echo hi", "env": {"REGION": "eu"}}
    assert (task["tags"], task["retry"]["max_attempts"], task["timeout_seconds"]) == (["billing"], 2, 30)
    assert "nightly: " in result.stderr
    assert "next at 2026-11-22T01:30:00.000Z" in result.stderr


@pytest.mark.parametrize(
    ("options", "member", "expected"),
    [
        (["--every", "5m"], "schedule", {"type": "interval", "every": 5, "unit": "minutes"}),
        (["--every", "1 day"], "schedule", {"type": "interval", "every": 1, "unit": "days"}),
        (["--at", "2026-12-01T09:00", "--tz", "Europe/Paris"], "schedule", {"at": "2026-12-01T08:00:00.000Z"}),
        (["--at", "2026-12-01T09:00:00Z"], "schedule", {"type": "once", "at": "2026-12-01T09:00:00.000Z"}),
        (
            ["--http", "post https://example.com/hook", "--body", '{"a": 1}', "--header", "X-Key: v"],
            "action",
            {"method": "POST", "url": "https://example.com/hook", "body": {"a": 1}, "headers": {"X-Key": "v"}},
        ),
        (
            ["--http", "https://example.com/"],
            "action",
            {"type": "http", "method": "GET", "url": "https://example.com/"},
        ),
        (["--function", "print_hello", "--arg", "ann"], "action", {"type": "function", "args": ["ann"]}),
        (["--function", "print_hello", "--arg", 'name="7"'], "action", {"type": "function", "kwargs": {"name": "7"}}),
    ],
)
def test_every_schedule_and_action_has_its_options(
    ann: Shell, options: list[str], member: str, expected: dict[str, object]
) -> None:
    other = ["--function", "print_hello"] if member == "schedule" else ["--every", "1h"]
    made = ann.json("task", "create", "--name", "x", *options, *other)[member]
    assert {name: made.get(name) for name in expected} == expected


def test_a_definition_comes_as_json_and_options_win(ann: Shell, tmp_path: Path) -> None:
    first = ann.json("task", "create", "--json", "-", typed=json.dumps(hello("from a file")))
    path = tmp_path / "task.json"
    path.write_text(json.dumps(first))
    second = ann.json("task", "create", "--json", str(path), "--name", "another", "--paused", "--every", "2h")
    assert (second["name"], second["state"], second["schedule"]["every"]) == ("another", "paused", 2)
    assert second["id"] != first["id"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--name", "x"], "say what to do (--command, --http, --function or --aws) and when (--cron, --every or --at)"),
        (["--cron", "* * * * *", "--every", "5m"], "--cron and --every cannot both be meant"),
        (["--command", "ls", "--http", "https://x"], "--command and --http cannot both be meant"),
        (["--every", "often"], "write a number and a unit, like 30s, 5m"),
        (["--at", "2026-12-01T09:00", "--tz", "Mars/Olympus"], "is no time zone: write one like Europe/Paris"),
        (["--command", "ls", "--header", "a:b"], "--header belongs to --http"),
        (["--command", "ls", "--env", "REGION"], "write NAME=VALUE"),
        (["--aws", "sqs"], "write NAME:VALUE"),
        (["--tz", "UTC"], "say when: --cron, --every or --at"),
        (["--priority", "urgent"], "Invalid value for '--priority'"),
    ],
)
def test_options_that_cannot_be_meant_are_refused_before_anything_is_sent(
    stranger: Shell, options: list[str], said: str
) -> None:
    nowhere = stranger.having(PUNCTUAL_URL="http://127.0.0.1:1", PUNCTUAL_TOKEN="x")
    assert said in nowhere.refused(2, "task", "create", *options)


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is not JSON"), ("[]", "has to hold an object of JSON"), ("[" * 100_000, "it is nested too deep")],
)
def test_a_file_that_holds_no_task_is_refused(ann: Shell, text: str, said: str) -> None:
    assert said in ann.refused(6, "task", "create", "--json", "-", typed=text)


def test_what_the_api_refuses_is_told_field_by_field(ann: Shell) -> None:
    told = ann.refused(6, "task", "create", "--name", "x" * 101, "--cron", "61 * * * *", "--command", "ls")
    assert "/name must be a text of 1 to 100 characters without control characters" in told
    assert "/schedule/expression" in told
    assert ann.json("task", "list") == []


def test_tasks_are_listed_in_columns_and_as_json(here: Place, ann: Shell) -> None:
    for number in range(3):
        ann.told("task", "create", "--name", f"task {number}", "--every", "1h", "--function", "print_hello")
        here.sleep(timedelta(seconds=1))
    result = ann.run("task", "list", "--limit", "2")
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["ID", "NAME", "STATE", "SCHEDULE", "NEXT", "RUN", "LAST", "RUN"]
    assert [line[28:34] for line in lines[1:]] == ["task 2", "task 1"]
    assert result.stderr == "There are more than 2: --all shows all of them.\n"
    assert len(ann.json("task", "list", "--all")) == 3
    assert [task["name"] for task in ann.json("task", "list", "-q", "task 1")] == ["task 1"]
    assert ann.json("task", "list", "--state", "paused") == []
    assert "\x1b" not in result.stdout


def test_a_task_is_meant_by_its_name_where_only_one_has_it(ann: Shell) -> None:
    first = ann.json("task", "create", "--json", "-", typed=json.dumps(hello()))
    assert ann.json("task", "show", "hello")["id"] == first["id"]
    second = ann.json("task", "create", "--json", "-", typed=json.dumps(hello()))
    told = ann.refused(2, "task", "show", "hello")
    assert "2 tasks are named 'hello': use an id." in told
    assert first["id"] in told
    assert second["id"] in told
    assert ann.json("task", "show", second["id"])["id"] == second["id"]
    assert "These come close:\n  " in ann.refused(5, "task", "show", "hell")
    assert "`punctual task list` shows those that there are" in ann.refused(5, "task", "show", "other")


def test_a_name_that_is_no_text_names_nothing(ann: Shell) -> None:
    assert "there is no task" in ann.refused(5, "task", "show", "\udcff")
    nan = '{"name": "x", "action": {}, "schedule": {}, "timeout_seconds": NaN}'
    assert "cannot be sent as JSON" in ann.refused(6, "task", "create", "--json", "-", typed=nan)


def test_a_task_that_is_named_like_an_id_is_found(ann: Shell) -> None:
    name = "a" * 26
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello(name)))
    assert ann.json("task", "show", name)["name"] == name


def test_a_task_is_paused_goes_on_and_is_deleted(ann: Shell) -> None:
    ann.told(*NIGHTLY)
    assert ann.told("task", "pause", "nightly", "--reason", "holiday") == "nightly is paused.\n"
    assert "pause reason     holiday" in ann.told("task", "show", "nightly")
    assert ann.told("task", "resume", "nightly") == "nightly goes on, next at 2026-11-22T01:30:00.000Z.\n"
    assert "say --yes to delete" in ann.refused(2, "task", "rm", "nightly")
    assert ann.told("task", "rm", "nightly", "--yes") == "nightly is deleted; its runs stay.\n"
    assert ann.json("task", "list") == []
    made = ann.json(*NIGHTLY)
    assert ann.json("task", "rm", "nightly", "-y") == [{"id": made["id"], "name": "nightly"}]


def test_a_task_is_run_and_waited_for(ann: Shell) -> None:
    ann.told("task", "create", "--name", "well", "--every", "1h", "--command", "echo hello")
    assert ann.json("task", "run", "well")["status"] == "queued"
    result = ann.run("task", "run", "well", "--wait")
    assert result.exit_code == 0
    assert result.stderr == "run of well: queued\nrun of well: succeeded\n"
    assert result.stdout.endswith("output    hello\n")


def test_a_run_that_fails_is_an_exit_code(ann: Shell) -> None:
    task = hello("ill", action=FAILS, retry={"max_attempts": 1})
    ann.told("task", "create", "--json", "-", typed=json.dumps(task))
    result = ann.run("task", "run", "ill", "--wait", "-o", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "failed"


def test_waiting_ends_at_its_timeout_and_says_how_to_go_on(here: Place, ann: Shell) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello()))
    here.working = False
    told = ann.refused(124, "task", "run", "hello", "--wait", "--timeout", "3")
    assert "run of hello has not ended: it goes on. To watch it again: `punctual run show " in told


def test_ctrl_c_while_waiting_says_how_to_go_on_and_the_run_goes_on(here: Place, ann: Shell) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello()))

    class Impatient:
        def now(self) -> timedelta:
            return here.now()

        def sleep(self, duration: timedelta) -> None:
            raise KeyboardInterrupt

    told = Shell(clock=Impatient(), home=ann.home, environment=ann.environment).refused(
        130, "task", "run", "hello", "--wait"
    )
    run_id = told.rpartition("`punctual run show ")[2].partition(" --wait`")[0]
    assert "interrupted while watching the run of hello: it goes on" in told
    assert ann.json("run", "show", run_id, "--wait")["status"] == "succeeded"


def test_options_change_what_they_say_and_nothing_else(ann: Shell) -> None:
    before = ann.json(*NIGHTLY, "--description", "kept", "--max-runs", "5")
    after = ann.json("task", "edit", "nightly", "--tz", "Asia/Tokyo", "--attempts", "7")
    assert (after["schedule"]["time_zone"], after["schedule"]["max_runs"]) == ("Asia/Tokyo", 5)
    assert after["retry"] == {**before["retry"], "max_attempts": 7}
    assert (after["description"], after["action"]) == ("kept", before["action"])
    other = ann.json("task", "edit", "nightly", "--every", "2h", "--function", "print_hello", "--name", "often")
    assert {name: other["schedule"].get(name) for name in ("type", "every", "expression")} == {
        "type": "interval",
        "every": 2,
        "expression": None,
    }
    assert other["action"] == {"type": "function", "name": "print_hello"}
    assert "Nothing is different" in ann.run("task", "edit", "often", "--name", "often").stderr


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    """An editor that does what a script says."""
    path = tmp_path / "editor"
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def editing(editor: Path, *lines: str) -> str:
    editor.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    return str(editor)


def test_a_task_is_edited_as_yaml(ann: Shell, editor: Path) -> None:
    ann.told(*NIGHTLY)
    changes = "s/name: nightly/name: daily/; s/metadata: {}/metadata: {a: null}/"
    writer = ann.having(EDITOR=editing(editor, f"sed -i '{changes}' \"$1\"", "touch -d '1 hour' \"$1\""))
    assert writer.told("task", "edit", "nightly").startswith("daily is changed: ")
    task = ann.json("task", "show", "daily")
    assert (task["schedule"]["expression"], task["metadata"]) == ("30 2 * * *", {"a": None})


def test_an_editor_that_changes_nothing_changes_nothing(ann: Shell, editor: Path) -> None:
    before = ann.json(*NIGHTLY)
    result = ann.having(EDITOR=editing(editor, "true")).run("task", "edit", "nightly")
    assert "Nothing is different, so nothing was changed." in result.stderr
    touched = ann.having(EDITOR=editing(editor, 'echo "# a remark" >> "$1"', 'touch -d "1 hour" "$1"'))
    assert "Nothing is different" in touched.run("task", "edit", "nightly").stderr
    assert ann.json("task", "show", "nightly")["version"] == before["version"]


def test_what_was_written_and_not_taken_can_be_edited_again_or_is_kept(ann: Shell, editor: Path) -> None:
    ann.told(*NIGHTLY)
    wrong = "sed -i 's/expression: .*/expression: 99 * * * */' \"$1\"; touch -d '1 hour' \"$1\""
    told = ann.having(EDITOR=editing(editor, wrong)).refused(6, "task", "edit", "nightly", typed="n\n")
    assert "That was not taken: /schedule/expression" in told
    path = Path(told.rpartition("what was written is in ")[2].strip())
    assert "99 * * * *" in path.read_text()
    path.unlink()
    count = editor.with_name("count")
    second = f"echo x >> {count}; if [ $(wc -l < {count}) = 1 ]; then {wrong}; else sed -i 's/99/9/' \"$1\"; fi"
    ann.having(EDITOR=editing(editor, second, "touch -d '2 hours' \"$1\"")).told("task", "edit", "nightly", typed="y\n")
    assert ann.json("task", "show", "nightly")["schedule"]["expression"] == "9 * * * *"
    kept = ann.having(EDITOR=editing(editor, wrong)).refused(6, "task", "edit", "nightly", typed="")
    assert "nothing was changed; what was written is in" in kept


@pytest.mark.parametrize("command", ["false", "/nonexistent/editor"])
def test_an_editor_that_fails_is_no_failed_run(ann: Shell, command: str) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello()))
    told = ann.having(EDITOR=command).refused(6, "task", "edit", "hello")
    assert told.startswith(f"punctual: {command}: Editing failed")


@pytest.mark.parametrize("seconds", ["nan", "inf", "1e300", "-1"])
def test_a_time_that_cannot_be_waited_is_a_usage_error_and_nothing_is_started(ann: Shell, seconds: str) -> None:
    ann.told("task", "create", "--json", "-", typed=json.dumps(hello()))
    told = ann.refused(2, "task", "run", "hello", "--wait", "--timeout", seconds)
    assert "is no time that can be waited: write seconds, 0 or more" in told
    assert ann.json("run", "list") == []


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(here: Place, ann: Shell, editor: Path) -> None:
    task = ann.json(*NIGHTLY)
    token = ann.environment["PUNCTUAL_TOKEN"]
    other = f"curl -sS -X PATCH {here.url}/api/tasks/{task['id']} -H 'Authorization: Token {token}'"
    lines = (other + """ -H 'Content-Type: application/json' -d '{"name": "theirs"}' > /dev/null""",)
    mine = "sed -i 's/name: nightly/name: mine/' \"$1\"; touch -d '1 hour' \"$1\""
    told = ann.having(EDITOR=editing(editor, *lines, mine)).refused(7, "task", "edit", "nightly")
    assert "somebody changed 'nightly' meanwhile, and that was not overwritten" in told
    path = Path(told.rpartition("What was written is in ")[2].strip())
    assert "name: mine" in path.read_text()
    path.unlink()
    assert ann.json("task", "show", task["id"])["name"] == "theirs"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is not YAML"),
        ("a: &x [1]\nb: *x", "an alias (*name) stands for something else"),
        ("!!python/object/apply:os.system [ls]", "is not YAML"),
        ("- a\n- b", "holds no task"),
        ("[" * 3000, "nested too deep"),
    ],
    ids=["broken", "alias", "python", "list", "deep"],
)
def test_what_is_no_task_in_yaml_is_refused(ann: Shell, editor: Path, text: str, said: str) -> None:
    ann.told(*NIGHTLY)
    source = editor.with_name("wrong")
    source.write_text(text)
    script = editing(editor, f'cp {source} "$1"; touch -d "1 hour" "$1"')
    told = ann.having(EDITOR=script).refused(6, "task", "edit", "nightly", typed="n\n")
    assert said in told
    Path(told.rpartition("what was written is in ")[2].strip()).unlink()
