"""Browsers of the people that tests of the API know as well."""

from __future__ import annotations

import pytest

from app import app
from tests.web.building import Caller, World
from tests.web.pages.browser import Browser


@pytest.fixture
def stranger(world: World) -> Browser:
    """Somebody who is not logged in."""
    return Browser(app)


@pytest.fixture
def anns(world: World, ann: Caller) -> Browser:
    return Browser(app, session=world.session_of(ann))


@pytest.fixture
def bobs(world: World, bob: Caller) -> Browser:
    return Browser(app, session=world.session_of(bob))
