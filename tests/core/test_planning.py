"""Plans of a pass: what a page of entries leads to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import task as tasks
from chalicelib.core.planning import Plan, plan, shortened
from chalicelib.core.run import RunStatus
from chalicelib.core.task import Channel, Priority, Task
from chalicelib.core.window import WINDOW, Kind
from tests.core.building import START, at, definition_json, entry, every, make_run, make_task, once

END = START + WINDOW


def planned(task: Task | None, *, due: datetime = START, now: datetime = START, end: datetime = END) -> Plan:
    return plan([entry(due)], {} if task is None else {task.id: task}, now=now, end=end)


def sent(result: Plan) -> list[datetime]:
    return [message.entry.due_at for message in result.messages]


def next_starts(result: Plan) -> list[datetime]:
    return [upcoming.start for upcoming in result.upcoming]


def edited(task: Task, now: datetime, **more: object) -> Task:
    data = tasks.to_json(task.definition) | more
    return task.redefined(tasks.from_json(data, now, keeping=task.definition.schedule), now)


def test_every_due_time_of_the_window_is_sent_and_the_next_entry_lies_behind_it() -> None:
    result = planned(make_task(every(7)))
    assert sent(result) == [at(0), at(7), at(14), at(21), at(28)]
    assert next_starts(result) == [at(35)]


def test_a_task_that_is_due_one_time_has_no_next_entry() -> None:
    result = planned(make_task(once(12)), due=at(12))
    assert (sent(result), next_starts(result)) == ([at(12)], [])


def test_the_next_entry_of_a_rare_task_lies_in_its_own_window() -> None:
    assert next_starts(planned(make_task(every(3600)))) == [at(3600)]


def test_an_entry_ahead_of_the_windows_read_is_only_moved_on() -> None:
    result = planned(make_task(every(60)), due=at(60))
    assert (sent(result), next_starts(result)) == ([], [at(60)])


def test_a_paused_task_gets_neither_message_nor_next_entry() -> None:
    result = planned(make_task(every(7), state="paused"))
    assert (sent(result), next_starts(result), result.records) == ([], [], [])


def test_a_deleted_task_is_dropped() -> None:
    assert planned(None) == Plan()


def test_an_entry_that_is_no_due_time_any_more_still_continues_the_chain() -> None:
    result = planned(make_task(every(20)), due=at(3))
    assert (sent(result), next_starts(result)) == ([at(20)], [at(40)])


def test_two_chains_of_a_task_merge() -> None:
    task = make_task(every(45))
    result = plan([entry(at(0)), entry(at(3))], {"task": task}, now=START, end=END)
    assert next_starts(result) == [at(45)]


@pytest.mark.parametrize("kind", [Kind.RETRY, Kind.MANUAL, Kind.TAKEOVER])
def test_other_entries_lead_to_their_own_message_whatever_became_of_the_task(kind: Kind) -> None:
    entry_ = entry(at(3), kind=kind, number=2)
    for known in ({}, {"task": make_task(every(7), state="paused")}):
        result = plan([entry_], known, now=START, end=END)
        assert [message.entry for message in result.messages] == [entry_]
        assert result.upcoming == []


@pytest.mark.parametrize(
    ("more", "channel"),
    [
        ({}, Channel.LIGHT),
        ({"priority": "high"}, Channel.URGENT),
        ({"timeout_seconds": 121}, Channel.COMMANDS),
        ({"action": {"type": "command", "command": "true"}, "priority": "high"}, Channel.COMMANDS),
    ],
)
def test_a_run_goes_to_the_channel_of_its_action(more: dict[str, Any], channel: Channel) -> None:
    assert {message.channel for message in planned(make_task(every(20), **more)).messages} == {channel}


@pytest.mark.parametrize("kind", [Kind.SCHEDULE, Kind.RETRY, Kind.MANUAL])
@pytest.mark.parametrize("priority", list(Priority))
def test_every_message_has_the_priority_of_its_task(kind: Kind, priority: Priority) -> None:
    task = make_task(every(20), priority=str(priority))
    result = plan([entry(at(0), kind=kind)], {"task": task}, now=START, end=END)
    assert {message.priority for message in result.messages} == {priority}


def test_what_is_less_than_ninety_seconds_late_is_no_misfire() -> None:
    result = planned(make_task(every(20)), now=at(90), end=END)
    assert sent(result) == [at(0), at(20)]
    assert result.records == []


def misfired(catch_up: str, **more: object) -> Plan:
    """A minute task, ten minutes and one second after its entry: nine due times are more than 90 s late."""
    return planned(make_task(every(60), misfire={"catch_up": catch_up} | more), now=at(601), end=END)


def test_latest_runs_the_newest_misfire_and_records_the_others_as_one() -> None:
    result = misfired("latest")
    assert sent(result) == [at(480)]
    assert [(run.status, run.due_at) for run in result.records] == [(RunStatus.MISSED, at(420))]
    coalesced = result.records[0].coalesced
    assert coalesced is not None
    assert (coalesced.first, coalesced.last, coalesced.count) == (at(0), at(420), 8)
    assert next_starts(result) == [at(540)]


def test_all_runs_every_misfire() -> None:
    result = misfired("all")
    assert sent(result) == [at(60 * n) for n in range(9)]
    assert result.records == []


def test_none_runs_no_misfire_but_goes_on() -> None:
    result = misfired("none")
    assert sent(result) == []
    assert [run.coalesced.count for run in result.records if run.coalesced] == [9]
    assert next_starts(result) == [at(540)]


def test_what_is_later_than_its_grace_is_missed_even_where_all_are_wanted() -> None:
    result = misfired("all", grace_seconds=300)
    assert sent(result) == [at(360), at(420), at(480)]
    assert [run.due_at for run in result.records] == [at(300)]


def test_a_single_missed_due_time_is_an_ordinary_record() -> None:
    result = planned(make_task(once(0), misfire={"catch_up": "none"}), now=at(200))
    assert [(run.due_at, run.coalesced) for run in result.records] == [(at(0), None)]


def test_a_long_outage_is_worked_off_in_bounded_steps() -> None:
    task = make_task(every(1), misfire={"catch_up": "all", "grace_seconds": 604_800})
    due, seen = at(0), []
    for _ in range(20):
        result = planned(task, due=due, now=at(5000))
        assert len(result.messages) <= 600
        seen += sent(result)
        due = next_starts(result)[0]
        if due > at(4900):
            break
    assert seen == [at(n) for n in range(len(seen))]
    assert len(seen) >= 4900


def test_what_an_edit_took_away_before_it_was_dispatched_is_recorded() -> None:
    task = edited(make_task(every(10)), at(25), schedule=every(60))
    result = planned(task, due=at(0), now=at(40), end=at(60))
    skipped = [(run.due_at, run.status, run.error.code) for run in result.records if run.error]
    assert skipped == [(at(n), RunStatus.SKIPPED, "edited") for n in (0, 10, 20)]
    assert next_starts(result) == [at(60)]


def test_what_a_pause_took_away_before_it_was_dispatched_is_recorded() -> None:
    task = edited(make_task(every(10)), at(15), state="paused")
    result = planned(task, due=at(0), now=at(40), end=at(60))
    assert [(run.due_at, run.error.code) for run in result.records if run.error] == [
        (at(0), "paused"),
        (at(10), "paused"),
    ]


def test_due_times_of_a_pause_are_not_made_up_for() -> None:
    resumed = edited(edited(make_task(every(10)), at(5), state="paused"), at(25), state="active")
    result = planned(resumed, due=at(10), now=at(26), end=at(60))
    assert result.records == []
    assert sent(result) == [at(30), at(40), at(50)]


def test_a_rename_takes_nothing_away() -> None:
    renamed = edited(make_task(every(10)), at(25), name="other")
    result = planned(renamed, due=at(0), now=at(29), end=END)
    assert (sent(result), result.records) == ([at(0), at(10), at(20)], [])


def test_what_two_changes_took_away_is_recorded_as_a_range() -> None:
    once_edited = edited(make_task(every(10)), at(15), schedule=every(7))
    twice = edited(once_edited, at(20), schedule=every(60))
    result = planned(twice, due=at(0), now=at(40), end=at(60))
    ranges = [(run.coalesced.first, run.coalesced.last) for run in result.records if run.coalesced]
    assert ranges == [(at(0), at(15) - timedelta(milliseconds=1))]


def test_a_task_that_cannot_be_planned_holds_up_nobody() -> None:
    broken = make_task({"type": "cron", "expression": "* * * * *", "time_zone": "UTC"}, task_id="broken")
    record = tasks.to_record(broken.definition)
    record["schedule"] = dict(record["schedule"]) | {"time_zone": "Mars/Phobos"}
    broken = broken.redefined(tasks.from_record(record), START)
    fine = make_task(every(60))
    result = plan([entry(START, task_id="broken"), entry(START)], {"broken": broken, "task": fine}, now=START, end=END)
    assert set(result.broken) == {"broken"}
    assert sent(result) == [START]


def test_definition_json_is_what_the_contract_says() -> None:
    stored = tasks.to_json(make_task(every(5)).definition)
    assert definition_json(every(5)).keys() <= stored.keys()
    assert stored["retry"] == {
        "max_attempts": 3,
        "backoff": "next_window",
        "delay_seconds": 30,
        "max_delay_seconds": 3600,
    }
    assert (stored["timeout_seconds"], stored["overlap"], stored["retention_days"]) == (60, "allow", 30)
    assert stored["misfire"] == {"grace_seconds": 3600, "catch_up": "latest"}


def test_a_range_whose_key_is_taken_stands_before_the_run_that_has_it() -> None:
    record = misfired("none").records[0]
    met = make_run(record.due_at, RunStatus.SUCCEEDED)
    shorter = shortened(record, met)
    assert shorter is not None
    assert shorter.coalesced is not None
    assert (shorter.due_at, shorter.coalesced.count) == (record.due_at - timedelta(milliseconds=1), 8)
    assert shortened(record, record) is None  # the same record, written before a crash
    assert shortened(met, met) is None
