"""Environments: made where none is idle, taken up again while they are kept."""

from __future__ import annotations

from datetime import timedelta

from infra.simulation.environments import KEPT, Environments
from tests.core.building import START, at

COLD = timedelta(seconds=2)


def test_the_first_waits_and_the_next_does_not() -> None:
    environments = Environments(COLD)
    assert environments.begin(START) == COLD
    environments.end(at(10))
    assert environments.begin(at(11)) == timedelta(0)
    assert environments.begin(at(11)) == COLD


def test_one_that_was_idle_for_too_long_is_gone() -> None:
    environments = Environments(COLD)
    environments.end(START)
    environments.end(at(100))
    assert environments.begin(START + KEPT + timedelta(seconds=1)) == timedelta(0)
    assert environments.begin(START + KEPT + timedelta(seconds=1)) == COLD
