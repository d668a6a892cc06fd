"""An installation of its own for every test, behind the application that is deployed."""

from __future__ import annotations

import pytest

from chalicelib.settings import Settings
from tests.web.building import Caller, World, installed


@pytest.fixture
def settings() -> Settings:
    """A test that needs others overrides this one."""
    return Settings(aws_actions_allowed=frozenset({"sqs:send_message", "sns:*"}))


@pytest.fixture
def world(settings: Settings) -> World:
    return installed(settings)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.caller("bob")


@pytest.fixture
def nobody(world: World) -> Caller:
    return world.nobody()
