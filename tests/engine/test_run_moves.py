"""However owners, workers and messages come across each other, a run moves along the table of legal moves (I13).

A machine in Hypothesis's sense: a task, and anything that may happen to its runs, in any order. The seed is fixed.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chalicelib.core.run import FINAL
from tests.core.building import every
from tests.faults.story import ANN
from tests.faults.timeline import Process
from tests.interleavings.chance import Chance
from tests.interleavings.judging import asked_again, misled, settle
from tests.interleavings.scenario import CHANGES
from tests.interleavings.telling import belonging_to
from tests.interleavings.trouble import Trouble
from tests.interleavings.world import World

EXAMPLES = settings(derandomize=True, database=None, deadline=None, max_examples=100, stateful_step_count=25)
SOON = timedelta(seconds=0.5)
LABEL = "task"


class Runs(RuleBasedStateMachine):
    """One task that is due every fifteen seconds, six times."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Chance(kind="moves", shards=(1,), slowest=0.05, end=100_000, trouble=0))
        self.stack = ExitStack()
        self.stack.enter_context(belonging_to(self.world))

    @initialize(
        overlap=st.sampled_from(["allow", "skip", "queue", "replace"]),
        delivery=st.sampled_from(["at_least_once", "at_least_once", "at_most_once"]),
        catch_up=st.sampled_from(["all", "latest", "none"]),
        max_attempts=st.integers(1, 4),
        fails=st.integers(0, 2),
        seconds=st.sampled_from([0, 5, 20, 90]),
    )
    def create(self, fails: int, seconds: int, max_attempts: int, catch_up: str, **policies: str) -> None:
        """Whatever the task's policies are."""
        data = policies | {
            "name": LABEL,
            "tags": [LABEL],
            "schedule": every(15, max_runs=6),
            "action": {"type": "function", "name": "print_hello", "kwargs": {"fails": fails, "seconds": seconds}},
            "retry": {"max_attempts": max_attempts},
            "misfire": {"catch_up": catch_up},
            "timeout_seconds": 60,
        }
        self.world.ask(self.world.now, LABEL, "create", lambda system: system.catalog.create(ANN, data))
        self.let_pass(SOON)

    @rule(duration=st.sampled_from([0.05, 1.0, 5.0, 30.0, 100.0, 145.0, 195.0]).map(lambda s: timedelta(seconds=s)))
    def let_pass(self, duration: timedelta) -> None:
        """Time passes: due times come, leases end, messages come back."""
        self.world.play(self.world.now + duration)

    @rule(verb=st.sampled_from(sorted(CHANGES)))
    def ask(self, verb: str) -> None:
        """The owner changes the task or one of its runs."""
        self.world.ask(self.world.now, LABEL, verb, partial(CHANGES[verb], self.world, LABEL))
        self.let_pass(SOON)

    @rule(data=st.data())
    def deliver_again(self, data: Any) -> None:
        """A message turns up once more, however old it is."""
        if self.world.handed:
            queue, body = data.draw(st.sampled_from(self.world.handed))
            self.world.queue.send(queue, body)
            self.let_pass(SOON)

    @rule(data=st.data())
    def kill(self, data: Any) -> None:
        """A worker dies where it stands."""
        workers = [one for one in self.world.timeline.processes if one.kind == "work" and not one.done]
        if workers:
            worker: Process = data.draw(st.sampled_from(workers))
            worker.die("killed")

    @rule(kind=st.sampled_from(["work", "work", "pass", "api"]), trouble=st.sampled_from(list(Trouble)))
    def disturb(self, kind: str, trouble: Trouble) -> None:
        """Trouble comes to the next call of a kind of process."""
        self.world.planned[kind] = trouble

    @invariant()
    def moves_are_legal(self) -> None:
        """Every status that was ever stored follows from the one before it, and so do the attempts."""
        for path in self.world.store.paths.values():
            assert not list(misled(path)), self.world.history()

    @invariant()
    def ends_are_final(self) -> None:
        """What has ended stays as it is, unless its owner wanted it tried again."""
        again = asked_again(self.world)
        backfilled = self.world.owner.was_asked("backfill", LABEL)
        for key, path in self.world.store.paths.items():
            moved_on = [run for run in path[:-1] if run.status in FINAL]
            assert not moved_on or key in again or backfilled, self.world.history()

    @invariant()
    def slots_belong_to_runs_that_there_are(self) -> None:
        """One slot at most, for a run of this task, and never waiting for itself."""
        slots = self.world.store.all_slots()
        assert len(slots) <= 1
        for slot in slots:
            assert slot.waiting != slot.due_at, self.world.history()
            assert (slot.task_id, slot.due_at) in self.world.runs(), self.world.history()

    def teardown(self) -> None:
        """Nothing is in the way any more: everything comes to rest, and nothing is lost or doubled."""
        with self.stack:
            self.world.planned.clear()
            settle(self.world, self.world.now)


def test_runs_move_only_as_the_table_has_it() -> None:
    run_state_machine_as_test(Runs, settings=EXAMPLES)
