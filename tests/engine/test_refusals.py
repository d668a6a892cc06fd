"""Definitions and requests that the catalog refuses."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.errors import Invalid, NotAllowed, NotFound, VersionConflict
from chalicelib.core.task import to_json
from tests.core.building import at, definition_json, every, once
from tests.engine.conftest import ANN, BOB, Stage


def test_the_past_is_accepted_within_the_grace_only(stage: Stage) -> None:
    stage.create(once(-3600), misfire={"grace_seconds": 3600})
    with pytest.raises(Invalid) as refused:
        stage.create(once(-3601), misfire={"grace_seconds": 3600})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/schedule/at", "past")]
    stage.world.play(at(40))
    assert len(stage.performed) == 1


@pytest.mark.parametrize(
    "schedule",
    [
        {"type": "cron", "expression": "0 0 30 2 *"},
        every(5, end_at="2026-03-02T08:59:59Z", start_at="2026-03-01T00:00:00Z"),
    ],
)
def test_a_schedule_that_never_fires_is_refused_and_nothing_is_stored(schedule: dict[str, Any], stage: Stage) -> None:
    with pytest.raises(Invalid) as refused:
        stage.create(schedule)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/schedule", "never_fires")]
    assert stage.world.system.catalog.tasks(ANN, limit=10).items == ()


def test_what_belongs_to_another_is_not_found(stage: Stage) -> None:
    task = stage.create(once(5))
    stage.world.play(at(10))
    run = stage.runs(task)[0]
    catalog, reports = stage.world.system.catalog, stage.world.system.reports
    for verb in (catalog.task, catalog.delete, catalog.pause, catalog.resume, catalog.run_now):
        with pytest.raises(NotFound):
            verb(BOB, task.id)
    with pytest.raises(NotFound):
        catalog.replace(BOB, task.id, to_json(task.definition))
    with pytest.raises(NotFound):
        reports.run(BOB, run.id)
    with pytest.raises(NotFound):
        reports.runs_of(BOB, task.id, limit=10)
    assert reports.feed(BOB, limit=10).items == ()
    assert reports.run(ANN, run.id) == run


def test_who_may_not_run_commands_cannot_define_one(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        stage.world.system.catalog.create(BOB, definition_json(once(5), action={"type": "command", "command": "id"}))


def test_a_version_that_was_overtaken_is_refused(stage: Stage) -> None:
    task = stage.create(once(50))
    catalog = stage.world.system.catalog
    catalog.replace(ANN, task.id, to_json(task.definition) | {"name": "one"}, version=1)
    with pytest.raises(VersionConflict):
        catalog.replace(ANN, task.id, to_json(task.definition) | {"name": "two"}, version=1)
    with pytest.raises(VersionConflict):
        catalog.delete(ANN, task.id, version=1)
    assert catalog.task(ANN, task.id).definition.name == "one"
