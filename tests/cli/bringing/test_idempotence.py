"""Whatever tasks a file has: applied twice it changes nothing the second time, and neither does what was exported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chalicelib.core.secrets.naming import names
from chalicelib.settings import Settings
from punctual_cli.applying.exporting import DEFAULTS, to_yaml
from tests.browser.serving import served
from tests.cli.bringing.serving import Person
from tests.web.building import World, installed
from tests.web.pages.forms.documents import CALENDARS, documents
from tests.web.routes import ICS

PEOPLE = count()
keys = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as url:
        yield url


def stripped(task: dict[str, Any], kept: set[str]) -> dict[str, Any]:
    """The task without some of the fields that have their default value anyway."""
    return {name: value for name, value in task.items() if name in kept or value != DEFAULTS.get(name)}


tasks = st.builds(stripped, documents, st.sets(st.sampled_from(sorted(DEFAULTS))))
sets = st.dictionaries(keys, tasks, min_size=1, max_size=3)


def newcomer(world: World, url: str, folder: Path, wanted: dict[str, dict[str, Any]]) -> Person:
    """Somebody new, who has the calendars and secrets that the tasks name."""
    ann = Person(url=url, caller=world.caller(f"ann{next(PEOPLE)}"), folder=folder)
    for name in CALENDARS:
        assert (
            ann.caller.put(f"/api/calendars/{name}", ICS, headers={"Content-Type": "text/calendar"}).status_code == 201
        )
    for name in {name for task in wanted.values() for name in names(task["action"])}:
        assert ann.caller.put(f"/api/secrets/{name}", {"value": "s3cret"}).status_code == 204
    return ann


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(wanted=sets, as_json=st.booleans())
def test_applying_twice_and_applying_what_was_exported_change_nothing(
    url: str, tmp_path: Path, wanted: dict[str, dict[str, Any]], as_json: bool
) -> None:
    world = installed(Settings(aws_actions_allowed=frozenset({"*"})))
    ann = newcomer(world, url, tmp_path, wanted)
    assume(all(ann.caller.post("/api/tasks/check", task).status_code == 200 for task in wanted.values()))
    document = {"set": "drawn", "tasks": [{"key": key, **task} for key, task in wanted.items()]}
    text, file = (json.dumps(document), "drawn.json") if as_json else (to_yaml(document), "drawn.yaml")

    assert ann.applies(text, name=file).code == 0
    made = ann.tasks
    again = ann.applies(text, "--prune", name=file)
    assert (again.code, again.out) == (0, f"{len(wanted)} task{'s' * (len(wanted) > 1)}: {len(wanted)} unchanged.\n"), (
        again.err
    )
    for form in ("yaml", "json"):
        back = ann.applies(ann.says("export", "-o", form).out, "--prune", name=f"back.{form}")
        assert (back.code, back.out) == (0, again.out), back.err
    assert ann.tasks == made
