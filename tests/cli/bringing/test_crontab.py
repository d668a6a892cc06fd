"""Crontabs are brought over: what Debian's cron and cronie read, and what of it a task cannot have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from punctual_cli.errors import ExitCode
from punctual_cli.importing.crontab.converting import crontab_source
from punctual_cli.importing.crontab.lines import split_input
from punctual_cli.importing.found import Old
from tests.cli.bringing.serving import Person
from tests.web.building import HOURLY, World

FILES = Path(__file__).parent / "files"


def olds(text: str, *, system: bool = False, time_zone: str | None = None) -> list[Old]:
    return list(crontab_source(text, system=system, time_zone=time_zone).olds)


def only(text: str, **more: Any) -> dict[str, Any]:
    """The task that a crontab of one entry becomes."""
    (old,) = olds(text, **more)
    assert old.definition is not None, old.refusal
    return dict(old.definition)


def test_debians_own_crontab(ann: Person) -> None:
    said = ann.says("import", "crontab", str(FILES / "etc-crontab"), "--system", "--tz", "Europe/Berlin", "-o", "json")
    assert said.code == 0, said.err
    items = said.json["items"]
    assert [item["where"] for item in items] == ["line 19", "line 20", "line 21", "line 22"]
    assert [item["next"][0] for item in items] == [
        *("2026-11-21T12:17:00.000Z", "2026-11-22T05:25:00.000Z", "2026-11-22T05:47:00.000Z"),
        "2026-12-01T05:52:00.000Z",
    ]
    assert all(len(item["next"]) == 3 for item in items)
    assert all("ran as root; here" in item["notes"][0] for item in items)
    hourly = next(task for task in ann.tasks if task["name"].startswith("cd /"))
    assert (hourly["state"], hourly["action"]["command"]) == ("paused", "cd / && run-parts --report /etc/cron.hourly")
    assert hourly["description"] == ""
    assert (hourly["retry"]["max_attempts"], hourly["misfire"]["catch_up"], hourly["timeout_seconds"]) == (
        1,
        "none",
        840,
    )


def test_a_file_of_cron_d_for_people(ann: Person) -> None:
    said = ann.says("import", "crontab", str(FILES / "cron.d-e2scrub_all"), "--system")
    assert said.code == 0
    first = said.out.splitlines()[1].split("  ")
    assert first[0].startswith("root test -e /run/systemd/system || SERVICE_MODE=1")
    assert "2026-11-22 03:30+00:00, 2026-11-29 03:30+00:00, 2026-12-06 03:30+00:00" in said.out
    assert "cron goes by the clock of its machine, here it is UTC: say --tz" in said.out
    assert said.out.endswith(
        "2 found: 2 made, 0 here already, 0 not carried over. They are paused: `punctual task resume <task>` begins.\n"
    )


def test_the_example_of_cronies_manual(ann: Person) -> None:
    path = str(FILES / "cronie-crontab")
    said = ann.says("import", "crontab", path, "-o", "json")
    assert said.code == ExitCode.NOT_ALL
    daily, mail, date, chance, quiet, reboot, night = said.json["items"]
    action = daily["task"]["action"]
    assert action["command"] == ["/bin/bash", "-c", "$HOME/bin/daily.job >> $HOME/tmp/out 2>&1"]
    assert action["env"] == {"PATH": "/sbin:/bin:/usr/sbin:/usr/bin", "GREETING": "  it's  "}
    assert daily["task"]["description"] == "Five minutes after midnight, every day."
    assert (daily["task"]["schedule"]["time_zone"], daily["task"]["schedule"]["jitter_seconds"]) == ("Japan", 300)
    assert daily["notes"] == ["what it printed was mailed to paul@example.com; here it is kept with the run"]
    assert mail["task"]["action"]["stdin"] == "Joe,\n\nWhere are your kids?\n"
    assert mail["task"]["description"] == ""
    assert date["task"]["action"]["command"] == ["/bin/bash", "-c", "date +%Y-%m"]
    assert chance["task"]["schedule"]["expression"] == "H(0-29) 4 * jan-mar sun"
    assert any("`~` is drawn anew" in note for note in chance["notes"])
    assert not any("mailed" in note for note in chance["notes"])  # MAILTO="" stands above it
    assert quiet["task"]["schedule"]["expression"] == "*/15 * * * *"
    assert any("kept out of cron's log" in note for note in quiet["notes"])
    assert (reboot["standing"], reboot["task"]) == ("impossible", None)
    assert "no machine that boots" in reboot["reason"]
    assert night["task"]["schedule"]["expression"] == "@midnight"
    assert len(ann.tasks) == 6

    again = ann.says("import", "crontab", path, "-o", "json")
    assert [item["standing"] for item in again.json["items"]] == [*["here"] * 5, "impossible", "here"]
    assert len(ann.tasks) == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"echo 100\%", ("echo 100%", None)),
        ("cat%", ("cat", "")),
        ("cat%a%b", ("cat", "a\nb\n")),
        ("cat%a%", ("cat", "a\n")),
        (r"cat%a\%b", ("cat", "a%b\n")),
        (r"date +\%s%x", ("date +%s", "x\n")),
    ],
)
def test_what_a_percent_sign_means(text: str, expected: tuple[str, str | None]) -> None:
    assert split_input(text) == expected


@pytest.mark.parametrize(
    ("when", "expression"),
    [
        ("*/5 * * * *", "*/5 * * * *"),
        ("0-30/10,45 8-18 * * mon,wed,fri", "0-30/10,45 8-18 * * mon,wed,fri"),
        ("0 0 1,15 * 5", "0 0 1,15 * 5"),
        ("~ * * * *", "H(0-59) * * * *"),
        ("~9,30 5~ 1~7 * *", "H(0-9),30 H(5-23) H(1-7) * *"),
        ("0 5 * * 3~3", "0 5 * * 3"),
        ("@Daily", "@daily"),
        ("@every_minute", "* * * * *"),
    ],
)
def test_when_it_runs(when: str, expression: str) -> None:
    assert only(f"{when} x")["schedule"] == {"type": "cron", "expression": expression, "time_zone": "UTC"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("5/10 * * * * x", "cron has steps of a range or of * only: write 5-59/10 if that is meant, or 5"),
        ("@reboot up", "Punctual has no machine that boots"),
        ("@300 x", "counts from the end of the last run"),
        ("@fortnightly x", "is none of @yearly"),
        ("* * * * *", "5 fields and then a command belong on it"),
        ("hello", "no entry"),
        ("@daily", "1 field and then a command belong on it"),
        ("5~1 * * * * x", "does not lie within 0 to 59, the minute"),
        ("1~99 * * * * x", "does not lie within 0 to 59"),
        ("a~b * * * * x", "is written like 6~15 in the field of the minute"),
        ("~/5 * * * * x", "is written like 6~15"),
    ],
)
def test_what_cannot_be_carried_over_is_told_with_its_line(line: str, reason: str) -> None:
    (old,) = olds(f"# first\n{line}\n")
    assert (old.where, old.definition) == ("line 2", None)
    assert reason in old.refusal


@pytest.mark.parametrize("when", ["61 * * * *", "0 0 30 2 *", "sat-sun * * * *", "0 0 ? * *"])
def test_what_the_server_refuses_is_told_as_not_carried_over(ann: Person, when: str) -> None:
    said = ann.says("import", "crontab", "-", stdin=f"{when} echo a\n5 5 * * * echo b\n")
    assert said.code == ExitCode.NOT_ALL
    assert "\nNot carried over:\n  line 1 (echo a): /schedule" in said.out
    assert [task["name"] for task in ann.tasks] == ["echo b"]


@pytest.mark.parametrize(
    ("above", "env"),
    [
        ("A=b", {"A": "b"}),
        ("A = b c ", {"A": "b c"}),
        ("A='b '", {"A": "b "}),
        ('"A"="b"', {"A": "b"}),
        ("A=", {"A": ""}),
        ("A=b\nA=c", {"A": "c"}),
        ("TZ=Asia/Tokyo", {"TZ": "Asia/Tokyo"}),
        ("PATH=$HOME/bin:$PATH", {"PATH": "$HOME/bin:$PATH"}),
    ],
)
def test_environment_lines_are_for_the_entries_below(above: str, env: dict[str, str]) -> None:
    first, second = olds(f"0 1 * * * x\n{above}\n0 2 * * * y\n")
    assert first.definition is not None
    assert "env" not in first.definition["action"]
    assert second.definition is not None
    assert second.definition["action"]["env"] == env


@pytest.mark.parametrize(
    ("above", "note"),
    [
        ("HOME=/var/lib/x", "began in /var/lib/x; here it begins in an empty folder of its own"),
        ("MAILTO=a@example.com,b@example.com", "was mailed to a@example.com,b@example.com"),
        ("PATH=$HOME/bin", "cron does not expand a `$`"),
        ("a-b=c", "the variable 'a-b' is left out"),
    ],
)
def test_what_differs_is_told_of_each_entry(above: str, note: str) -> None:
    (old,) = olds(f"{above}\n0 2 * * * y\n")
    assert any(note in said for said in old.notes)


def test_the_text_that_crontab_begins_with_describes_no_entry() -> None:
    template = "# Edit this file to introduce tasks to be run by cron.\n#\n# m h  dom mon dow   command\n"
    assert "description" not in only(template + "0 1 * * * sums\n")
    assert only(template + "# Sums of the day\n0 1 * * * sums\n")["description"] == "Sums of the day"


def test_a_comment_above_something_else_describes_nothing() -> None:
    for between in ("", "A=b"):
        assert "description" not in only(f"# of another\n{between}\n0 2 * * * x")
    assert only("# one\n# two\n0 2 * * * x")["description"] == "one two"


def test_a_line_with_an_equals_sign_is_still_an_entry() -> None:
    assert only("0 2 * * * A=b c")["action"]["command"] == "A=b c"


def test_cron_tz_is_the_schedules_zone_and_tz_the_commands() -> None:
    assert only("CRON_TZ=Asia/Tokyo\n0 2 * * * y", time_zone="Europe/Paris")["schedule"]["time_zone"] == "Asia/Tokyo"
    assert only("TZ=Asia/Tokyo\n0 2 * * * y", time_zone="Europe/Paris")["schedule"]["time_zone"] == "Europe/Paris"


def test_a_delay_longer_than_the_time_between_two_runs_is_left_out(ann: Person) -> None:
    said = ann.says("import", "crontab", "-", "-o", "json", stdin="RANDOM_DELAY=60\n*/5 * * * * echo a\n")
    (item,) = said.json["items"]
    assert "its spread of up to 3600 s is left out" in item["notes"][0]
    assert "jitter_seconds" not in ann.tasks[0]["schedule"]


def test_lines_that_are_alike_are_several_tasks_with_names_of_their_own(ann: Person) -> None:
    text = "0 1 * * * echo a\n0 2 * * * echo a\n"
    ann.client.tasks.create({"name": "echo a", "action": {"type": "command", "command": "x"}, "schedule": HOURLY})
    said = ann.says("import", "crontab", "-", stdin=text)
    assert [task["name"] for task in ann.tasks] == ["echo a", "echo a (2)", "echo a (3)"]
    assert "line 1: is called 'echo a (2)': another task has its name" in said.out
    assert ann.says("import", "crontab", "-", stdin=text).out.endswith(
        "2 found: 0 made, 2 here already, 0 not carried over.\n"
    )


def test_a_second_import_leaves_alone_what_was_resumed_or_mended(ann: Person) -> None:
    ann.says("import", "crontab", "-", stdin="0 1 * * * echo a\n")
    (task,) = ann.tasks
    ann.client.tasks.resume(task["id"])
    ann.client.tasks.change(task["id"], {"name": "mine", "timeout_seconds": 30})
    before = ann.tasks
    said = ann.says("import", "crontab", "-", stdin="0 1 * * * echo a\n")
    assert f"line 1: is here already ({task['id']}), with another timeout_seconds: it stays so" in said.out
    assert ann.tasks == before


def test_an_entry_that_was_edited_is_shown_as_the_task_that_is_here(ann: Person) -> None:
    ann.says("import", "crontab", "-", stdin="0 1 * * * echo a\n")
    (task,) = ann.tasks
    for edited, why in (("0 5", "with another schedule.expression"), ("99 5", "/schedule/expression not a cron")):
        said = ann.says("import", "crontab", "-", stdin=f"{edited} * * * echo a\n")
        assert said.code == 0
        assert "At 01:00 (UTC)" in said.out
        assert "05:00" not in said.out
        assert f"is here already ({task['id']}), {why}" in said.out
        assert "`punctual task edit` changes it" in said.out
    (item,) = ann.says("import", "crontab", "-", "-o", "json", stdin="0 5 * * * echo a\n").json["items"]
    assert item["task"]["schedule"]["expression"] == "0 1 * * *"
    assert [at[11:16] for at in item["next"]] == ["01:00"] * 3


def test_a_time_zone_that_there_is_not_is_said_once(ann: Person) -> None:
    said = ann.says("import", "crontab", "-", "--tz", "Mars/X", stdin="0 1 * * * a\n0 2 * * * b\n")
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert said.err.count("Mars/X") == 1


def test_active_begins_at_once_and_a_dry_run_makes_nothing(ann: Person) -> None:
    text = "0 1 * * * echo a\n"
    said = ann.says("import", "crontab", "-", "--dry-run", stdin=text)
    assert (said.code, ann.tasks) == (ExitCode.WOULD_CHANGE, [])
    assert "1 would be made" in said.out
    assert ann.says("import", "crontab", "-", "--active", stdin=text).code == 0
    assert ann.tasks[0]["state"] == "active"
    assert ann.says("import", "crontab", "-", "--dry-run", stdin=text).code == 0


def test_two_sources_are_told_apart_by_their_sets(ann: Person) -> None:
    for machine in ("one", "two", "one"):
        ann.says("import", "crontab", "-", "--set", machine, stdin="0 1 * * * echo a\n")
    assert [task["metadata"]["punctual.set"] for task in ann.tasks] == ["one", "two"]


def test_a_systems_crontab_without_the_option_is_pointed_out(ann: Person) -> None:
    said = ann.says("import", "crontab", str(FILES / "cron.d-e2scrub_all"), "--dry-run")
    assert "if this is a system's crontab, with a user on each line, say --system" in said.out


def test_other_users_of_a_systems_crontab_are_known_too(ann: Person) -> None:
    text = "*/5 * * * * www-data php -f cron.php\n0 1 * * * mail -s x ann\n"
    said = ann.says("import", "crontab", "-", "--dry-run", stdin=text)
    assert "Some commands begin with www-data: if this is a system's crontab" in said.out


def test_who_may_not_run_commands_is_told_so_of_each(ann: Person, world: World) -> None:
    eve = Person(url=ann.url, caller=world.caller("eve", can_run_commands=False), folder=ann.folder)
    said = eve.says("import", "crontab", "-", stdin="0 1 * * * echo a\n")
    assert "line 1 (echo a): this account may not run commands: ask an admin" in said.out


@pytest.mark.parametrize("text", ["", "\n\n# nothing\n", "A=b\n"])
def test_a_crontab_without_entries_is_no_mistake(ann: Person, text: str) -> None:
    said = ann.says("import", "crontab", "-", stdin=text)
    assert (said.code, said.out) == (0, "Nothing was found that runs.\n")


def test_bytes_that_are_no_text_are_a_sentence(ann: Person) -> None:
    path = ann.folder / "binary"
    path.write_bytes(b"0 1 * * * caf\xe9\n")
    said = ann.says("import", "crontab", str(path))
    assert (said.code, "binary:1: is not UTF-8" in said.err) == (ExitCode.REFUSED, True)


def test_control_characters_stay_out_of_names_and_off_the_terminal(ann: Person) -> None:
    said = ann.says("import", "crontab", "-", stdin="# a\x1b[31mb\n0 1 * * * printf '\x1b[2J'\n")
    assert "\x1b" not in said.out
    assert said.code == 0, said.out
    assert ann.tasks[0]["action"]["command"] == "printf '\x1b[2J'"
