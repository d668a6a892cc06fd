"""One owner's ten thousand due tasks delay another owner's by two seconds at most (I15), in the virtual-clock model.

What each mechanism is for, as the model shows it for ten thousand tasks at the start of a window, passes at the worst
moment, 10 ms a call, 100 ms a run and 11 ms of processor; the other owner's single task starts so late:
- with all of them: 0.05 s at most, whatever the phase of the passes;
- the queues' fair order taken away (no MessageGroupId): 1.9 s; with runs of ten seconds, 5.2 s;
- owners not in turn: a page of every-second tasks sends messages for 10,000 runs first.
Before several runs of an owner travelled in one message it was 4.5 s, 49 s, and 6.3 s where the calls of a pass follow
one after the other, so that it has not come to the single task when that is due. Now they may, in this model.
`python -m bench.fairness` prints the figures.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.fairness import CROWD, FIRST_DUE, HOURLY, REALISTIC, START, Owner, every, once, played
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemoryStore
from chalicelib.core.message import decode_run, parts
from chalicelib.core.task import Channel
from chalicelib.core.window import WINDOW, window_of
from chalicelib.engine.dispatcher import Dispatcher
from chalicelib.ports import Control, Placed
from infra.simulation.conditions import Conditions
from tests.core.building import entry, make_task

BOUND = timedelta(seconds=2)
LONG_RUNS = replace(REALISTIC, handling=timedelta(seconds=10))


def crowd(tasks: int = CROWD, name: str = "crowd", interval: timedelta = HOURLY) -> Owner:
    return Owner(name=name, tasks=tasks, schedule=every(interval))


def delays(*owners: Owner, conditions: Conditions = REALISTIC, minutes: int = 0) -> list[timedelta]:
    """By how much the latest run of each owner but the first is later than in the same world without the first."""
    until = FIRST_DUE + timedelta(minutes=minutes)
    together = played(*owners, conditions=conditions, until=until)
    alone = played(*owners[1:], conditions=conditions, until=until)
    return [together[owner.name].most - alone[owner.name].most for owner in owners[1:]]


def test_ten_thousand_tasks_at_the_worst_moment_do_not_delay_the_one_that_comes_last() -> None:
    [delay] = delays(crowd(), Owner(name="quiet", tasks=1, schedule=once()))
    assert delay <= BOUND


def test_they_delay_none_of_several_owners_wherever_these_stand_in_the_agenda() -> None:
    due = FIRST_DUE + timedelta(seconds=17)
    many = Owner(name="many", tasks=CROWD, schedule=every(HOURLY, due))
    others = [Owner(name=name, tasks=1, schedule=once(due)) for name in ("before", "middle", "other", "quiet")]
    assert max(delays(many, *others, conditions=replace(REALISTIC, tick_phase=timedelta(seconds=44)))) <= BOUND


def test_a_crowd_that_comes_back_every_minute_delays_nobody_at_any_time() -> None:
    minutely = crowd(3000, interval=timedelta(minutes=1))
    assert max(delays(minutely, crowd(1, "quiet", timedelta(seconds=30)), minutes=1)) <= BOUND


def test_runs_that_take_long_delay_those_of_others_no_more() -> None:
    [delay] = delays(crowd(3000), Owner(name="quiet", tasks=1, schedule=once()), conditions=LONG_RUNS)
    assert delay <= BOUND


def test_in_plain_order_the_model_has_them_wait_for_the_whole_crowd() -> None:
    plain = replace(LONG_RUNS, fair=False)
    [delay] = delays(crowd(), Owner(name="quiet", tasks=1, schedule=once()), conditions=plain)
    assert delay > 2 * BOUND


@pytest.mark.parametrize("last", ["aaa", "zzz"])
def test_a_pass_sends_a_single_run_before_the_second_of_anybody(last: str) -> None:
    """Forty tasks that are due every second are 1,200 messages of one window, all in the first owner's name."""
    store, clock = MemoryStore(), ManualClock(START)
    queue = MemoryQueue(clock)
    store.take_lease(0, "before", now=START, until=START)
    store.move(0, Control(through=window_of(START), token="before", lease_until=START))
    first = START + WINDOW
    secondly = every(timedelta(seconds=1), first)
    often = [replace(make_task(secondly, task_id=f"often{number:02}"), owner="ann") for number in range(40)]
    single = replace(make_task(once(first + WINDOW / 2), task_id=last), owner="bob")
    for task, due in [*((task, first) for task in often), (single, first + WINDOW / 2)]:
        store.create_task(task, None)
        store.put_entries([Placed(entry=entry(due, task_id=task.id), shard=0, late=False)])
    assert Dispatcher(store=store, queue=queue, clock=clock).handle(0).dispatched == 40 * 30 + 1
    sent = sorted(queue.waiting("light"), key=lambda message: message.id)
    assert [decode_run(parts(message.body)[0], Channel.LIGHT).owner for message in sent].index("bob") <= 1
