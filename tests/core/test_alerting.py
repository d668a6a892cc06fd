"""What is told, counted and given up, as a table of happenings."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.core.alerting.cues import Cue, Hint, bears_out, cue_of, unstarted
from chalicelib.core.alerting.letter import MOST_TOGETHER, Subject, bundles, letter
from chalicelib.core.alerting.policy import Happening, Notify, Way
from chalicelib.core.alerting.state import (
    GIVE_UP,
    MOST_RECOVERIES,
    UNTOLD,
    AlertState,
    Event,
    after,
    begun,
    delivered,
    next_look,
    ripe,
    still_wanted,
)
from chalicelib.core.alerting.written import from_record, to_record
from chalicelib.core.run import RunError, RunStatus
from tests.core.building import at, every, make_run, make_task

NOTIFY = Notify(
    on=frozenset(Happening), addresses={Way.WEBHOOK: "https://example.com/"}, cooldown=timedelta(seconds=100)
)
KINDS = {"F": Happening.FAILED, "M": Happening.MISSED, "D": Happening.DID_NOT_RUN, "R": Happening.RECOVERED}


def event(letter: str, seconds: float) -> Event:
    return Event(task_id="t", name=f"{letter}{seconds}", kind=KINDS[letter], due_at=at(seconds))


def told(story: str, notify: Notify = NOTIFY) -> tuple[list[str], AlertState]:
    """What is told of a story like `F0 R10 .120`, each alert delivered at once: kinds with their counts."""
    state, said = UNTOLD, list[str]()
    for word in story.split():
        kind, now = word[0], at(float(word[1:]))
        events = [] if kind == "." else [event(kind, float(word[1:]))]
        state = after(state, events, notify, now)
        for alert in ripe(state, now):
            recovered = "" if alert.recovered_at is None else "+"
            said.append(f"{alert.kind}{recovered} {alert.count} @{int((now - at(0)).total_seconds())}")
        state = delivered(begun(state, now), {alert.id: {Way.WEBHOOK: None} for alert in state.pending}, now)
    return said, state


@pytest.mark.parametrize(
    ("story", "said"),
    [
        ("R0", []),
        ("F0", ["failed 1 @0"]),
        ("F0 F0", ["failed 1 @0"]),
        ("F0 F10 F20 .50", ["failed 1 @0"]),
        ("F0 F10 F20 .100", ["failed 1 @0", "failed 2 @100"]),
        ("F0 F10 F120", ["failed 1 @0", "failed 2 @120"]),
        ("F0 .100 .200", ["failed 1 @0"]),
        ("F0 F110 F220", ["failed 1 @0", "failed 1 @110", "failed 1 @220"]),
        ("F0 R10 R20", ["failed 1 @0", "recovered 0 @10"]),
        ("F0 F5 F6 R10 .200", ["failed 1 @0", "recovered 2 @10"]),
        ("F0 R10 F20 .100", ["failed 1 @0", "recovered 0 @10", "failed 1 @100"]),
        ("F0 R10 F20 R30 .100 R110", ["failed 1 @0", "recovered 0 @10", "failed+ 1 @100"]),
        ("F0 R10 F20 R30 F40 .100 R110", ["failed 1 @0", "recovered 0 @10", "failed 2 @100", "recovered 0 @110"]),
        ("M0 D10 F20 .100", ["missed 1 @0", "failed 2 @100"]),
        ("D0 R1", ["did_not_run 1 @0", "recovered 0 @1"]),
    ],
)
def test_what_is_told_when(story: str, said: list[str]) -> None:
    assert told(story)[0] == said


def test_what_is_not_wanted_is_neither_told_nor_counted() -> None:
    only = Notify(on=frozenset({Happening.MISSED}), addresses=NOTIFY.addresses)
    said, state = told("F0 D1 R2 M3 R4", only)
    assert said == ["missed 1 @3"]
    assert state.held is None


def test_what_cannot_be_delivered_is_tried_later_each_time_and_given_up_after_a_day() -> None:
    state, now, waits = after(UNTOLD, [event("F", 0)], NOTIFY, at(0)), at(0), list[float]()
    while state.pending:
        [alert] = ripe(state, now)
        state = delivered(begun(state, now), {alert.id: {Way.WEBHOOK: "no answer"}}, now)
        look = next_look(state, NOTIFY, now)
        if look is not None:
            waits.append((look - now) / timedelta(minutes=1))
            now = look
    assert waits[:6] == [5, 10, 20, 40, 80, 160]
    assert max(waits) == 240
    assert at(0) + GIVE_UP <= now < at(0) + GIVE_UP + timedelta(hours=4)
    assert (state.refusal, state.refused_at) == ("no answer", now)


def test_a_receiver_that_is_down_is_owed_one_alert_of_trouble_and_then_what_was_counted() -> None:
    state = UNTOLD
    for n in range(10):
        state = after(state, [event("F", 200 * n)], NOTIFY, at(200 * n))
    assert [alert.count for alert in state.pending] == [1]
    state = delivered(state, {state.pending[0].id: {Way.WEBHOOK: None}}, at(2000))
    assert next_look(state, NOTIFY, at(2000)) == at(2060)
    state = after(state, [], NOTIFY, at(2060))
    assert [alert.count for alert in state.pending] == [9]


def test_what_is_met_together_is_told_under_ids_of_its_own() -> None:
    """The auditor may come for several ends of a task at once; receivers drop what they have seen by its id."""
    state = after(UNTOLD, [event("F", 0), event("F", 1)], NOTIFY, at(9))
    first = state.pending[0].id
    state = delivered(begun(state, at(9)), {first: {Way.WEBHOOK: None}}, at(9))
    [second] = after(state, [], NOTIFY, at(109)).pending
    assert second.id != first


def test_who_takes_trouble_and_refuses_recoveries_makes_no_state_without_end() -> None:
    state = UNTOLD
    for n in range(20):
        state = after(state, [event("F", 200 * n), event("R", 200 * n + 1)], NOTIFY, at(200 * n + 1))
        came_to = {a.id: None if a.kind is Happening.FAILED else "no" for a in ripe(state, at(200 * n + 1))}
        state = delivered(state, {name: {Way.WEBHOOK: why} for name, why in came_to.items()}, at(200 * n + 1))
    assert [alert.last_due for alert in state.pending] == [at(200 * n + 1) for n in range(20)][-MOST_RECOVERIES:]


def test_whoever_delivers_is_left_alone_meanwhile() -> None:
    state = begun(after(UNTOLD, [event("F", 0)], NOTIFY, at(0)), at(0))
    assert ripe(state, at(60)) == ()
    assert len(ripe(state, at(121))) == 1


def test_a_way_that_is_taken_away_is_owed_nothing() -> None:
    state = after(UNTOLD, [event("F", 0)], NOTIFY, at(0))
    assert still_wanted(state, Notify(on=NOTIFY.on, addresses={Way.SNS: "arn"})).pending == ()
    assert still_wanted(state, NOTIFY) == state


def test_a_state_is_read_as_it_was_written() -> None:
    state = told("F0 F10 F20")[1]
    assert from_record(to_record(state), state.version) == state
    assert from_record(to_record(UNTOLD), 0) == UNTOLD


@pytest.mark.parametrize("status", list(RunStatus))
def test_only_ends_that_an_owner_wants_to_be_told_leave_a_cue(status: RunStatus) -> None:
    run = make_run(at(60), status)
    ends = {
        RunStatus.FAILED: "failed",
        RunStatus.TIMED_OUT: "failed",
        RunStatus.LOST: "failed",
        RunStatus.MISSED: "missed",
        RunStatus.SUCCEEDED: "recovered",
    }
    assert cue_of(make_task(every(60)), run, at(61)) is None
    wants = make_task(every(60), notify={"webhook": "https://example.com/"})
    cue = cue_of(wants, run, at(61))
    assert (cue and str(cue.hint)) == ends.get(status)
    assert cue is None or (Cue.from_key(cue.key, 0) == cue and bears_out(run, cue))
    for hint in ("failed", "missed", "recovered", "did_not_run"):
        told_of = make_task(every(60), notify={"on": [hint, "missed"], "webhook": "https://example.com/"})
        found = cue_of(told_of, run, at(61))
        assert (found is not None) == (ends.get(status) in (hint, "missed"))


def test_a_due_time_is_looked_at_when_its_grace_is_over() -> None:
    task = make_task(every(60), notify={"webhook": "https://example.com/", "grace_seconds": 600})
    cue = unstarted(task, at(60))
    assert cue is not None
    assert (cue.at, cue.hint) == (at(660), Hint.UNSTARTED)
    assert unstarted(make_task(every(60)), at(60)) is None


def test_a_letter_of_many_is_not_too_large_for_sns_and_its_title_is_plain() -> None:
    state = after(
        UNTOLD, [Event(task_id="t", name="1", kind=Happening.FAILED, due_at=at(0), output="ä" * 512)], NOTIFY, at(0)
    )
    subjects = [Subject(task_id="t", name="näme " * 20, alert=state.pending[0])] * MOST_TOGETHER
    made = letter(subjects, at(0))
    assert len(str(made.body).encode()) < 256 * 1024
    assert len(made.title) == 100
    assert made.title.isascii()
    assert made.id == letter(subjects, at(9)).id != state.pending[0].id


@pytest.mark.parametrize("character", ["x", "\N{PILE OF POO}", "\x01"])
def test_alerts_with_much_to_say_go_in_letters_that_sns_takes(character: str) -> None:
    error = RunError(code="exit_code", detail=character * 2048)
    broke = Event(
        task_id="t",
        name="1",
        kind=Happening.FAILED,
        due_at=at(0),
        error=error,
        output=character * (1024 // len(character.encode())),
    )
    [alert] = after(UNTOLD, [broke], NOTIFY, at(0)).pending
    subjects = [Subject(task_id=f"t{n}", name=character * 200, alert=alert) for n in range(2 * MOST_TOGETHER)]
    letters = bundles(subjects)
    assert [subject for some in letters for subject in some] == subjects
    written = [json.dumps(letter(some, at(0)).body, ensure_ascii=False) for some in letters]
    assert max(len(text.encode()) for text in written) < 256 * 1024
    assert max(len(some) for some in letters) <= MOST_TOGETHER
