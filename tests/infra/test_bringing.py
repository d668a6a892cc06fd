"""`python -m infra.functions`: what it says of schedules in code, and its exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench.accounting import Accounting
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamo.whole import WholeDynamoStore
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets
from chalicelib.bootstrap.requests import WholePorts, assemble
from chalicelib.core import task as tasks
from chalicelib.core.in_code import task_id_of
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.functions import registry
from chalicelib.functions.declaring import every
from chalicelib.functions.registry import function
from chalicelib.logs import LOGGER
from chalicelib.settings import Settings
from infra import resources
from infra.functions import __main__ as command
from infra.functions import bringing
from tests.adapters.conftest import new_session
from tests.engine.conftest import ANN

Run = Callable[..., tuple[int, str]]


class Stage:
    """A stage over the accounting stub, and the code that is brought to it."""

    def __init__(self) -> None:
        declared = resources.load("local")
        clock = SystemClock()
        self.session = new_session()
        Accounting(
            tables=resources.tables(declared),
            queues=resources.queues(declared),
            clock=lambda: clock.now().timestamp(),
        ).attach(self.session)
        self.store = WholeDynamoStore(Settings(), session=self.session, pause=lambda seconds: None)

    def catalog(self) -> Catalog:
        clock = SystemClock()
        queue = MemoryQueue(ManualClock(clock.now()))
        return assemble(
            WholePorts(
                settings=Settings(),
                store=self.store,
                queue=queue,
                clock=clock,
                secrets=MemorySecrets(ManualClock(clock.now())),
            )
        ).catalog


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(registry, "_broken", {})
    monkeypatch.setattr(registry, "load", lambda: None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    made = Stage()
    monkeypatch.setattr(bringing, "session_in", lambda region: made.session)
    handlers, level = LOGGER.handlers, LOGGER.level
    yield made
    LOGGER.handlers, LOGGER.propagate = handlers, True
    LOGGER.setLevel(level)


@pytest.fixture
def run(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Run:
    def one(*arguments: str) -> tuple[int, str]:
        status = command.main([*arguments, "--stage", "local"])
        told = capsys.readouterr()
        return status, told.out + "".join(line for line in told.err.splitlines(keepends=True) if line[0] != "{")

    return one


def says(**said: Any) -> None:
    """What the code says now."""
    vars(registry)["_registered"].clear()

    def report(to: str = "all") -> None: ...

    for name, more in said.items():
        function(name=name, **more)(report)


def test_what_there_is_to_say_from_the_first_deployment_on(stage: Stage, run: Run) -> None:
    assert run("diff") == (0, "")
    says(report={"schedule": every(hours=1)})
    waiting = "There is no account yet: the schedules in code become tasks when there is.\n"
    assert run("sync") == (0, waiting)
    assert stage.store.create_user(ANN, first=True)
    assert run("diff") == (1, "report: would be made\n")
    assert run("sync") == (0, "report: made\n")
    assert run("diff") == (0, "1 schedule in code as their tasks are.\n")
    says(report={"schedule": every(hours=2)})
    assert run("diff") == (1, "report: would be changed\n")


def test_drift_is_told_with_both_sides_and_can_be_restored(stage: Stage, run: Run) -> None:
    stage.store.create_user(ANN, first=True)
    says(report={"schedule": every(hours=1)}, other={"schedule": every(hours=1)})
    run("sync")
    document = tasks.to_json(stage.catalog().task(ANN, task_id_of("report")).definition)
    two = {"type": "interval", "every": 2, "unit": "hours"}
    stage.catalog().replace(ANN, task_id_of("report"), document | {"schedule": two})
    stage.catalog().pause(ANN, task_id_of("other"))
    drift = (
        "other: paused by hand, and left so\n"
        "report: changed by hand, and left so\n"
        '  schedule: {"type": "interval", "every": 2, "unit": "hours"}, in the code '
        '{"type": "interval", "every": 1, "unit": "hours"}\n'
    )
    assert run("diff") == (1, drift)
    assert run("sync") == (0, drift)
    assert run("sync", "--restore", "report") == (0, "other: paused by hand, and left so\nreport: changed\n")
    stage.catalog().delete(ANN, task_id_of("report"))
    assert run("sync", "--restore", "all") == (0, "other: changed\nreport: made\n")
    assert run("diff") == (0, "2 schedules in code as their tasks are.\n")


def test_what_is_not_in_the_code_any_more_is_paused(stage: Stage, run: Run) -> None:
    stage.store.create_user(ANN, first=True)
    says(report={"schedule": every(hours=1)})
    run("sync")
    says()
    assert run("diff") == (1, "report: is not in the code any more and would be paused\n")
    assert run("sync") == (0, "report: is not in the code any more: paused\n")
    assert run("diff") == (0, "report: not in the code any more\n")


def test_what_cannot_be_brought_is_told_and_needs_somebody(
    stage: Stage, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.store.create_user(ANN, first=True)
    says(report={"schedule": every(hours=1)}, wrong={"schedule": every(hours=1, args=[5])})
    assert run("sync") == (1, "report: made\nwrong: refused: /action/args/0 must be a text, as `to` of wrong()\n")
    monkeypatch.setattr(registry, "_broken", {"chalicelib.functions.mine": "SyntaxError: no"})
    says()
    assert run("sync") == (
        1,
        "chalicelib.functions.mine could not be loaded (SyntaxError: no): what it says is left as it is.\n"
        "report: left alone: a module could not be loaded, and it may stand there\n",
    )


def test_what_makes_no_sense_is_one_sentence(run: Run, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.store.create_user(ANN, first=True)
    says(report={"schedule": every(hours=1)})
    assert run("sync", "--restore", "no_such") == (
        2,
        "--restore names no_such, which no function says in the code: known are report.\n",
    )
    for wrong in ("", "x-data", "Nope!"):
        assert command.main(["diff", "--stage", wrong]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "STAGE" in said
