"""The table `runs`: one item per run, items of their own for long outputs, and two sparse indexes by owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pynamodb.expressions.condition import Condition

from chalicelib.adapters.aws import chunks
from chalicelib.adapters.dynamo.agenda import entry_put
from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.ground.items import Item, read_one, readable, write
from chalicelib.adapters.dynamo.run_items import (
    key_of_run,
    output_items,
    outputs_of,
    run_item,
    run_of,
    unread_outputs,
    with_outputs,
    without_output,
)
from chalicelib.adapters.keys import due_key, known_due_key, known_place, place
from chalicelib.adapters.tables import RunItem
from chalicelib.core.errors import NotFound
from chalicelib.core.instant import MILLISECOND, from_ms
from chalicelib.core.run import Attempt, Run
from chalicelib.ports import Page, Placed

ENQUEUED_TOGETHER = 50
"""Runs, each with its entry: a transaction takes a hundred items."""
MOST_READS = 4
"""Of the newest runs of a task, each of a megabyte at most: those of a thousand runs that said little are one."""
OUTLINE = (
    *("task_id", "due_key", "owner", "name", "trigger", "status", "token", "retention", "finished_at", "attempts"),
    *("error", "coalesced", "v"),
)
"""What is read of runs that are only to be counted: to take an item apart costs by the attribute."""
FIRST_RUN, AFTER_RUNS = "0", ":"
"""Runs' sort keys are digits only; what else is kept of a task sorts outside these two."""


