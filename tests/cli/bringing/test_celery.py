"""Celery beat is brought over: Django's database, its dump, a beat schedule; and what of it a task cannot have."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from punctual_cli.applying.places import Unreadable
from punctual_cli.errors import ExitCode
from punctual_cli.importing.celery.converting import Choices, celery_source
from punctual_cli.importing.celery.crontab import converted
from punctual_cli.importing.celery.periodic import Crontab
from punctual_cli.importing.celery.reading import periodic_tasks
from punctual_cli.importing.found import Impossible, Old
from tests.cli.bringing.serving import Person

FILES = Path(__file__).parent / "files"
MAPPED = ("--map", "shop.tasks.report=print_hello", "--map", "shop.tasks.poll=print_time")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with the tables of the real migrations."""
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((FILES / "django_celery_beat.sql").read_text())
    return path


def olds(path: Path | str, **choices: Any) -> dict[str, Old]:
    return {old.key: old for old in celery_source(periodic_tasks(str(path)), Choices(**choices)).olds}


def definition(old: Old) -> dict[str, Any]:
    assert old.definition is not None, old.refusal
    return dict(old.definition)


def test_a_database_of_django_is_read_and_never_written(database: Path, ann: Person) -> None:
    before, folder = database.read_bytes(), sorted(path.name for path in database.parent.iterdir())
    said = ann.says("import", "celery-beat", str(database), *MAPPED, "-o", "json")
    assert said.code == ExitCode.NOT_ALL
    assert database.read_bytes() == before
    assert sorted(path.name for path in database.parent.iterdir()) == folder
    standing = {item["key"]: item["standing"] for item in said.json["items"]}
    impossible = {name for name, word in standing.items() if word == "impossible"}
    assert impossible == {
        *("celery.backend_cleanup", "too fast", "sunrise", "long ago", "bad args", "no schedule", "bad minute"),
        "weekday report",  # `print_hello` takes no `to`
    }
    assert {task["name"] for task in ann.tasks} == standing.keys() - impossible
    assert {task["state"] for task in ann.tasks} == {"paused"}
    again = ann.says("import", "celery-beat", str(database), *MAPPED, "-o", "json").json
    assert {item["key"] for item in again["items"] if item["standing"] == "here"} == standing.keys() - impossible


def test_a_database_that_django_writes_ahead_in_is_read_as_well(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE django_celery_beat_periodictask SET name = 'renamed' WHERE id = 3")
        connection.commit()
        assert "renamed" in olds(database)


def test_what_each_of_them_becomes(database: Path) -> None:
    found = olds(database)
    report = definition(found["weekday report"])
    assert report["action"] == {
        "type": "function",
        "name": "shop.tasks.report",
        "args": ["daily"],
        "kwargs": {"to": "ann@example.com"},
    }
    assert report["schedule"] == {"type": "cron", "expression": "30 7 * * 1-5", "time_zone": "Europe/Paris"}
    assert (report["tags"], report["misfire"], report["description"]) == (
        *(["queue:reports"], {"grace_seconds": 600}, "For the shop."),
    )
    assert "priority" not in report
    assert definition(found["nights"])["schedule"]["expression"] == "0 22,0,2 * 1,7 5-6,0-1"
    assert found["nights"].off
    assert definition(found["poll"])["schedule"] == {
        "type": "interval",
        "every": 10,
        "unit": "seconds",
        "start_at": "2026-12-01T08:00:00.000Z",
        "end_at": "2027-01-01T00:00:00.000Z",
    }
    assert definition(found["once"])["schedule"] == {"type": "interval", "every": 90, "unit": "minutes", "max_runs": 1}
    assert definition(found["odd step"])["schedule"] == {"type": "interval", "every": 1_500_000, "unit": "microseconds"}
    assert definition(found["christmas"])["schedule"] == {"type": "once", "at": "2026-12-24T18:00:00.000Z"}
    assert definition(found["half hours"])["schedule"]["expression"] == "0,30 * * * *"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("celery.backend_cleanup", "Punctual forgets runs by itself, after each task's `retention_days`"),
        ("too fast", "every 0.5 s: Punctual's shortest interval is one second"),
        ("sunrise", "sunrise at 52.52, 13.405: Punctual does not follow the sun. Take a fixed time, or"),
        ("bad args", "its args are not JSON of a list: '[1,'"),
        ("no schedule", "its schedule cannot be read: no schedule"),
        ("bad minute", "'61' is no minute: 0 to 59"),
    ],
)
def test_what_cannot_be_carried_over(database: Path, name: str, reason: str) -> None:
    old = olds(database)[name]
    assert old.definition is None
    assert reason in old.refusal


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("weekday report", "its queue reports becomes a tag"),
        ("weekday report", "its priority 9 is not carried over: RabbitMQ and Redis count in opposite directions"),
        ("poll", "exchange, routing_key, headers: are not carried over"),
        ("first monday", "day of the month and day of the week both have to match in Celery, where cron takes either"),
    ],
)
def test_what_differs(database: Path, name: str, note: str) -> None:
    assert any(note in said for said in olds(database)[name].notes)


