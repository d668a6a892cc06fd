"""`group …`: tasks are started together, watched, cancelled and tried again."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.shell import Shell
from tests.sdk.place import FAILS, Place, hello


@pytest.fixture
def three(ann: Shell) -> Shell:
    """Who has tasks: one and two do well, ill fails."""
    for name in ("one", "two"):
        ann.told("task", "create", "--json", "-", typed=json.dumps(hello(name, state="paused")))
    ill = hello("ill", action=FAILS, retry={"max_attempts": 1}, state="paused")
    ann.told("task", "create", "--json", "-", typed=json.dumps(ill))
    return ann


def test_a_group_is_started_and_watched_to_its_end(three: Shell) -> None:
    result = three.run("group", "create", "--name", "both", "one", "two", "--then", "ill", "--wait")
    assert result.exit_code == 0, result.output
    assert "group both: succeeded, 2 of 2 done" in result.stderr
    assert "members   2 succeeded" in result.stdout
    assert re.search(r"^then      ill \(.+\)$", result.stdout, re.MULTILINE)
    [listed] = three.json("group", "list", "--state", "succeeded")
    assert listed["name"] == "both"
    shown = three.json("group", "show", listed["id"], "--members")
    assert [(one["index"], one["name"], one["status"]) for one in shown["members"]] == [
        (0, "one", "succeeded"),
        (1, "two", "succeeded"),
    ]
    assert "both" in three.told("group", "list")
    assert "two" in three.told("group", "show", listed["id"], "--members")


def test_a_group_that_fails_is_an_exit_code_and_is_tried_again(three: Shell) -> None:
    first = {"name": "first", "action": FAILS, "retry": {"max_attempts": 1}}
    group = {"name": "chain", "order": "chain", "members": [{"define": first}]}
    result = three.run("group", "create", "--json", "-", "--wait", "-o", "json", typed=json.dumps(group))
    assert result.exit_code == 1
    made = json.loads(result.stdout)
    assert (made["order"], made["state"]) == ("chain", "failed")
    assert three.run("group", "retry", made["id"], "--wait").exit_code == 1
    assert three.json("group", "show", made["id"])["rounds"] == 2


def test_a_group_is_cancelled(three: Shell, here: Place) -> None:
    here.working = False
    made = three.json("group", "create", "--name", "slow", "--chain", "one", "two")
    assert (made["order"], made["state"]) == ("chain", "running")
    told = three.refused(124, "group", "show", made["id"], "--wait", "--timeout", "2")
    assert f"`punctual group show {made['id']} --wait`" in told
    assert three.json("group", "cancel", made["id"])["state"] == "cancelled"
    assert three.refused(7, "group", "cancel", made["id"])


def test_a_group_without_name_or_members_is_a_usage_error(three: Shell) -> None:
    assert "say --name" in three.refused(2, "group", "create", "one")
    assert "say which tasks" in three.refused(2, "group", "create", "--name", "x")
    assert "there is no task" in three.refused(5, "group", "create", "--name", "x", "three")
    assert "there is no such group" in three.refused(5, "group", "show", "nothing")
