"""Limits: how often one may log in, register, write and run; and that nobody can lock an owner out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from chalicelib.adapters.memory import ManualClock, MemoryStore
from chalicelib.core.errors import NotAuthenticated, TooMany, Unavailable
from chalicelib.core.people.rates import Counter
from chalicelib.engine.requests.people.limits import Limits
from tests.core.building import START
from tests.engine.conftest import ANN, BOB
from tests.engine.place import listening

HOME, THERE = "203.0.113.7", "198.51.100.9"
PERIOD = timedelta(minutes=5)


class Deaf(MemoryStore):
    """A store that does not answer when something is to be counted, or taken back."""

    def __init__(self, *, counts: bool = False) -> None:
        super().__init__()
        self._counts = counts

    def count(self, counter: Counter, most: int) -> int | None:
        if self._counts:
            return super().count(counter, most)
        raise Unavailable("no answer")

    def uncount(self, counter: Counter) -> None:
        raise Unavailable("no answer")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START + timedelta(seconds=12))


@pytest.fixture
def limits(clock: ManualClock) -> Limits:
    return Limits(store=MemoryStore(), clock=clock)


def wrong() -> None:
    raise NotAuthenticated("name or password is wrong")


def right() -> str:
    return "in"


def broken() -> None:
    raise Unavailable("no answer")


def outcome(limits: Limits, source: str, name: str, attempt: Callable[[], object]) -> str:
    """How an attempt ends: `in`, `wrong`, or `wait`, without its password having been looked at."""
    try:
        limits.log_in(source, name, attempt)
    except NotAuthenticated:
        return "wrong"
    except TooMany:
        return "wait"
    return "in"


def fail(limits: Limits, times: int, source: str = THERE, name: str = "ann") -> list[str]:
    return [outcome(limits, source, name, wrong) for _ in range(times)]


def test_after_ten_failures_a_source_has_to_wait_at_that_account_even_with_the_right_password(
    limits: Limits, clock: ManualClock
) -> None:
    assert fail(limits, 12) == ["wrong"] * 10 + ["wait"] * 2
    assert outcome(limits, THERE, "ann", right) == "wait"
    assert outcome(limits, THERE, "bob", right) == "in"
    clock.advance(PERIOD)
    assert outcome(limits, THERE, "ann", right) == "in"


def test_who_fails_elsewhere_does_not_stop_the_owner(limits: Limits) -> None:
    for number in range(20):
        fail(limits, 20, source=f"198.51.100.{number}")
    assert [outcome(limits, HOME, "ann", right) for _ in range(30)] == ["in"] * 30


def test_an_owner_under_attack_may_still_mistype(limits: Limits) -> None:
    fail(limits, 10)
    assert [*fail(limits, 2, source=HOME), outcome(limits, HOME, "ann", right)] == ["wrong", "wrong", "in"]


def test_once_an_account_has_had_its_share_of_failures_each_source_has_only_three(limits: Limits) -> None:
    fail(limits, 10)
    assert fail(limits, 5, source=HOME) == ["wrong"] * 3 + ["wait"] * 2
    assert outcome(limits, HOME, "ann", right) == "wait"


def test_a_source_fails_a_hundred_times_whatever_the_names(limits: Limits, clock: ManualClock) -> None:
    failures = [outcome(limits, THERE, f"name{number}", wrong) for number in range(102)]
    assert failures == ["wrong"] * 100 + ["wait"] * 2
    assert outcome(limits, THERE, "ann", right) == "wait"
    assert outcome(limits, HOME, "ann", right) == "in"
    clock.advance(PERIOD)
    assert outcome(limits, THERE, "ann", right) == "in"


def test_attempts_that_had_to_wait_count_for_nothing(limits: Limits) -> None:
    fail(limits, 150)
    assert outcome(limits, THERE, "bob", right) == "in"


def test_neither_success_nor_trouble_of_ours_counts_as_a_failure(limits: Limits) -> None:
    assert [outcome(limits, HOME, "ann", right) for _ in range(120)] == ["in"] * 120
    for _ in range(120):
        with pytest.raises(Unavailable):
            limits.log_in(HOME, "ann", broken)
    assert fail(limits, 10, source=HOME) == ["wrong"] * 10


@pytest.mark.parametrize("spelling", ["ANN", "\uff41nn", "Ann"])
def test_a_name_is_the_same_in_every_spelling(limits: Limits, spelling: str) -> None:
    fail(limits, 10)
    assert fail(limits, 1, name=spelling) == ["wait"]


def test_no_name_can_be_made_up_that_counts_for_another_account(limits: Limits) -> None:
    fail(limits, 10, name=f"{HOME} ann")
    assert fail(limits, 10, source=HOME) == ["wrong"] * 10


def test_all_addresses_of_a_network_are_one_source(limits: Limits) -> None:
    failures = [outcome(limits, f"2001:db8:1:2::{number:x}", "ann", wrong) for number in range(11)]
    assert failures == ["wrong"] * 10 + ["wait"]
    assert outcome(limits, "2001:db8:1:3::1", "ann", right) == "in"


def test_of_many_guesses_at_once_exactly_ten_are_looked_at(limits: Limits) -> None:
    together, looked_at = Barrier(24), list[int]()

    def guess(number: int) -> str:
        def attempt() -> None:
            looked_at.append(number)
            wrong()

        together.wait()
        return outcome(limits, THERE, "ann", attempt)

    with ThreadPoolExecutor(24) as pool:
        outcomes = list(pool.map(guess, range(24)))
    assert (outcomes.count("wrong"), outcomes.count("wait"), len(looked_at)) == (10, 14, 10)


def test_who_has_to_wait_is_told_until_when(limits: Limits, clock: ManualClock) -> None:
    fail(limits, 10)
    with pytest.raises(TooMany, match=r"too many attempts to log in .* 10 in 300 s .* Go on at .*Z") as refused:
        limits.log_in(THERE, "ann", wrong)
    assert refused.value.retry_after == timedelta(seconds=288)
    clock.advance(refused.value.retry_after)
    assert fail(limits, 1) == ["wrong"]


def test_without_an_answer_of_the_store_nobody_is_let_in() -> None:
    limits = Limits(store=Deaf(), clock=ManualClock(START))
    with pytest.raises(Unavailable):
        limits.log_in(HOME, "ann", right)
    with pytest.raises(Unavailable):
        limits.registration(HOME)


def test_who_knows_the_password_is_let_in_although_it_cannot_be_taken_back() -> None:
    limits = Limits(store=Deaf(counts=True), clock=ManualClock(START))
    assert outcome(limits, HOME, "ann", right) == "in"


def test_without_an_answer_of_the_store_writes_go_on() -> None:
    limits = Limits(store=Deaf(), clock=ManualClock(START))
    with listening() as lines:
        limits.write(ANN)
        limits.run(ANN)
    assert [line["rate"] for line in lines.of("limit_not_counted")] == ["write", "run"]


def test_the_log_does_not_learn_names_that_somebody_tried(limits: Limits) -> None:
    with listening() as lines:
        fail(limits, 11, name="hunter2")
    assert lines.of("limit_reached")
    assert "hunter2" not in str(lines.all)


@pytest.mark.parametrize(
    ("ask", "most", "period"),
    [
        (lambda limits: limits.write(ANN), 2000, 60),
        (lambda limits: limits.run(ANN), 120, 60),
        (lambda limits: limits.registration(HOME), 60, 3600),
    ],
)
def test_the_numbers(limits: Limits, clock: ManualClock, ask: Callable[[Limits], None], most: int, period: int) -> None:
    for _ in range(most):
        ask(limits)
    with pytest.raises(TooMany) as refused:
        ask(limits)
    assert refused.value.retry_after == timedelta(seconds=period - 12)
    clock.advance(refused.value.retry_after)
    ask(limits)


def test_an_account_has_limits_of_its_own_and_runs_are_no_writes(limits: Limits) -> None:
    for _ in range(120):
        limits.run(ANN)
    limits.run(BOB)
    limits.write(ANN)
