"""Dollars: what was counted, times the dated list prices of `core/overview/costs.py`. Free tiers are left out.

Counted are DynamoDB's units, SQS requests and the bytes of a run's log lines. How long functions are at work cannot be
counted here: it is what `core/overview/costs.py` assumes, for runs that take a tenth of a second, in full batches of
ten messages, and what each run takes of the processor besides. How many runs a message holds is counted. What Lambda
and app.py write into the log about an invocation is assumed as well. Custom metrics are off: budgets leave them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bench.budgets.lines import counted_lines
from bench.budgets.loads import begun, hourly
from bench.budgets.table import Row, row
from bench.budgets.units import RUNS, SECONDS, played
from bench.cold import at_its_share
from bench.fairness import OWN_PROCESSOR
from bench.installation import Installation
from chalicelib.core.overview import costs
from chalicelib.core.overview.costs import LIST_PRICES, MILLION, Load
from chalicelib.core.schedule.frequency import MONTH

ACTION = timedelta(seconds=costs.ASSUMED_SECONDS["function"])
IDLE_MINUTES, AUDITED_EVERY = 10, 5
QUIET_SECONDS = 270
DEAD = "-dead"
"""How dead-letter queues' names end. The auditor asks them itself; every other queue is asked by Lambda."""
OUTER_LINES = 600
"""Bytes of the three lines that Lambda writes about an invocation, and of the one in which app.py says what came."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """DynamoDB's units, and SQS requests that the functions make themselves."""

    write: float
    read: float
    sqs: float

    def less(self, other: Counts, times: float) -> Counts:
        """Without so many times what another is."""
        return Counts(
            write=self.write - times * other.write,
            read=self.read - times * other.read,
            sqs=self.sqs - times * other.sqs,
        )

    def over(self, number: int) -> Counts:
        """The share of each."""
        return Counts(write=self.write / number, read=self.read / number, sqs=self.sqs / number)

    def priced(self, times: float) -> costs.Bill:
        """Dollars of so many."""
        millions = times / MILLION
        return {
            "DynamoDB": millions * (self.write * LIST_PRICES.write_units + self.read * LIST_PRICES.read_units),
            "SQS": millions * self.sqs * LIST_PRICES.sqs_requests,
        }


def rows() -> Iterator[Row]:
    """A million runs besides what is there anyhow, and a month without any."""
    minute = _idle_minute()
    yield _runs(minute)
    yield _idle(minute)


def _runs(minute: Counts) -> Row:
    with counted_lines() as lines:
        place = played(hourly)
    run = _counts(place).less(minute, SECONDS / 60).over(RUNS)
    batch = costs.BATCH * RUNS / place.messages
    load = Load(runs=MILLION, duration=ACTION, feed=False, sent_with=batch, received_with=batch)
    assumed = costs.of_runs(load)
    bill = run.priced(MILLION)
    bill["SQS"] += costs.RECEIVED / batch * LIST_PRICES.sqs_requests
    bill["Lambda"] = assumed["Lambda requests"] + assumed["Lambda time"] + _processor(MILLION)
    logged = lines.bytes / RUNS + OUTER_LINES / batch
    bill["logs"] = _logs(MILLION * logged)
    return _row("dollars per million runs", bill, log_bytes_of_a_run=round(logged), runs_in_a_batch=round(batch, 1))


def _processor(runs: float) -> float:
    """What the runs of a batch make it take longer, one after the other: the more they are, the more this is of all."""
    memory = costs.MEMORY["light"]
    seconds = runs * at_its_share(OWN_PROCESSOR, memory).total_seconds()
    return seconds * memory / costs.MB_IN_GB * LIST_PRICES.gigabyte_seconds[costs.ARM]


def _idle(minute: Counts) -> Row:
    """The auditor's calls are among those of the minute."""
    minutes = MONTH / MINUTE
    assumed = costs.of_idling(1)
    bill = minute.priced(minutes)
    bill["SQS"] += costs.POLLED_QUEUES * costs.POLLS * LIST_PRICES.sqs_requests / MILLION
    bill["SQS"] += costs.IDLE_DELETED * minutes * LIST_PRICES.sqs_requests / MILLION
    bill["Lambda"] = assumed["Lambda requests"] + assumed["Lambda time"]
    bill["logs"] = assumed["logs"]
    return _row("idle dollars per month", bill)


def _idle_minute() -> Counts:
    """What an idle minute of one shard consumes, a fifth of an audit in it."""
    place = begun()
    place.play(QUIET_SECONDS)
    place.system.auditor.audit()
    place.books.reset()
    for _ in range(IDLE_MINUTES // AUDITED_EVERY):
        place.play(60 * AUDITED_EVERY)
        place.system.auditor.audit()
    return _counts(place).over(IDLE_MINUTES)


def _counts(place: Installation) -> Counts:
    units, sent = place.books.units(), place.books.units(operation="SendMessageBatch").chunks
    looked = sum(operation == "ReceiveMessage" and target.endswith(DEAD) for _, operation, target in place.books.calls)
    return Counts(write=units.write, read=units.read, sqs=sent + looked)


def _logs(size: float) -> float:
    return size / costs.GIGABYTE * LIST_PRICES.logged_gigabyte


def _row(name: str, bill: costs.Bill, **more: float) -> Row:
    prices = f"{LIST_PRICES.region}, {LIST_PRICES.of.isoformat()}"
    of = {what: round(dollars, 3) for what, dollars in bill.items()}
    return row(name, sum(bill.values()), of=of, prices=prices, **more)
