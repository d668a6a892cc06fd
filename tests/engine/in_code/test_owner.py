"""Schedules in code: whose tasks they become."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.core.in_code import Standing
from chalicelib.core.people.account import Role, User
from chalicelib.engine.requests.tasks.in_code import InCode
from chalicelib.functions.declaring import every
from tests.engine.conftest import ANN, BOB, Stage
from tests.engine.in_code.deploying import task_of, the_task, write


def in_code_of(stage: Stage, owner: str) -> InCode:
    return replace(stage.world.system.in_code, code_owner=owner)


def test_a_setting_says_whose_tasks_they_become(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    in_code_of(stage, "BOB").sync()
    assert the_task(stage).owner == BOB.id


def test_a_task_keeps_its_owner_when_the_setting_changes(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    in_code_of(stage, "bob").sync()
    code["report"]["timeout"] = 30
    write(code)
    [one] = in_code_of(stage, "ann").sync().items
    assert (one.standing, the_task(stage).owner) == (Standing.CHANGED, BOB.id)


def test_where_there_is_nobody_yet_they_wait(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    report = in_code_of(stage, "cleo").sync()
    [one] = report.items
    assert (report.owner, one.standing, one.done) == (None, Standing.NEW, False)
    assert "waits for the account" in one.detail
    assert task_of(stage, "report") is None


def user(name: str, role: Role = Role.MEMBER) -> User:
    return replace(ANN, id=name, username=name, role=role)


def test_they_become_tasks_when_whose_they_are_registers(stage: Stage, code: dict[str, Any]) -> None:
    code["report"] = {"schedule": every(hours=1)}
    write(code)
    cleos = in_code_of(stage, "cleo")
    for name in ("dan", "Cleo"):
        assert stage.world.store.create_user(user(name))
        cleos.joined(user(name))
        assert (task_of(stage, "report") is not None) is (name == "Cleo")
