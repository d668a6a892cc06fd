"""What runs cost: units that are counted, times list prices that are dated.

The counts are those of one run and of one idle minute; a test holds them to what the accounting stub counts. Durations
and log lines cannot be counted there: they are assumed, and said to be. Nothing here asks AWS for anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.core.schedule.frequency import MONTH, runs_per_month
from chalicelib.core.task import Task

MILLION = 1_000_000
GIGABYTE = 1_000_000_000
MB_IN_GB = 1024
ARM, X86 = "arm64", "x86_64"


@dataclass(frozen=True, kw_only=True)
class Prices:
    """US dollars by AWS's public price lists; free tiers and discounts are left out."""

    region: str = "us-east-1"
    of: date = date(2026, 11, 1)
    write_units: float = 0.625
    read_units: float = 0.125
    sqs_requests: float = 0.40
    lambda_requests: float = 0.20
    """Each for a million."""
    gigabyte_seconds: Mapping[str, float] = field(default_factory=lambda: {ARM: 0.0000133334, X86: 0.0000133334 * 1.25})
    """By architecture."""
    logged_gigabyte: float = 0.50


LIST_PRICES = Prices()

RUN_WRITES = 3.0
"""Write units of an executed run: its next entry, its claim, its end."""
FEED_WRITES = 1.0
"""More where runs are listed across tasks."""
RUN_READS = 2.1
"""Read units: the pass and the worker each read the task (4 KB at most), and the pass its entry."""
SENT, RECEIVED = 1.0, 2.0
"""SQS requests of a batch: it is sent; it is received and deleted."""
BATCH = 10
"""Runs that share these requests and one invocation at most."""
ROUSED_WRITES, ROUSED_READS = 1.0, 1.0
"""More units of a pass that finds something due: it looks first, then takes the lease, and gives it back."""
IDLE_WRITES, IDLE_READS, IDLE_SENT, IDLE_DELETED = 2.0, 8.0, 1.0, 5.0
"""Units and SQS requests of a minute in which nothing is due, for each shard."""
AUDIT_WRITES, AUDIT_READS, AUDIT_RECEIVED = 1.0, 22.0, 4.0
"""The same of an audit that finds nothing: it asks each dead-letter queue, and reads ten windows twice."""
IDLE_INVOCATIONS: Mapping[str, float] = {"coordinator": 1.0, "dispatcher": 5.0, "auditor": 0.2}
"""Of each function in such a minute."""
POLLED_QUEUES, POLLS = 4, 648_000
"""Lambda asks each queue that a function is subscribed to, by five pollers that wait 20 s each: requests a month."""

MEMORY: Mapping[str, int] = {
    "coordinator": 256,
    "dispatcher": 512,
    "auditor": 512,
    "light": 256,
    "commands": 256,
    "sandbox": 512,
}
"""MB, as the functions are deployed."""

