"""AWS's quotas that Punctual comes to first, as they are where nobody has asked for more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One of them: its name in Service Quotas or the documentation, and where and when it was read."""

    name: str
    default: int
    adjustable: bool
    source: str
    seen: str = "2026-11-22"


LAMBDA_DOCS, DYNAMODB_DOCS = (
    "https://docs.aws.amazon.com/lambda/latest/dg",
    ("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"),
)
QUOTAS: Mapping[str, Quota] = {
    "concurrency": Quota(
        name="Lambda: Concurrent executions",
        default=1_000,
        adjustable=True,
        source=f"{LAMBDA_DOCS}/gettingstarted-limits.html",
    ),
    "growth": Quota(
        name="Lambda: concurrency scaling rate of a function, in 10 s",
        default=1_000,
        adjustable=False,
        source=f"{LAMBDA_DOCS}/scaling-behavior.html",
    ),
    "mapping": Quota(
        name="Lambda: concurrent invokes of an SQS event source mapping",
        default=1_250,
        adjustable=False,
        source=f"{LAMBDA_DOCS}/services-sqs-scaling.html",
    ),
    "provisioned": Quota(
        name="Lambda: the same in provisioned mode",
        default=20_000,
        adjustable=False,
        source="https://aws.amazon.com/blogs/aws/aws-lambda-enhances-sqs-processing-with-new-provisioned-mode-3x-faster-scaling-16x-higher-capacity",
    ),
    "partition": Quota(
        name="DynamoDB: write units a second of a partition",
        default=1_000,
        adjustable=False,
        source=f"{DYNAMODB_DOCS}/warm-throughput-scenarios.html",
    ),
    "warm": Quota(
        name="DynamoDB: write units a second of a new on-demand table (warm throughput)",
        default=4_000,
        adjustable=True,
        source=f"{DYNAMODB_DOCS}/warm-throughput-scenarios.html",
    ),
    "table": Quota(
        name="DynamoDB: Table-level write throughput, and read throughput",
        default=40_000,
        adjustable=True,
        source=f"{DYNAMODB_DOCS}/ServiceQuotas.html",
    ),
    "in flight": Quota(
        name="SQS: messages in flight in a standard queue",
        default=120_000,
        adjustable=True,
        source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html",
    ),
}


def quotas() -> Iterator[tuple[str, list[str]]]:
    """The rows of a table: a name, and what is said of it."""
    yield "quota", ["default", "can be raised", "read", "source"]
    yield "---", ["---"] * 4
    for one in QUOTAS.values():
        yield one.name, [f"{one.default:,}", "yes" if one.adjustable else "no", one.seen, one.source]
