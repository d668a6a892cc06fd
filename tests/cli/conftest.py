"""Somebody at a command line, and an installation for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.sdk.place import Place, place


@pytest.fixture
def here() -> Iterator[Place]:
    with place() as made:
        yield made


@pytest.fixture
def stranger(here: Place, tmp_path: Path) -> Shell:
    """Who has not logged in."""
    return Shell(clock=here, home=tmp_path)


@pytest.fixture
def ann(here: Place, stranger: Shell) -> Shell:
    """Who has an account here, and a token in the environment."""
    return stranger.having(PUNCTUAL_URL=here.url, PUNCTUAL_TOKEN=here.token("ann"))