class DynamoRuns(OnDynamo):
    """A claim is one conditional write, and so is a finish."""

    def insert_run(self, run: Run) -> Run | None:
        """Write a run if there is none with its key. None: written, by this call or an earlier try of it (same token).
        Otherwise the run that is there."""
        self._keep_outputs(run, run.attempts)
        try:
            self._calls.put(RunItem, self._item(run), RunItem.task_id.does_not_exist())
        except ConditionFailed as error:
            found = self._found_run(error, run)
            return None if found.token == run.token else found
        return None

    def replace_run(self, run: Run, *, token: str, entry: Placed | None = None) -> Run | None:
        """Write a run over one that has `token`, with an entry, both or neither. None: written, by this call or an
        earlier try of it (the run there has `run.token` and status). Otherwise the run that is there; `NotFound` where
        there is none. `TooLarge` where the run does not fit."""
        self._keep_outputs(run, run.attempts[-1:])  # those of earlier attempts were written when these ended
        put = Put(model=RunItem, item=self._item(run, entry), condition=RunItem.token == token)
        try:
            self._calls.put_together(put, entry_put(entry))
        except ConditionFailed as error:
            found = self._found_run(error, run)
            return None if (found.token, found.status) == (run.token, run.status) else found
        return None

    def enqueue_run(self, run: Run, entry: Placed) -> bool:
        """Write a queued run and its entry, both or neither. False: there is a run with its key."""
        return self._enqueued(run, entry) is None

    def enqueue_runs(self, queued: Sequence[tuple[Run, Placed]]) -> list[Run | None]:
        """Write queued runs, each with its entry, both or neither. For each: None where it was written, otherwise the
        run that is there."""
        return [met for some in chunks(queued, ENQUEUED_TOGETHER) for met in self._enqueued_together(some)]

    def _enqueued_together(self, queued: Sequence[tuple[Run, Placed]]) -> list[Run | None]:
        """Some in one transaction; where a key of them is taken, one by one."""
        puts = [(self._new_run(run, entry), entry_put(entry)) for run, entry in queued]
        try:
            self._calls.put_together(*(put for pair in puts for put in pair))
        except ConditionFailed:
            return [self._enqueued(run, entry) for run, entry in queued]
        return [None] * len(queued)

    def _new_run(self, run: Run, entry: Placed) -> Put:
        return Put(model=RunItem, item=self._item(run, entry), condition=RunItem.task_id.does_not_exist())

    def _enqueued(self, run: Run, entry: Placed) -> Run | None:
        try:
            self._calls.put_together(self._new_run(run, entry), entry_put(entry))
        except ConditionFailed as error:
            found = self._found_run(error, run)
            return None if found.token == run.token else found
        return None

    def _item(self, run: Run, entry: Placed | None = None) -> Item:
        return run_item(run, feed=self._run_feed, latest=None if entry is None else entry.entry.start)

    def _keep_outputs(self, run: Run, attempts: Sequence[Attempt]) -> None:
        """Write long outputs ahead of the run that refers to them. Nobody reads one that no run refers to."""
        outputs = output_items(run, attempts)
        if outputs:
            self._calls.put_many(RunItem, outputs)

    def _found_run(self, error: ConditionFailed, run: Run) -> Run:
        """The run that a refused write met."""
        item = error.found or self._calls.get(RunItem, key_of_run(run.task_id, run.due_at))
        if item is None:
            raise NotFound(f"run {run.id} is gone") from error
        return self._with_outputs([read_one(RunItem, item, run_of)])[0]

    def run(self, task_id: str, due_at: datetime) -> Run | None:
        """One run with its output, strongly consistent."""
        item = self._calls.get(RunItem, key_of_run(task_id, due_at))
        return None if item is None else self._with_outputs([read_one(RunItem, item, run_of)])[0]

    def runs_at(self, occurrences: Sequence[tuple[str, datetime]], *, consistent: bool = False) -> list[Run]:
        """Those of the runs with these task ids and due times that exist, without output, in any order. Unless it is to
        be consistent, what was written a moment ago may not be among them."""
        keys = [key_of_run(task_id, due) for task_id, due in dict.fromkeys(occurrences)]
        found = self._calls.get_many(RunItem, keys, consistent=consistent)
        return [without_output(run) for run in readable(RunItem, found, run_of)]

    def runs_of(
        self, task_id: str, *, limit: int, after: str | None, first: datetime | None, last: datetime | None
    ) -> Page[Run]:
        """A task's runs with their output, newest due time first, within [first, last]."""
        low = FIRST_RUN if first is None else due_key(first)
        high = AFTER_RUNS if last is None else due_key(last)
        if after is not None:
            high = min(high, _just_before(known_due_key(after)))
        if low > high:
            return Page(items=())
        items = list(islice(self._newest(task_id, low, high, limit + 1), limit + 1))
        runs = self._with_outputs(readable(RunItem, items[:limit], run_of))
        return Page(items=tuple(runs), after=items[limit - 1]["due_key"]["S"] if len(items) > limit else None)

    def last_runs(self, task_ids: Sequence[str], limit: int) -> dict[str, list[Run]]:
        """The newest runs of each of some tasks, without output, newest first."""
        distinct = list(dict.fromkeys(task_ids))

        def newest(task_id: str) -> list[Run]:
            items = self._newest(task_id, FIRST_RUN, AFTER_RUNS, limit)
            return [without_output(run) for run in islice(readable(RunItem, items, run_of), limit)]

        return dict(zip(distinct, self._calls.side_by_side(newest, distinct), strict=True))

    def runs_beside(self, task_id: str, due_at: datetime) -> tuple[Run | None, Run | None]:
        """The runs of a task that were due right before and right after an instant, without output."""
        before = self._newest(task_id, FIRST_RUN, _just_before(due_key(due_at)), 1)
        where = (RunItem.task_id == task_id) & RunItem.due_key.between(due_key(due_at + MILLISECOND), AFTER_RUNS)
        after = self._calls.query(RunItem, where, page=1)
        found = [next(readable(RunItem, islice(items, 1), run_of), None) for items in (before, after)]
        earlier, later = (None if run is None else without_output(run) for run in found)
        return earlier, later

    def recent_runs(self, task_id: str, *, limit: int, first: datetime) -> Page[Run]:
        """The newest runs of a task that were due from `first` on, newest first, without output, result and lease: at
        most `limit`, and as many as four reads bring. `after` says that there are more. What was written a moment ago
        may not be among them."""
        where = (RunItem.task_id == task_id) & RunItem.due_key.between(due_key(first), AFTER_RUNS)
        items: list[Item] = []
        after: Item | None = None
        for _ in range(MOST_READS):
            left = limit + 1 - len(items)
            found, after = self._calls.query_page(
                RunItem, where, page=left, newest_first=True, after=after, only=OUTLINE
            )
            items += found
            if after is None or len(found) == left:
                break
        runs = tuple(without_output(run) for run in readable(RunItem, items[:limit], run_of))
        more = after is not None or len(items) > limit
        return Page(items=runs, after=items[:limit][-1]["due_key"]["S"] if more else None)

    def _newest(self, task_id: str, low: str, high: str, page: int) -> Iterator[Item]:
        where = (RunItem.task_id == task_id) & RunItem.due_key.between(low, high)
        return self._calls.query(RunItem, where, page=page, newest_first=True)

    def feed(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs across tasks with their output, newest due time first."""
        items, last = self._listed("feed", RunItem.feed == owner, owner, limit, after)
        return Page(items=tuple(self._with_outputs(readable(RunItem, items, run_of))), after=last)

    def attention(self, owner: str, *, limit: int, after: str | None) -> Page[Run]:
        """An owner's runs that failed, were missed or lost, or wait for a retry, newest due time first, no output."""
        items, last = self._listed("attention", RunItem.attention == owner, owner, limit, after)
        return Page(items=tuple(without_output(run) for run in readable(RunItem, items, run_of)), after=last)

    def occurrences(
        self,
        owner: str,
        *,
        first: datetime,
        last: datetime,
        limit: int,
        after: str | None = None,
        attention: bool = False,
    ) -> Page[tuple[str, datetime]]:
        """Task ids and due times of an owner's runs across tasks, newest first, within [first, last]: the index alone
        is read. With `attention`, only of those that `attention` lists."""
        low, high = due_key(first), due_key(last)
        if low > high:
            return Page(items=())
        index, key = ("attention", RunItem.attention) if attention else ("feed", RunItem.feed)
        where = (key == owner) & RunItem.due_key.between(low, high)
        found, last_place = self._places(index, where, owner, limit, after)
        return Page(items=tuple((task_id, from_ms(int(due))) for task_id, due in found), after=last_place)

    def _listed(
        self, index: str, where: Condition, owner: str, limit: int, after: str | None
    ) -> tuple[list[Item], str | None]:
        """The runs that an index lists, in its order, and the place to go on after. The index holds keys only."""
        places, last = self._places(index, where, owner, limit, after)
        keys = [write(RunItem, task_id=task_id, due_key=due) for task_id, due in places]
        found = {(i["task_id"]["S"], i["due_key"]["S"]): i for i in self._calls.get_many(RunItem, keys)}
        return [found[one] for one in places if one in found], last

    def _places(
        self, index: str, where: Condition, owner: str, limit: int, after: str | None
    ) -> tuple[list[tuple[str, str]], str | None]:
        """Task ids and due keys that an index lists, newest first, and the place to go on after."""
        begin = None
        if after is not None:
            due, task_id = known_place(after)
            begin = write(RunItem, task_id=task_id, due_key=due, **{index: owner})
        keys = ("task_id", "due_key")
        rows = self._calls.query(RunItem, where, index=index, page=limit + 1, newest_first=True, after=begin, only=keys)
        found = [(row["task_id"]["S"], row["due_key"]["S"]) for row in islice(rows, limit + 1)]
        last = place(found[limit - 1][1], found[limit - 1][0]) if len(found) > limit else None
        return found[:limit], last

    def _with_outputs(self, runs: Iterable[Run]) -> list[Run]:
        """The runs with the outputs that have items of their own, all read together."""
        read = list(runs)
        keys = [key for run in read for key in unread_outputs(run)]
        outputs = outputs_of(self._calls.get_many(RunItem, keys)) if keys else {}
        return [with_outputs(run, outputs) for run in read]


def _just_before(due: str) -> str:
    return due_key(from_ms(int(due)) - MILLISECOND)
