"""Cold starts: what a function takes to be there that has no idle environment, worked out from what was measured.

Our own part is the processor's time of imports and first client (`python -m bench.imports`), as long as it may be by
the budget, at the share of a processor that Lambda gives for the memory: 1,769 MB are one (AWS Lambda Developer Guide,
"Configure Lambda function memory"). Lambda's own part is not published as a figure; its guide for operators says that
cold starts take from less than 100 ms to more than a second. That starts are given more of a processor is not promised,
and not counted on.
"""

from __future__ import annotations

from datetime import timedelta

from bench.imports import MUST_MS
from chalicelib.core.overview.costs import MEMORY

FIRST_CLIENT_MS = 20
ONE_PROCESSOR_MB = 1769
LAMBDAS_OWN = timedelta(milliseconds=200)
"""To find a machine, fetch 5 MB of code and start Python. Assumed."""


def cold_start(function: str) -> timedelta:
    """How long the first message of a new environment waits for it.

    >>> round(cold_start("light").total_seconds(), 2), round(cold_start("dispatcher").total_seconds(), 2)
    (1.37, 0.79)
    """
    return LAMBDAS_OWN + at_its_share(timedelta(milliseconds=MUST_MS + FIRST_CLIENT_MS), MEMORY[function])


def at_its_share(processor: timedelta, megabytes: int) -> timedelta:
    """How long a function with so much memory takes for so much of a processor's time."""
    return processor * max(1.0, ONE_PROCESSOR_MB / megabytes)