@pytest.mark.parametrize(("broker", "priority"), [("rabbitmq", "high"), ("redis", "low")])
def test_priorities_are_carried_over_where_the_broker_is_known(database: Path, broker: str, priority: str) -> None:
    old = olds(database, broker=broker)["weekday report"]
    assert definition(old)["priority"] == priority
    assert not any("priority" in note for note in old.notes)


def test_both_days_have_to_match_as_in_celery(database: Path, ann: Person) -> None:
    """The first Monday of a month, and not every day from the 1st to the 7th and every Monday beside."""
    said = ann.says("import", "celery-beat", str(database), *MAPPED, "-o", "json").json
    (item,) = (item for item in said["items"] if item["key"] == "first monday")
    assert item["next"] == ["2026-12-07T09:00:00.000Z", "2027-01-04T09:00:00.000Z", "2027-02-01T09:00:00.000Z"]


def test_what_was_off_stays_off_also_with_active(database: Path, ann: Person) -> None:
    ann.says("import", "celery-beat", str(database), *MAPPED, "--active")
    assert {task["name"] for task in ann.tasks if task["state"] == "paused"} == {"nights"}


def test_a_function_that_is_not_there_is_told_with_what_to_do(database: Path, ann: Person) -> None:
    said = ann.says("import", "celery-beat", str(database))
    assert "/action/name is no function of this installation" in said.out
    assert "write it below chalicelib/functions, as @function(name=…), or name another with --map OLD=NEW" in said.out
    assert ann.tasks == []


