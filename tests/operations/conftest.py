"""A front door for every test of this folder that wants one."""

from __future__ import annotations

import pytest

from tests.operations.front_door import FrontDoor, at_trial_stage


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> FrontDoor:
    at_trial_stage(monkeypatch)
    return FrontDoor()
