"""Calls: of a pass over a thousand due runs, and of a minute in which nothing is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bench.budgets.loads import begun, due
from bench.budgets.table import Row, row
from bench.installation import Installation

DUE = 1000
QUIET_SECONDS = 270
"""By then nothing of the beginning is left."""


def rows() -> Iterator[Row]:
    """Those of the installation itself; Lambda's polling is not among them."""
    place = due(DUE)
    passed = place.system.dispatcher.handle(0)
    if passed.dispatched != DUE:
        raise RuntimeError(f"{passed.dispatched} runs were dispatched, and not {DUE}")
    yield row("calls per 1,000 dispatched runs", len(place.calls()), by_operation=_by_operation(place))
    place = begun()
    place.play(QUIET_SECONDS)
    place.books.reset()
    place.play(60)
    yield row("calls of an idle minute", len(place.calls()), by_operation=_by_operation(place))


def _by_operation(place: Installation) -> dict[str, int]:
    return dict(sorted(Counter(operation for _, operation, _ in place.calls()).items()))
