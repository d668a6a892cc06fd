"""The clocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.memory import ManualClock
from tests.adapters.building import SECOND, START, at


def test_the_system_clock_shows_utc_in_whole_milliseconds() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond % 1000 == 0


def test_waiting_never_ends_early() -> None:
    clock = SystemClock()
    until = clock.now() + timedelta(milliseconds=20)
    clock.wait_until(until)
    assert clock.now() >= until


def test_waiting_for_what_is_past_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("chalicelib.adapters.clock.time.sleep", slept.append)
    SystemClock().wait_until(START)
    assert slept == []


def test_elapsed_time_only_grows() -> None:
    clock = SystemClock()
    moments = [clock.elapsed() for _ in range(100)]
    assert moments == sorted(moments)


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(START)
    assert (clock.now(), clock.elapsed()) == (START, timedelta(0))
    clock.advance(SECOND)
    assert (clock.now(), clock.elapsed()) == (at(1), SECOND)


def test_waiting_moves_a_manual_clock_forward_only() -> None:
    clock = ManualClock(START)
    clock.wait_until(at(30))
    clock.wait_until(at(10))
    assert (clock.now(), clock.elapsed()) == (at(30), 30 * SECOND)


def test_setting_a_manual_clock_lets_no_time_pass() -> None:
    clock = ManualClock(START, elapsed=SECOND)
    clock.set(at(-3600))
    assert (clock.now(), clock.elapsed()) == (at(-3600), SECOND)


def test_threads_that_move_a_manual_clock_lose_no_time() -> None:
    clock = ManualClock(START)

    def advance(_: int) -> None:
        for _ in range(200):
            clock.advance(SECOND)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(advance, range(8)))
    assert clock.now() == at(1600)
