"""Functions of a project's own, on the local stack: a schedule in the code, what its run is told, a call for later."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from chalicelib.core.in_code import task_id_of
from tests.e2e.person import Person, registered
from tests.infra.stacks import ROOT, Stack, running_in

MINE = '''
"""What somebody wrote."""

from chalicelib.functions import Context, every, function
from chalicelib.functions.compat import shared_task


@function(retries=0, timeout=30, schedule=every(seconds=2, args=["ann"]))
def remind(who: str, *, ctx: Context) -> dict[str, object]:
    """Remind somebody."""
    ctx.logger.info("reminding %s", who)
    called = count.delay(3) if ctx.due_at.second % 10 < 2 else None
    return {"run": ctx.run_id, "called": None if called is None else called.id}


@shared_task
def count(to: int) -> int:
    print(*range(to))
    return to
'''


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A project with functions of its own, started as `make run` starts it, with nobody registered yet."""
    place = tmp_path_factory.mktemp("functions") / "project"
    place.mkdir()
    for name in ("chalicelib", "infra", ".chalice"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", place)
    (place / "chalicelib" / "functions" / "mine.py").write_text(MINE)
    with running_in(place, STATE_DIR=str(place / ".local")) as started:
        yield started
        assert started.stop() == 0


@pytest.fixture(scope="module")
def ann(stack: Stack) -> Person:
    return registered(stack)


def test_a_schedule_in_the_code_is_the_first_admins_task_and_runs(ann: Person) -> None:
    [task] = ann.ask("GET", "/api/tasks")["items"]
    assert (task["id"], task["name"], task["description"]) == (task_id_of("remind"), "remind", "Remind somebody.")
    assert (task["timeout_seconds"], task["retry"]["max_attempts"]) == (30, 1)
    run = ann.ended(task["id"])[0]
    assert (run["status"], run["output"]) == ("succeeded", "INFO reminding ann\n")
    assert run["result"]["run"] == run["id"]
    [standing] = ann.ask("GET", "/api/functions/schedules")["items"]
    assert (standing["standing"], standing["task_id"]) == ("as_said", task["id"])


def test_what_a_run_has_called_is_a_run_of_its_own(ann: Person) -> None:
    runs = ann.ended(task_id_of("remind"), 6)
    called = next(run["result"]["called"] for run in runs if run["result"]["called"])
    [run] = ann.ended(called.rpartition("-")[0])
    assert (run["id"], run["task_name"]) == (called, "count")
    assert (run["status"], run["output"], run["result"]) == ("succeeded", "0 1 2\n", 3)
    assert [task["name"] for task in ann.ask("GET", "/api/tasks")["items"]] == ["remind"]
