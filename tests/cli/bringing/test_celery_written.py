"""A beat schedule in Python that is put together of several parts: none is left out without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from punctual_cli.importing.celery.converting import Choices, celery_source
from punctual_cli.importing.celery.crontab import converted
from punctual_cli.importing.celery.periodic import Crontab
from punctual_cli.importing.celery.reading import periodic_tasks
from punctual_cli.importing.found import Impossible, Old

FIRST = "beat_schedule = {'a': {'task': 't', 'schedule': 5}}\n"
ENTRY = "{'task': 't', 'schedule': 6}"


def olds(folder: Path, text: str) -> dict[str, Old]:
    path = folder / "beat.py"
    path.write_text(text)
    return {old.key: old for old in celery_source(periodic_tasks(str(path)), Choices()).olds}


@pytest.mark.parametrize(
    "text",
    [
        f"{FIRST}beat_schedule |= {{'b': {ENTRY}}}",
        f"{FIRST}beat_schedule = beat_schedule | {{'b': {ENTRY}}}",
        f"{FIRST}beat_schedule.update(b={ENTRY})",
        f"{FIRST}app.conf.update({{'beat_schedule': {{'b': {ENTRY}}}}})",
        f"beat_schedule = dict(a={ENTRY}, b=dict(task='t', schedule=6))",
        f"beat_schedule = {{'a': {ENTRY}}} | {{'b': {ENTRY}}}\napp.conf.beat_schedule = beat_schedule",
    ],
)
def test_every_part_that_can_be_read_is_read(tmp_path: Path, text: str) -> None:
    found = olds(tmp_path, text)
    assert list(found) == ["a", "b"]
    assert found["b"].definition is not None


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("beat_schedule.update(more)", "more"),
        ("beat_schedule |= more()", "more()"),
        ("beat_schedule = beat_schedule | more", "more"),
        ("sender.add_periodic_task(10.0, test.s('hello'), name='x')", "sender.add_periodic_task(10.0, test.s('hello')"),
    ],
)
def test_what_only_the_running_program_adds_is_told_beside_what_was_read(tmp_path: Path, line: str, shown: str) -> None:
    found = olds(tmp_path, FIRST + line)
    assert found["a"].definition is not None
    assert f"known to the running program only: {shown}" in found["line 2"].refusal


def test_a_star_among_the_days_of_the_week_is_all_of_them() -> None:
    made = converted(Crontab(day_of_month="1", day_of_week="1,*/3")).schedule
    assert made["exclude"] == [{"weekly": ["tue", "thu", "fri"], "from": "00:00", "to": "24:00"}]


def test_a_step_of_none_is_told() -> None:
    with pytest.raises(Impossible):
        converted(Crontab(day_of_month="1", day_of_week="1-5/0"))


@pytest.mark.parametrize(("key", "reference"), [([1], 7), (1, [1]), (None, {"a": 1})])
def test_ids_that_are_none_are_told_of_the_task(tmp_path: Path, key: object, reference: object) -> None:
    fields = {"name": "odd", "task": "t", "crontab": reference}
    rows = [{"model": "django_celery_beat.periodictask", "pk": key, "fields": fields}]
    assert "which is not there" in olds(tmp_path, json.dumps(rows))["odd"].refusal


def test_a_task_of_one_run_is_told_not_to_be_left_paused(tmp_path: Path) -> None:
    fields = {"name": "once", "task": "t", "crontab": 1, "one_off": True, "enabled": True}
    rows = [
        {"model": "django_celery_beat.crontabschedule", "pk": 1, "fields": {"minute": "0", "hour": "4"}},
        {"model": "django_celery_beat.periodictask", "pk": 1, "fields": fields},
    ]
    old = olds(tmp_path, json.dumps(rows))["once"]
    assert old.definition is not None
    assert old.definition["schedule"]["max_runs"] == 1
    assert any("passes while it is paused" in note for note in old.notes)
