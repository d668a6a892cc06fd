"""Processes of the local stack are killed by `kill -9` before and after their AWS calls, and started again.

The emulator, a process of its own, lives on. By default a part is killed at the calls that are named here; `KILLS=all`
kills it at every call that it makes.
"""

from __future__ import annotations

import os
import select
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.run import AttemptStatus, RunStatus
from tests.infra.stacks import PATIENCE_SECONDS, Stack, running
from tests.kills.judging import AFTER_LEASE, claimed, settle, unsettled
from tests.kills.proxy import Moment, Point, Proxy
from tests.kills.scenes import SCENES, Scene
from tests.kills.stage import NewStage, Stage

Record = Callable[[str, object], None]
BEFORE, AFTER = Moment.BEFORE, Moment.AFTER


def before(call: str, number: int = 1) -> Point:
    return Point(moment=BEFORE, call=call, number=number)


def after(call: str, number: int = 1) -> Point:
    return Point(moment=AFTER, call=call, number=number)


SAMPLE: dict[str, tuple[Point, ...]] = {
    "tick": (before("SendMessageBatch passes"),),
    "pass": (
        before("SendMessageBatch light"),
        after("SendMessageBatch light", 2),
        before("SendMessageBatch light", 3),
        before("DeleteMessageBatch passes"),
    ),
    "work": (
        after("ReceiveMessage light"),
        after("PutItem runs"),
        before("PutItem runs", 8),
        after("TransactWriteItems agenda+runs"),
        before("DeleteMessageBatch light"),
    ),
    "packed": (
        after("PutItem runs", 2),
        before("PutItem runs", 7),
        before("DeleteMessageBatch light"),
    ),
    "create near": (after("TransactWriteItems agenda+tasks"),),
    "create far": (before("TransactWriteItems agenda+tasks"),),
    "pause": (after("PutItem tasks"),),
    "run": (after("TransactWriteItems agenda+runs"),),
}
"""Of every part, writes that others rely on."""
SHARES = 4
"""With `KILLS=all` each scene is swept by so many tests, so that they can run side by side."""
CASES: list[tuple[str, Point | int]] = [
    (name, case)
    for name in SCENES
    for case in (range(SHARES) if os.environ.get("KILLS") == "all" else SAMPLE.get(name, ()))
]


@pytest.mark.parametrize(("name", "case"), CASES, ids=str)
def test_a_part_that_is_killed_loses_and_doubles_nothing(
    name: str, case: Point | int, new_stage: NewStage, record_property: Record
) -> None:
    scene = SCENES[name]
    points = [case] if isinstance(case, Point) else list(_points(_calls(scene, new_stage)))[case::SHARES]
    killed = sum(_play(scene, point, new_stage) for point in points)
    record_property("processes killed", killed)
    assert killed > len(points) * 0.8  # in a sweep: threads take turns, and some calls are not made every time


def test_a_command_whose_worker_is_killed_is_taken_over_and_leaves_nothing_behind(
    new_stage: NewStage, record_property: Record
) -> None:
    with new_stage() as stage:
        family, home = _killed_at_work(stage)
        assert len(family) >= 3  # the sandbox, its supervisor and the command
        assert not home.exists()
        settle(stage, lost=claimed(stage))
        [run] = stage.runs().values()
        assert [attempt.status for attempt in run.attempts] == [AttemptStatus.LOST, AttemptStatus.SUCCEEDED]
        assert stage.lines() == [f"{run.id} 1", f"{run.id} 2"]
    record_property("processes killed", 1)


def test_a_message_that_comes_again_before_the_lease_has_ended_is_not_the_last_word(
    new_stage: NewStage, record_property: Record
) -> None:
    with new_stage() as stage:
        _killed_at_work(stage)
        lost = claimed(stage)
        stage.recover(60, "work")
        assert (claimed(stage), stage.waiting("commands")) == (lost, {})
        settle(stage, lost=lost)
        assert len(stage.lines()) == 2
    record_property("processes killed", 1)


