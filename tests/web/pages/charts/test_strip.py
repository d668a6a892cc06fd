"""The strip of a task's last runs: every result has a shape of its own, and height says how long a run took."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.core.run import FINAL, Coalesced, Run, RunStatus
from chalicelib.web.pages.charts.strip import HEIGHT, RUNS, STEP, legend, strip, took
from chalicelib.web.pages.looks.words import RUN_LOOKS
from tests.web.building import NOW, ended_run

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def said(instant: datetime) -> str:
    return f"{instant:%H:%M}"


def run(minutes_ago: int, length: timedelta = SECOND, status: RunStatus = RunStatus.SUCCEEDED) -> Run:
    due = NOW - minutes_ago * MINUTE
    made = ended_run("task", "ann", due, status=status)
    begun = made.attempts[0]
    end = begun.started_at + length
    return replace(made, attempts=(replace(begun, finished_at=end),), finished_at=end)


def unstarted(minutes_ago: int, status: RunStatus) -> Run:
    return replace(run(minutes_ago), status=status, attempts=(), finished_at=None)


def top(path: str) -> float:
    """The highest place that an outline comes to: relative moves, summed up."""
    places = [float(HEIGHT)]
    for step in re.findall(r"[A-Za-z][^A-Za-z]*", path):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", step)]
        if step[0] == "M":
            places.append(numbers[1])
        elif step[0] in "vl":
            places.append(places[-1] + numbers[-1])
    return min(places)


def test_every_status_has_a_shape_that_no_other_has() -> None:
    signs = legend()
    assert {sign.word for sign in signs} == {RUN_LOOKS[status].word for status in RunStatus}
    assert len({sign.mark.shape for sign in signs}) == len({sign.mark.path for sign in signs}) == len(RunStatus)


@pytest.mark.parametrize("status", RunStatus)
def test_a_mark_has_the_colour_and_the_word_that_the_status_has_everywhere(status: RunStatus) -> None:
    (mark,) = strip([run(1, status=status)], said).marks
    assert mark.tone == RUN_LOOKS[status].tone
    assert mark.title.startswith(f"{RUN_LOOKS[status].word}, due 11:59")


def test_height_says_how_long_a_run_took() -> None:
    marks = strip([run(1, 40 * SECOND), run(2, 20 * SECOND), run(3, SECOND)], said).marks
    heights = [HEIGHT - top(mark.path) for mark in marks]
    assert heights == [9, 15, 22]


def test_what_varies_by_milliseconds_does_not_look_like_mountains() -> None:
    marks = strip([run(n, n * timedelta(milliseconds=10)) for n in range(1, 6)], said).marks
    assert {HEIGHT - top(mark.path) for mark in marks} == {9}


def test_of_a_run_that_is_not_over_no_length_is_made_up() -> None:
    running = replace(run(1, status=RunStatus.RUNNING), finished_at=None)
    running = replace(running, attempts=(replace(running.attempts[0], finished_at=None),))
    assert took(running) is None
    (mark,) = strip([running], said).marks
    assert "took" not in mark.title


def test_a_run_that_waits_for_another_attempt_took_as_long_as_it_did_until_then() -> None:
    waiting = replace(run(1, 3 * SECOND, RunStatus.RETRYING), finished_at=None)
    assert took(waiting) == 3 * SECOND
    assert "took 3 s" in strip([waiting], said).marks[0].title


def test_the_newest_run_is_at_the_right_whatever_there_is() -> None:
    shown = strip([run(1), run(2), run(3)], said)
    places = [int(mark.path[1:].split()[0]) // STEP for mark in shown.marks]
    assert places == [RUNS - 3, RUNS - 2, RUNS - 1]
    assert [mark.title[15:20] for mark in shown.marks] == ["11:57", "11:58", "11:59"]
    full = strip([run(n) for n in range(30)], said)
    assert len(full.marks) == RUNS
    assert full.width == shown.width


def test_a_strip_says_in_words_what_it_shows() -> None:
    runs = [
        run(1, 60 * SECOND, RunStatus.TIMED_OUT),
        run(2),
        unstarted(3, RunStatus.MISSED),
        run(4, 2 * SECOND),
        run(5, SECOND),
    ]
    shown = strip(runs, said)
    assert shown.label == "The last 5 runs: 3 succeeded, 1 missed, 1 timed out; the newest timed out"
    assert [(one.count, one.word, one.shortest, one.longest) for one in shown.stretches] == [
        (2, "succeeded", SECOND, 2 * SECOND),
        (1, "missed", None, None),
        (1, "succeeded", SECOND, SECOND),
        (1, "timed out", 60 * SECOND, 60 * SECOND),
    ]


def test_a_mark_says_for_how_many_due_times_it_stands() -> None:
    missed = replace(
        unstarted(3, RunStatus.MISSED), coalesced=Coalesced(first=NOW - 9 * MINUTE, last=NOW - 3 * MINUTE, count=7)
    )
    assert strip([missed], said).marks[0].title == "missed, due 11:57, stands for 7 due times"


@pytest.mark.parametrize("status", RunStatus)
def test_whatever_is_recorded_of_a_run_it_stays_within_its_strip(status: RunStatus) -> None:
    """A clock that was set back makes runs end before they began."""
    odd = [run(1, -MINUTE, status), run(2, timedelta(days=3), status), unstarted(3, status)]
    for mark in strip(odd, said).marks:
        assert 0 <= top(mark.path) <= HEIGHT
    assert took(odd[0]) == (timedelta(0) if status in FINAL or odd[0].attempts else None)
