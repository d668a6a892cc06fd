"""`python -m infra.scale`: what installations of a thousand to a billion tasks need, what limits them, what they cost.

Worked out, not measured: from what is counted (`chalicelib/core/overview/costs.py`, and the sizes and units below,
which a test holds to the accounting stub), from what the model came to (`python -m bench.million`), and from AWS's
default quotas.
`--tasks`, `--every` and `--peak` ask for another size; `--quotas` prints the quotas, and where and when they were read.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core.overview import costs
from chalicelib.core.overview.costs import GIGABYTE, LIST_PRICES, MILLION, Load
from chalicelib.core.schedule.frequency import MONTH
from chalicelib.core.window import AGENDA_RETENTION, WINDOW
from chalicelib.settings import MOST_SHARDS
from infra.quotas import QUOTAS, quotas

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WIDTH = 15

ON_TIME = 7_000
"""Entries of one window that a shard sends before the window begins, its passes at their worst moment (15.5 s): a
thousand writes a second under one key, and a quarter of a millisecond of a processor for each, of which 512 MB have a
third. `tests/bench/test_scale.py` holds it to the model."""
OVERHEAD = 100
"""Bytes that DynamoDB counts for each stored item besides its own."""
TASK_BYTES, ENTRY_BYTES, RUN_BYTES = 660, 120, 290
"""Items of tasks that say hello. Other definitions and outputs are larger."""
RETENTION = timedelta(days=30)
"""How long a run is kept by default."""
STORED_GIGABYTE = 0.25
"""US dollars a month, in us-east-1, without the first 25 GB."""
HANDLING = timedelta(seconds=0.1)
"""How long a worker is busy with a light run of no length."""
RUN_LOOKS, RUN_LOOK_UNITS = 2, 1.53
"""The auditor looks at each run twice; read units of a look: the task, the run, the entry."""
TASK_LOOK_UNITS = 1.16
"""The same of an active task, once an hour: of the scan, and of its entry ahead."""
RUN_LOOK_TIME, TASK_LOOK_TIME = timedelta(milliseconds=0.95), timedelta(milliseconds=0.65)
"""How long a look takes: 0.21 and 0.15 ms of a processor, of which 512 MB have a third, and calls of 10 ms."""
AUDITING = timedelta(seconds=150)
"""For looking, of every five minutes."""
SCANNED_PAGE = timedelta(seconds=0.1)
"""A page of a megabyte. Assumed."""
SCAN_UNITS = TASK_BYTES / 4096
"""Read units of a task whose table is read whole. After an outage of more than six hours, each shard does."""
BATCH = costs.BATCH


@dataclass(frozen=True, kw_only=True)
class Size:
    """So many tasks, each due so often; the busiest minute has `peak` times the runs of an average one."""

    tasks: int
    every: timedelta
    peak: float = 10.0

    @property
    def runs_a_second(self) -> float:
        return self.tasks / (self.every / SECOND)

    @property
    def runs_a_month(self) -> float:
        return self.runs_a_second * (MONTH / SECOND)

    @property
    def busiest_second(self) -> float:
        """Runs of each second of the busiest minute; no task is due twice in it unless all are."""
        most = max(self.tasks / 60, self.runs_a_second)
        return min(self.peak * self.runs_a_second, most)

    @property
    def shards(self) -> int:
        """As many as send the busiest window before it begins."""
        return max(1, -int(-self.busiest_second * (WINDOW / SECOND) // ON_TIME))

    @property
    def batches(self) -> float:
        """Of workers at once, in the busiest minute, where runs take no time of their own."""
        return self.busiest_second * (HANDLING / SECOND) / BATCH

    @property
    def audit_share(self) -> float:
        """Of the auditor's time, what looking at runs takes."""
        looking = self.runs_a_second * RUN_LOOKS * (RUN_LOOK_TIME / SECOND)
        return looking / (AUDITING / timedelta(minutes=5))

    @property
    def round_of_tasks(self) -> timedelta | None:
        """How long the auditor takes to look at each task once, at least an hour; None: it never comes round."""
        left = (1 - self.audit_share) * (AUDITING / timedelta(minutes=5))
        return None if left <= 0 else max(HOUR, self.tasks * TASK_LOOK_TIME / left)

    @property
    def stored_gigabytes(self) -> float:
        """Tasks (and again by owner), their entries and those of the last 35 days, runs of the last 30, with DynamoDB's
        own bytes."""
        of_tasks = self.tasks * (2 * TASK_BYTES + ENTRY_BYTES + 3 * OVERHEAD)
        of_windows = self.runs_a_second * (AGENDA_RETENTION / SECOND) * (ENTRY_BYTES + OVERHEAD)
        of_runs = self.runs_a_second * (RETENTION / SECOND) * (RUN_BYTES + OVERHEAD)
        return (of_tasks + of_windows + of_runs) / GIGABYTE

    @property
    def jump_units(self) -> float:
        """Read units of making up for an outage of more than six hours: each shard reads the table of tasks."""
        return self.tasks * SCAN_UNITS * self.shards

    @property
    def jump(self) -> timedelta:
        """How long that takes: as fast as the table may be read by default, or as one shard reads page by page."""
        pages = self.tasks * TASK_BYTES / 2**20
        by_table = self.jump_units / QUOTAS["table"].default * SECOND
        return max(by_table, pages * SCANNED_PAGE)

    def bill(self) -> costs.Bill:
        """US dollars a month, by what they are for: light runs of 0.1 s, no list of runs across tasks."""
        load = Load(
            runs=self.runs_a_month,
            duration=timedelta(seconds=costs.ASSUMED_SECONDS["function"]),
            feed=False,
            sent_with=costs.together(self.runs_a_month, WINDOW),
            received_with=costs.together(self.runs_a_month, SECOND),
        )
        looks = self.runs_a_month * RUN_LOOKS * RUN_LOOK_UNITS + self.tasks * TASK_LOOK_UNITS * self._looks_a_month()
        return {
            "runs": sum(costs.of_runs(load).values()),
            "shards that are there": sum(costs.of_idling(self.shards).values()),
            "the auditor's looks": looks * LIST_PRICES.read_units / MILLION,
            "storage": self.stored_gigabytes * STORED_GIGABYTE,
        }

    def _looks_a_month(self) -> float:
        turn = self.round_of_tasks
        return 0.0 if turn is None else MONTH / turn

    def limits(self) -> list[str]:
        """What binds, and has to be raised or lived with."""
        writes = {"agenda": self.busiest_second, "runs": 2 * self.busiest_second}
        most = max(writes.values())
        wanted = self.batches + self.shards
        turn = self.round_of_tasks
        found = [
            (wanted > QUOTAS["concurrency"].default, f"{wanted:,.0f} concurrent executions"),
            (self.batches > QUOTAS["mapping"].default, "a mapping in provisioned mode"),
            (most > QUOTAS["warm"].default, f"warm throughput of {most:,.0f} writes"),
            (most > QUOTAS["table"].default, "table-level write throughput"),
            (self.shards > MOST_SHARDS, "more than a thousand shards"),
            (turn is None, "the auditor falls behind the runs"),
            (turn is not None and turn > HOUR, f"the auditor comes round in {_long(turn or HOUR)}"),
            (self.jump > HOUR, f"a jump over an outage takes {_long(self.jump)}"),
        ]
        return [text for binds, text in found if binds] or ["nothing"]


