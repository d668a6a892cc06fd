"""Metrics: numbers for CloudWatch, written as one line of its embedded metric format at the end of an invocation.

CloudWatch reads them out of the function's log: no call is made and nobody waits. Each metric that comes up in an hour
costs as much as any other, so there are ten, all with the one dimension `stage`; those that are mostly nought are
written only when they are not.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

NAMESPACE = "Punctual"
DIMENSION = "stage"


class Metric(enum.StrEnum):
    """What is measured. Where nothing else is said, how many there were in an invocation."""

    TICKS = "Ticks"
    """Ticks that sent their passes."""
    PASSES = "Passes"
    """Passes that were handled, those with nothing to do as well."""
    WATERMARK_AGE = "WatermarkAge"
    """Seconds since the end of the last window that a shard has handled, when a pass of it was over; 0 where that is
    still to come. The auditor says it of all shards."""
    DISPATCHED = "Dispatched"
    """Runs put on a queue by passes."""
    LATENESS = "Lateness"
    """Seconds from due time to start, of every first attempt that a schedule or an owner asked for at that time."""
    CLAIMS_LOST = "ClaimsLost"
    """Messages and results that came second: another worker had the run, or it had ended."""
    RETRIES = "Retries"
    """Attempts that failed and are followed by another one."""
    MISSED = "Missed"
    """Due times recorded as missed."""
    DEAD_LETTERS = "DeadLetters"
    """Messages that no function could handle, found by the auditor."""
    FINDINGS = "Findings"
    """What the auditor found that should not be; dead letters are among it."""


UNITS = {Metric.WATERMARK_AGE: MetricUnit.Seconds, Metric.LATENESS: MetricUnit.Seconds}
ALWAYS = frozenset({Metric.TICKS, Metric.PASSES, Metric.WATERMARK_AGE, Metric.LATENESS, Metric.FINDINGS})
"""Written when they are nought too: an alarm looks for those that do not come, and a quantile needs them all."""

Measures = Mapping[Metric, Sequence[float]]


def seconds(durations: Iterable[timedelta]) -> list[float]:
    """Durations as a metric has them.

    >>> seconds([timedelta(milliseconds=1500)])
    [1.5]
    """
    return [duration.total_seconds() for duration in durations]


def emit(stage: str, measures: Measures, *, wanted: bool = True) -> None:
    """Write what an invocation of a stage measured to standard output, where that is wanted."""
    told = {metric: values for metric in measures if (values := _telling(metric, measures[metric]))}
    if not wanted or not told:
        return
    line = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service="", dimension_set={DIMENSION: stage})
    for metric, values in told.items():
        for value in values:
            line.add_metric(metric, UNITS.get(metric, MetricUnit.Count), value)
    if line.metric_set:  # a hundred values are written at once
        line.flush_metrics()


def _telling(metric: Metric, values: Sequence[float]) -> list[float]:
    return [value for value in values if value or metric in ALWAYS]
