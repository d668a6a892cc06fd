"""Calls that nobody waits for longer than they want."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from chalicelib.actions.deadline import Call, Interrupted

SOON = timedelta(seconds=0.05)
LONG = timedelta(seconds=10)


def test_a_call_gives_what_it_returned() -> None:
    call = Call(lambda: 1 + 1)
    assert call.ended_within(LONG)
    assert call.value() == 2


@pytest.mark.parametrize("raised", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_call_raises_what_it_raised_and_only_where_it_is_asked(raised: type[BaseException]) -> None:
    def fail() -> None:
        raise raised("why")

    call = Call(fail)
    assert call.ended_within(LONG)
    with pytest.raises(raised, match="why"):
        call.value()


def test_a_call_that_overstays_is_not_waited_for_and_can_be_interrupted() -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless() -> None:
        try:
            begun.set()
            while True:
                pass
        except Interrupted:
            ended.set()
            raise

    call = Call(endless)
    assert begun.wait(10)
    assert not call.ended_within(SOON)
    call.interrupt()
    assert ended.wait(10)
    assert call.ended_within(LONG)


def test_interrupting_a_call_that_ends_at_that_moment_harms_nobody() -> None:
    for n in range(500):
        call = Call(lambda: None)
        if n % 2:
            call.ended_within(LONG)
        call.interrupt()
        assert call.ended_within(LONG)