ASSUMED_SECONDS: Mapping[str, float] = {"http": 0.5, "function": 0.1, "aws": 0.2, "command": 1.0}
"""How long an action of each type takes, where nobody says."""
WAITING = timedelta(seconds=0.5)
"""A message comes up to a second before its due time, and its worker waits."""
OWN_TIME = timedelta(seconds=0.05)
"""What a function does besides: three or four calls of some ten milliseconds."""
LOGGED = 1_000
"""Bytes of log lines of a run, Lambda's own included."""
IDLE_OWN_TIME = timedelta(seconds=0.03)
"""What a function takes where nothing is due: two calls of some ten milliseconds, and as much besides."""
LAMBDA_LINES, LINE_OVERHEAD = 280, 26
"""Bytes: the three lines that Lambda adds to each invocation, and what is counted for every line."""
IDLE_LOGGED: Mapping[str, int] = {"coordinator": 800, "dispatcher": 650, "auditor": 850}
"""Bytes of log lines of an invocation in such a minute, Lambda's own included."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """So many runs a month that take so long. `sent_with` and `received_with` say how many share a batch of messages
    on the way to the queue and on the way to the worker."""

    runs: float
    duration: timedelta
    command: bool = False
    memory: int | None = None
    """MB of the function that performs the action; None: as deployed."""
    feed: bool = True
    architecture: str = ARM
    sent_with: float = 1.0
    received_with: float = 1.0

    @property
    def performer(self) -> str:
        """The function that performs the action."""
        return "sandbox" if self.command else "light"


Bill = dict[str, float]
"""US dollars by what they are for."""


def together(runs: float, period: timedelta) -> float:
    """How many runs share a batch where so many a month are spread evenly, and a batch is what a period brings.

    >>> [together(30 * 86_400 * each_second, timedelta(seconds=1)) for each_second in (0.1, 5, 500)]
    [1.0, 5.0, 10.0]
    """
    return min(float(BATCH), max(1.0, runs * (period / MONTH)))


def of_runs(load: Load, prices: Prices = LIST_PRICES) -> Bill:
    """What a month's runs cost besides what is there anyhow."""
    batches = load.runs / load.received_with
    worker_seconds = batches * (WAITING + OWN_TIME + load.duration).total_seconds()
    own = MEMORY["light"] if load.memory is None or load.command else load.memory
    seconds = {own: worker_seconds}
    invocations = batches
    if load.command:
        memory = MEMORY["sandbox"] if load.memory is None else load.memory
        seconds = {MEMORY["commands"]: worker_seconds}
        seconds[memory] = seconds.get(memory, 0.0) + load.runs * load.duration.total_seconds()
        invocations += load.runs
    roused = load.runs / load.sent_with if load.sent_with < BATCH else 0.0  # a pass of full batches is shared by many
    writes = load.runs * (RUN_WRITES + FEED_WRITES * load.feed) + roused * ROUSED_WRITES
    return {
        "DynamoDB writes": writes * prices.write_units / MILLION,
        "DynamoDB reads": (load.runs * RUN_READS + roused * ROUSED_READS) * prices.read_units / MILLION,
        "SQS requests": load.runs
        * (SENT / load.sent_with + RECEIVED / load.received_with)
        * prices.sqs_requests
        / MILLION,
        "Lambda requests": invocations * prices.lambda_requests / MILLION,
        "Lambda time": _lambda_time(seconds, load.architecture, prices),
        "logs": load.runs * LOGGED / GIGABYTE * prices.logged_gigabyte,
    }


def of_idling(shards: int, architecture: str = ARM, prices: Prices = LIST_PRICES) -> Bill:
    """What a month costs in which nothing is due."""
    minutes = MONTH / timedelta(minutes=1)
    per_shard = minutes * shards
    invocations = {name: number * minutes for name, number in IDLE_INVOCATIONS.items()}
    invocations["dispatcher"] *= shards
    seconds: dict[int, float] = {}
    for name, number in invocations.items():
        memory = MEMORY[name]
        seconds[memory] = seconds.get(memory, 0.0) + number * IDLE_OWN_TIME.total_seconds()
    logged = sum(number * IDLE_LOGGED[name] for name, number in invocations.items())
    audits = invocations["auditor"]
    requests = per_shard * (IDLE_SENT + IDLE_DELETED) + audits * AUDIT_RECEIVED + POLLED_QUEUES * POLLS
    return {
        "DynamoDB writes": (per_shard * IDLE_WRITES + audits * AUDIT_WRITES) * prices.write_units / MILLION,
        "DynamoDB reads": (per_shard * IDLE_READS + audits * shards * AUDIT_READS) * prices.read_units / MILLION,
        "SQS requests": requests * prices.sqs_requests / MILLION,
        "Lambda requests": sum(invocations.values()) * prices.lambda_requests / MILLION,
        "Lambda time": _lambda_time(seconds, architecture, prices),
        "logs": logged / GIGABYTE * prices.logged_gigabyte,
    }


def _lambda_time(seconds: Mapping[int, float], architecture: str, prices: Prices) -> float:
    """`seconds` by MB of memory."""
    gigabyte_seconds = sum(memory / MB_IN_GB * number for memory, number in seconds.items())
    return gigabyte_seconds * prices.gigabyte_seconds[architecture]


def estimate(task: Task, now: datetime, *, feed: bool, architecture: str) -> dict[str, Any]:
    """What a task costs in the coming 30 days, as its answer says it: alone, at list prices, each run one attempt."""
    kind = task.definition.action["type"]
    duration = min(timedelta(seconds=ASSUMED_SECONDS[kind]), task.definition.timeout)
    runs = runs_per_month(task.definition.schedule, now) if task.active else 0.0
    load = Load(runs=runs, duration=duration, command=kind == "command", feed=feed, architecture=architecture)
    return {
        "usd_per_month": round(sum(of_runs(load).values()), 6),
        "runs_per_month": round(runs, 2),
        "assumes": {
            "seconds": duration.total_seconds(),
            "memory_mb": MEMORY[load.performer],
            "attempts": 1,
            "architecture": architecture,
            "region": LIST_PRICES.region,
        },
        "prices_of": LIST_PRICES.of.isoformat(),
    }
