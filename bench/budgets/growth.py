"""Growth: what a pass costs as there are more tasks, and as more of them are due."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import linear_regression

from bench.accounting import Answer, Request
from bench.accounting.books import Perform
from bench.budgets.crowd import crowded
from bench.budgets.processor import Spent, least, spent
from bench.budgets.table import Row, row, short
from bench.installation import Installation

TOTALS = (1_000, 100_000, 1_000_000)
FEW = 100
DUE = (100, 1_000, 5_000, 20_000)
SMALL, LARGE = 1_000, 10_000
"""Due tasks of the two windows whose passes' memory is compared."""
COMPARED = 15
"""Rounds of what has to be equal: the least of five still has a busy machine's noise in it."""
MB = 1_000_000


def counted() -> Iterator[Row]:
    """Calls, as the number of all tasks grows."""
    calls = {total: Counter(_calls(total)) for total in TOTALS}
    numbers = {f"calls_with_{total}": sum(found.values()) for total, found in calls.items()}
    first, last = calls[TOTALS[0]], calls[TOTALS[-1]]
    most = max(last[call] / first[call] if first[call] else float("inf") for call in last)
    yield row("calls of a pass with 100 due, 1M tasks to 1k", most, **numbers)


def timed() -> Iterator[Row]:
    """Processor time and memory."""
    # In turns, so that what else the machine does meets all alike.
    rounds = [{total: _pass(total=total, due=FEW) for total in TOTALS} for _ in range(COMPARED)]
    cost = {total: least([one[total] for one in rounds], 1)[0] for total in TOTALS}
    apart = abs(cost[TOTALS[-1]] / cost[TOTALS[0]] - 1) * 100
    yield row("CPU of a pass with 100 due, 1M tasks beside 1k", apart, **_named("seconds_with", cost))
    each = {due: least([_pass(total=due, due=due) for _ in range(2)], due / 1000)[0] for due in DUE}
    more = _named("seconds_per_1000_of", each) | {"slope_ms_a_run": short(_slope(each))}
    yield row("CPU per due run, 20k due to 1k", each[DUE[-1]] / each[1_000], **more)
    peaks = {due: _peak(due) / MB for due in (SMALL, LARGE)}
    yield row("memory peak of a pass, 10k due to 1k", peaks[LARGE] / peaks[SMALL], **_named("mb_with", peaks))


def _slope(each: Mapping[int, float]) -> float:
    """Milliseconds that each due run more takes, by the line that fits all passes best."""
    passes = {due: seconds * due / 1000 for due, seconds in each.items()}
    return 1000 * linear_regression(list(passes), list(passes.values())).slope


def _calls(total: int) -> list[tuple[str, str, str]]:
    place = crowded(total=total, due=FEW)
    _dispatched(place, FEW)
    return place.calls()


def _pass(*, total: int, due: int) -> Spent:
    place = crowded(total=total, due=due)
    return spent(place.books, lambda: _dispatched(place, due))


def _dispatched(place: Installation, due: int) -> None:
    found = place.system.dispatcher.handle(0).dispatched
    if found != due:
        raise RuntimeError(f"{found} runs were dispatched, and not {due}")


def _peak(due: int) -> int:
    """The most bytes that a pass holds at a time. What it writes and sends is accepted and dropped: that is memory of
    others' machines."""
    place = crowded(total=due, due=due)
    place.books.hook = _dropped
    gc.collect()
    tracemalloc.start()
    try:
        _dispatched(place, due)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _dropped(request: Request, perform: Perform) -> Answer:
    if request.operation == "BatchWriteItem":
        return Answer(body={"UnprocessedItems": {}})
    if request.operation == "SendMessageBatch":
        sent = [{"Id": one["Id"], "MessageId": one["Id"]} for one in request.parameters["Entries"]]
        return Answer(body={"Successful": sent, "Failed": []})
    return perform(request)


def _named(name: str, values: Mapping[int, float]) -> dict[str, float]:
    return {f"{name}_{number}": short(value) for number, value in values.items()}
