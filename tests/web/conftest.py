"""An installation of its own for every test, behind the application that is deployed."""

from __future__ import annotations

import pytest
from chalice.test import Client

from app import app
from chalicelib import bootstrap
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets, MemoryStore
from chalicelib.functions import registry
from chalicelib.settings import Settings
from tests.web.building import NOW, Caller, World


@pytest.fixture
def settings() -> Settings:
    """A test that needs others overrides this one."""
    return Settings(aws_actions_allowed=frozenset({"sqs:send_message", "sns:*"}))


@pytest.fixture
def world(settings: Settings) -> World:
    clock, store = ManualClock(NOW), MemoryStore()
    queue = MemoryQueue(clock)
    registry.load()
    secrets = MemorySecrets(clock)
    bootstrap.use(bootstrap.assemble(settings, store=store, queue=queue, clock=clock, actions={}, secrets=secrets))
    return World(client=Client(app), store=store, queue=queue, clock=clock)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.caller("ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.caller("bob")


@pytest.fixture
def nobody(world: World) -> Caller:
    return world.nobody()