def test_a_command_that_must_not_start_twice_is_lost_with_its_worker(
    new_stage: NewStage, record_property: Record
) -> None:
    with new_stage() as stage:
        _killed_at_work(stage, delivery="at_most_once")
        stage.recover(AFTER_LEASE, "tick", "pass", "work")
        assert unsettled(stage, AFTER_LEASE) == []
        [run] = stage.runs().values()
        assert (run.status, [attempt.status for attempt in run.attempts]) == (RunStatus.LOST, [AttemptStatus.LOST])
        assert stage.lines() == [f"{run.id} 1"]
    record_property("processes killed", 1)


def _killed_at_work(stage: Stage, **more: Any) -> tuple[Mapping[int, int | None], Path]:
    """Kill the worker in the midst of a command. What it had started, all gone by now, and the command's home."""
    home = stage.folder / "home"
    os.mkfifo(home)
    home.chmod(0o777)
    stage.system.dispatcher.handle(0)
    stage.create(
        "long", 0, stage.command(f'test "$PUNCTUAL_ATTEMPT" -gt 1 || {{ echo $HOME > {home}; sleep 50; }}'), **more
    )
    stage.system.dispatcher.handle(0)  # from now on only messages lead to the run
    with stage.part("work", later=0, point=None) as (proxy, _):
        where = Path(_heard(home))
        proxy.kill()
    stage.bury(proxy)
    return proxy.family, where


def _heard(pipe: Path) -> str:
    """What is said through a named pipe. Nothing, for a minute: whoever was to say it has not begun."""
    listening = os.open(pipe, os.O_RDWR)  # who only reads would wait for somebody to write, for ever
    try:
        ready, _, _ = select.select([listening], [], [], PATIENCE_SECONDS)
        assert ready, "the command has not begun"
        return os.read(listening, 4096).decode().strip()
    finally:
        os.close(listening)


def _calls(scene: Scene, new_stage: NewStage) -> list[str]:
    """What the part calls when it is left alone."""
    with new_stage() as stage:
        calls = _perform(scene, None, stage).calls
        settle(stage, lost=set())
        return calls


def _points(calls: Sequence[str]) -> list[Point]:
    counted = sorted(Counter(calls).items())
    return [
        Point(moment=moment, call=call, number=number)
        for call, count in counted
        for number in range(1, count + 1)
        for moment in Moment
    ]


def _play(scene: Scene, point: Point, new_stage: NewStage) -> bool:
    """Kill the part at the point, start everything again, and judge. Whether it was killed."""
    with new_stage() as stage:
        proxy = _perform(scene, point, stage)
        try:
            settle(stage, lost=claimed(stage) if scene.part == "work" else set())
        except AssertionError as complaint:
            complaint.add_note(f"killed {point}")
            raise
        return proxy.killed


def _perform(scene: Scene, point: Point | None, stage: Stage) -> Proxy:
    if scene.ask is not None:
        return _ask(scene, point, stage)
    scene.prepare(stage)
    with stage.part(scene.part, later=scene.later, point=point) as (proxy, process):
        process.wait(PATIENCE_SECONDS)
    stage.bury(proxy)
    return proxy


def _ask(scene: Scene, point: Point | None, stage: Stage) -> Proxy:
    """Ask the API, which dies of it, for a change; then the API, started again, shows what there is."""
    assert scene.ask is not None
    token = stage.register()
    with stage.api() as (proxy, api):
        method, path, body = scene.ask(stage, scene.prepare(stage))
        proxy.aim(api.process, point)
        if point is None:
            api.ask(method, path, body, token)
        else:
            with pytest.raises(ConnectionError):
                api.ask(method, path, body, token)
    stage.bury(proxy)
    with running("api", **stage.environment(stage.endpoint)) as api:
        assert _shown(api, token) == {task.id: task.definition.state for task in stage.tasks().values()}
    return proxy


def _shown(api: Stack, token: str) -> dict[str, str]:
    listed = api.ask("GET", "/api/tasks", token=token)["items"]
    return {task["id"]: "paused" if task["state"] == "paused" else "active" for task in listed}