SIZES: Sequence[Size] = (
    Size(tasks=1_000, every=MINUTE),
    Size(tasks=100_000, every=15 * MINUTE),
    Size(tasks=10_000_000, every=DAY),
    Size(tasks=1_000_000_000, every=30 * DAY),
)


def table(sizes: Sequence[Size]) -> Iterator[str]:
    """A Markdown table, a column for each size."""
    bills = [size.bill() for size in sizes]
    yield row("tasks", [f"{size.tasks:,}" for size in sizes])
    yield row("---", ["---"] * len(sizes))
    yield row("each due every", [_long(size.every) for size in sizes])
    yield row("runs a month, millions", [f"{size.runs_a_month / MILLION:,.1f}" for size in sizes])
    yield row("runs a second, on average", [f"{size.runs_a_second:,.1f}" for size in sizes])
    yield row("in the busiest minute", [f"{size.busiest_second:,.0f}" for size in sizes])
    yield row("shards for that", [f"{size.shards:,}" for size in sizes])
    yield row("workers at once, runs of 0.1 s", [f"{max(1, size.batches):,.0f}" for size in sizes])
    yield row("stored, GB", [f"{size.stored_gigabytes:,.1f}" for size in sizes])
    yield row("auditor's round of all tasks", [_long(size.round_of_tasks) for size in sizes])
    yield row("jump after six hours: time", [_long(size.jump) for size in sizes])
    yield row("jump: dollars", [f"{size.jump_units * LIST_PRICES.read_units / MILLION:,.2f}" for size in sizes])
    for what in bills[0]:
        yield row(f"dollars a month: {what}", [f"{bill[what]:,.2f}" for bill in bills])
    yield row("dollars a month in all", [f"{sum(bill.values()):,.2f}" for bill in bills])
    yield row("dollars of a million runs", _each(sizes, bills))
    yield row("what binds", ["; ".join(size.limits()) for size in sizes])


def _each(sizes: Sequence[Size], bills: Sequence[costs.Bill]) -> list[str]:
    return [f"{sum(bill.values()) / size.runs_a_month * MILLION:,.2f}" for size, bill in zip(sizes, bills, strict=True)]


def row(name: str, values: Sequence[str]) -> str:
    """A row of a Markdown table."""
    return f"| {name} | {' | '.join(values)} |"


def _long(duration: timedelta | None) -> str:
    """A duration in the largest unit that it has two of, or one exactly.

    >>> _long(timedelta(minutes=15)), _long(timedelta(days=1)), _long(timedelta(minutes=90)), _long(None)
    ('15 min', '1 day', '90 min', 'never')
    """
    if duration is None:
        return "never"
    for unit, name in ((DAY, "day"), (HOUR, "h"), (MINUTE, "min")):
        if duration >= 2 * unit or duration == unit:
            number = f"{duration / unit:,.0f}"
            return f"{number} {name}{'s' if name == 'day' and number != '1' else ''}"
    return f"{max(1, duration / SECOND):,.0f} s"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    given = _parser().parse_args(arguments)
    if given.quotas:
        print("\n".join(row(*line) for line in quotas()))
        return
    sizes = SIZES
    if given.tasks is not None:
        sizes = (Size(tasks=given.tasks, every=given.every * SECOND, peak=given.peak),)
    print("\n".join(table(sizes)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.scale", description=__doc__)
    parser.add_argument("--tasks", type=_positive, help="one size instead of the four")
    parser.add_argument(
        "--every", type=_positive, default=DAY // SECOND, help="seconds between two runs of each (a day)"
    )
    parser.add_argument("--peak", type=_positive, default=10, help="times an average minute that the busiest has (10)")
    parser.add_argument("--quotas", action="store_true", help="AWS's quotas, with where they were read")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**12:
        raise argparse.ArgumentTypeError("must be a whole number from 1 on")
    return int(text)


if __name__ == "__main__":
    main()