def test_an_older_release_without_some_columns_and_tables(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            CREATE TABLE django_celery_beat_crontabschedule (id integer PRIMARY KEY, minute text, hour text,
              day_of_week text, day_of_month text, month_of_year text);
            CREATE TABLE django_celery_beat_periodictask (id integer PRIMARY KEY, name text, task text, args text,
              kwargs text, queue text, expires datetime, enabled bool, crontab_id integer, interval_id integer);
            INSERT INTO django_celery_beat_crontabschedule VALUES (7, '5', '4', '*', '*', '*');
            INSERT INTO django_celery_beat_periodictask VALUES (1, 'a', 't', '[]', '{}', NULL, NULL, 1, 7, NULL);
            INSERT INTO django_celery_beat_periodictask VALUES (2, 'b', 't', '', NULL, NULL, NULL, 1, NULL, 3);
            """
        )
    found = olds(path, time_zone="Asia/Tokyo")
    assert definition(found["a"])["schedule"] == {"type": "cron", "expression": "5 4 * * *", "time_zone": "Asia/Tokyo"}
    assert found["b"].refusal == "its schedule cannot be read: interval 3, which is not there"


def test_what_dumpdata_wrote_means_the_same_as_the_database(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        rows = []
        for name in ("crontabschedule", "intervalschedule", "solarschedule", "clockedschedule", "periodictask"):
            for row in connection.execute(f"SELECT * FROM django_celery_beat_{name}"):
                fields = {key.removesuffix("_id"): value for key, value in dict(row).items() if key != "id"}
                rows.append({"model": f"django_celery_beat.{name}", "pk": row["id"], "fields": fields})
    dump = tmp_path / "beat.json"
    dump.write_text(json.dumps([{"model": "auth.user", "pk": 1, "fields": {}}, *rows]))
    assert olds(dump) == olds(database)


def test_a_beat_schedule_in_python_is_read_and_not_executed() -> None:
    """Executed, the last entry would end the process."""
    found = olds(FILES / "beat_schedule.py.txt", time_zone="Europe/Paris")
    monday = definition(found["add-every-monday-morning"])
    assert monday["schedule"] == {"type": "cron", "expression": "30 7 * * 1", "time_zone": "Europe/Paris"}
    assert monday["action"] == {"type": "function", "name": "shop.tasks.add", "args": [16, 16]}
    assert definition(found["every-30-seconds"])["action"]["args"] == [1, -1]
    quarter = definition(found["every-quarter"])
    assert (quarter["schedule"]["every"], quarter["schedule"]["unit"], quarter["misfire"]) == (
        *(15, "minutes", {"grace_seconds": 600}),
    )
    assert definition(found["every-hour"])["schedule"]["unit"] == "hours"
    assert definition(found["quarters"])["schedule"]["expression"] == "*/15 8,9,10,11,12,13,14,15,16,17 * * *"
    assert "does not follow the sun" in found["melbourne"].refusal
    assert found["from-settings"].refusal == "its schedule cannot be read: SETTINGS['every']"
    assert found["now"].refusal == "its arguments are known to the running program only: datetime.now()"
    assert "its schedule cannot be read: __import__('os')" in found["evil"].refusal


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (30, {"type": "interval", "every": 30, "unit": "seconds"}),
        (86400.0, {"type": "interval", "every": 1, "unit": "days"}),
        ({"every": 5, "period": "minutes"}, {"type": "interval", "every": 5, "unit": "minutes"}),
        ({"crontab": {"minute": "0", "hour": 4}}, {"type": "cron", "expression": "0 4 * * *", "time_zone": "UTC"}),
        (
            {"minute": "5", "timezone": "Asia/Tokyo"},
            {"type": "cron", "expression": "5 * * * *", "time_zone": "Asia/Tokyo"},
        ),
        ("<crontab: 30 7 * * 1 (m/h/dM/MY/d)>", {"type": "cron", "expression": "30 7 * * 1", "time_zone": "UTC"}),
        ("<crontab: 30 7 1 * * (m/h/d/dM/MY)>", {"type": "cron", "expression": "30 7 * * 1", "time_zone": "UTC"}),
        ("<freq: 30.00 seconds>", {"type": "interval", "every": 30, "unit": "seconds"}),
        ("0:15:00", {"type": "interval", "every": 15, "unit": "minutes"}),
        ("1 day, 0:00:00", {"type": "interval", "every": 1, "unit": "days"}),
        ("300.0", {"type": "interval", "every": 5, "unit": "minutes"}),
        ("<freq: 1.00 hour>", {"type": "interval", "every": 1, "unit": "hours"}),
    ],
)
def test_a_beat_schedule_in_json(tmp_path: Path, schedule: Any, expected: dict[str, Any]) -> None:
    path = tmp_path / "beat.json"
    path.write_text(json.dumps({"beat_schedule": {"a": {"task": "t", "schedule": schedule}}}))
    assert definition(olds(path)["a"])["schedule"] == expected


@pytest.mark.parametrize(
    "text",
    [
        "app.conf.update(timezone='UTC', beat_schedule={'a': {'task': 't', 'schedule': 5}})",
        "app = Celery('shop', beat_schedule={'a': {'task': 't', 'schedule': 5}})",
        "app.conf.beat_schedule.update({'a': {'task': 't', 'schedule': 5}})",
        "app.conf.beat_schedule['a'] = {'task': 't', 'schedule': 5}",
        "class Config:\n    beat_schedule: dict = {'a': {'task': 't', 'schedule': 5}}",
        '{"celery@web1": {"timezone": "UTC", "beat_schedule": {"a": {"task": "t", "schedule": 5}}}}',
    ],
)
def test_a_beat_schedule_is_found_wherever_people_put_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "beat"
    path.write_text(text)
    assert definition(olds(path)["a"])["schedule"] == {"type": "interval", "every": 5, "unit": "seconds"}


def test_what_an_entry_says_and_a_task_cannot_have_is_told(tmp_path: Path) -> None:
    path = tmp_path / "beat.json"
    options = {"queue": "q", "countdown": 5, "time_limit": 30}
    path.write_text(json.dumps({"a": {"task": "t", "schedule": 5, "relative": True, "options": options}}))
    assert "countdown, relative, time_limit: not carried over, a task has nothing like it here" in olds(path)["a"].notes


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"day_of_week": "sunday"}, "* * * * 0"),
        ({"day_of_week": "mon,Wed,FRI"}, "* * * * 1,3,5"),
        ({"day_of_week": "sat-sun"}, "* * * * 6,0"),
        ({"hour": "23-1"}, "* 23,0-1 * * *"),
        ({"minute": "50-10/5"}, "50,55,0,5,10 * * * *"),
        ({"month_of_year": "december-february"}, "* * * 12,1-2 *"),
        ({"day_of_month": "*/2", "day_of_week": "1"}, "* * */2 * 1"),
        ({"day_of_month": "1", "day_of_week": "0-6"}, "* * 1 * *"),
    ],
)
def test_celerys_crontabs_as_cron_expressions(fields: dict[str, str], expression: str) -> None:
    made = converted(Crontab(**fields)).schedule
    assert made["expression"] == expression
    assert "exclude" not in made


@pytest.mark.parametrize(
    "fields",
    [{"hour": "24"}, {"day_of_week": "7"}, {"minute": "x"}, {"minute": "5-"}, {"minute": "5/10"}, {"hour": "1//2"}],
)
def test_what_celery_would_not_take_either_is_told(fields: dict[str, str]) -> None:
    with pytest.raises(Impossible):
        converted(Crontab(**fields))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no beat schedule"),
        ("x = 5", "has no beat schedule: a dictionary, or `beat_schedule = {…}`, is looked for"),
        ("sender.add_periodic_task(10.0, test.s())", "known to the running program only. Where code puts it together"),
        ("beat_schedule = {**OTHER}", "`**` brings in another dictionary: write its entries out"),
        ("beat_schedule = {", "beat:1: is neither JSON nor Python that can be read"),
        ("{'a': {'task': 't', 'schedule': <crontab: 0 4 * * * (m/h/dM/MY/d)>}}", "give the source"),
        ("[]", "holds no django_celery_beat.periodictask"),
        ('[{"model": "auth.user", "pk": 1, "fields": {}}]', "write it with `manage.py dumpdata django_celery_beat`"),
        ("5", "is neither a beat schedule nor what `dumpdata django_celery_beat` writes"),
        ("{}", "holds no beat schedule"),
        ("(" * 5_000, "is neither JSON nor Python that can be read"),
        ("[" * 100_000, "is neither JSON nor Python that can be read"),
    ],
)
def test_what_is_no_beat_schedule_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "beat"
    path.write_text(text)
    with pytest.raises(Unreadable) as told:
        olds(path)
    assert sentence in str(told.value)


def test_entries_that_are_none_are_told_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "beat.json"
    path.write_text('{"a": 5, "b": {"schedule": 5}, "c": {"task": "t", "schedule": 5, "args": "x"}}')
    assert [old.refusal for old in olds(path).values()] == [
        *["has no `task` that can be read"] * 2,
        "its arguments are no list, or no dictionary",
    ]


def test_a_database_that_is_none_of_celerys_or_broken_is_a_sentence(tmp_path: Path, ann: Person) -> None:
    other, broken = tmp_path / "other.sqlite3", tmp_path / "broken.sqlite3"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE x (y)")
        connection.commit()
    broken.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5_000)
    for path, sentence in (
        (other, "has no table django_celery_beat_periodictask"),
        (broken, "cannot be read as an SQLite"),
    ):
        said = ann.says("import", "celery-beat", str(path))
        assert said.code == ExitCode.REFUSED
        assert sentence in said.err
        assert "manage.py dumpdata django_celery_beat" in said.err


@pytest.mark.parametrize("given", ["a", "=b", "a="])
def test_a_map_that_is_none_is_a_sentence(ann: Person, given: str) -> None:
    said = ann.says("import", "celery-beat", "x", "--map", given)
    assert (said.code, "write --map module.task=function" in said.err) == (ExitCode.USAGE, True)
