"""An installation of its own for every test, and Ann's command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.settings import Settings
from tests.browser.serving import served
from tests.cli.bringing.serving import Person
from tests.web.building import Caller, World, installed


@pytest.fixture
def world() -> World:
    return installed(Settings(aws_actions_allowed=frozenset({"*"})))


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def ann(world: World, url: str, tmp_path: Path) -> Person:
    return Person(url=url, caller=world.caller("ann"), folder=tmp_path)


@pytest.fixture
def bob(world: World) -> Caller:
    return world.caller("bob")
