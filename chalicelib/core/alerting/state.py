"""What was told about a task and what is still to be told, and how one happening changes that.

Trouble is told at once, and then not again before the task's cool-down is over: until then it is counted, and the alert
that comes after it says how much there was. A recovery is told once, if the trouble before it was.

An alert that could not be delivered is tried again, later each time, for a day. Meanwhile further trouble of the task
is counted, so that a broken receiver is owed one alert of trouble at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.alerting.policy import Happening, Notify, Way
from chalicelib.core.instant import to_ms
from chalicelib.core.run import RunError

MOST_SEEN = 50
"""Happenings that are remembered: one that is handled again after a crash is not counted twice."""
AT_IT = timedelta(minutes=2)
"""How long whoever begins to deliver is left alone: ten times as long as it may take."""
SOONEST = timedelta(minutes=1)
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP = timedelta(hours=24)
"""After an alert was made, it is not tried any more."""
MOST_RECOVERIES = 5
"""That wait to be delivered, the latest of them: who takes trouble and refuses recoveries must not make a state grow
until it fits into no item any more."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that has happened to a task, and was looked up. `name` is the same however often it is looked up."""

    task_id: str
    name: str
    kind: Happening
    due_at: datetime
    count: int = 1
    run_id: str | None = None
    status: str | None = None
    error: RunError | None = None
    output: str = ""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something to tell: how often trouble was met, first and last, and the details of the last. `left` says in which
    ways it is still to be told; its `id` is its task's until it is to be told at all. `recovered_at` is the due time of
    a success that came after it, before it was told."""

    id: str
    kind: Happening
    first_due: datetime
    last_due: datetime
    count: int
    made_at: datetime
    run_id: str | None = None
    status: str | None = None
    error: RunError | None = None
    output: str = ""
    recovered_at: datetime | None = None
    left: frozenset[Way] = frozenset()
    tries: int = 0
    next_try: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AlertState:
    """How a task stands with its owner. `failing_since` is the first due time of the trouble that was told and is not
    over; `told_at` begins the cool-down; `held` is what came during it. `again_at` is when somebody looks again."""

    version: int = 0
    failing_since: datetime | None = None
    told_at: datetime | None = None
    held: Alert | None = None
    pending: tuple[Alert, ...] = ()
    seen: tuple[str, ...] = ()
    again_at: datetime | None = None
    delivered_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None

    @property
    def troubled(self) -> bool:
        """Whether a success would be news."""
        return self.failing_since is not None or (self.held is not None and self.held.recovered_at is None)


UNTOLD = AlertState()


def after(state: AlertState, events: Collection[Event], notify: Notify, now: datetime) -> AlertState:
    """The state after some happenings and by now, with everything pending that is to be told.

    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> notify = Notify(on=frozenset(Happening), addresses={Way.SNS: "arn"})
    >>> first, second = (Event(task_id="t", name=n, kind=Happening.FAILED, due_at=now) for n in "ab")
    >>> told = after(UNTOLD, [first], notify, now)
    >>> len(told.pending), after(told, [first], notify, now) == told
    (1, True)
    >>> counted = after(delivered(told, {told.pending[0].id: {Way.SNS: None}}, now), [second], notify, now)
    >>> len(counted.pending), counted.held.count
    (0, 1)
    >>> after(counted, [], notify, now + notify.cooldown).pending[0].count
    1
    """
    for event in events:
        if event.name not in state.seen and event.kind in notify.on:
            state = replace(state, seen=(*state.seen, event.name)[-MOST_SEEN:])
            recovered = event.kind is Happening.RECOVERED
            state = _recovered(state, event, notify, now) if recovered else _held(state, event, now)
            state = _ripened(state, notify, now)
    return _ripened(state, notify, now)


def _held(state: AlertState, event: Event, now: datetime) -> AlertState:
    """Trouble is counted with what is held of it already; the details are those of the latest."""
    made, before = _alert(event, now), state.held
    if before is not None:
        made = replace(made, first_due=min(before.first_due, made.first_due), count=before.count + made.count)
    return replace(state, held=made)


def _recovered(state: AlertState, event: Event, notify: Notify, now: datetime) -> AlertState:
    """A success after trouble that was told is told, with what was counted since. Otherwise it is noted on the trouble
    that is still to be told."""
    held = state.held
    if state.failing_since is None:
        return state if held is None else replace(state, held=replace(held, recovered_at=event.due_at))
    count = 0 if held is None else held.count
    made = replace(_alert(event, now), first_due=state.failing_since, count=count)
    return _owed(replace(state, failing_since=None, held=None), made, notify, now)


def _ripened(state: AlertState, notify: Notify, now: datetime) -> AlertState:
    """What is held becomes something to tell, unless the cool-down goes on or earlier trouble is still to be told."""
    held = state.held
    if held is None or _troubling(state):
        return state
    if state.told_at is not None and now < state.told_at + notify.cooldown:
        return state
    since = state.failing_since or held.first_due
    told = replace(state, held=None, told_at=now, failing_since=None if held.recovered_at else since)
    return _owed(told, held, notify, now)


def _troubling(state: AlertState) -> bool:
    """Whether trouble of an earlier time is still to be told."""
    return any(alert.kind is not Happening.RECOVERED for alert in state.pending)


def _alert(event: Event, now: datetime) -> Alert:
    return Alert(
        id=event.task_id,
        kind=event.kind,
        first_due=event.due_at,
        last_due=event.due_at,
        count=event.count,
        made_at=now,
        run_id=event.run_id,
        status=event.status,
        error=event.error,
        output=event.output,
    )


def _owed(state: AlertState, alert: Alert, notify: Notify, now: datetime) -> AlertState:
    """The state with something more to tell. Only now it gets the id that it keeps: of each kind there is one at an
    instant, whereas what is held may have been met together with what was told."""
    name = f"alert_{alert.id}_{alert.kind}_{to_ms(now)}"
    owed = replace(alert, id=name, made_at=now, left=frozenset(notify.addresses), next_try=now)
    return replace(state, pending=_bounded((*state.pending, owed)))


def _bounded(pending: Sequence[Alert]) -> tuple[Alert, ...]:
    """What waits to be delivered, without the oldest recoveries where there are very many. Of trouble there is one."""
    recoveries = [alert.id for alert in pending if alert.kind is Happening.RECOVERED]
    gone = set(recoveries[:-MOST_RECOVERIES])
    return tuple(alert for alert in pending if alert.id not in gone)


def ripe(state: AlertState, now: datetime) -> tuple[Alert, ...]:
    """The alerts that it is time to deliver."""
    return tuple(alert for alert in state.pending if alert.next_try is None or alert.next_try <= now)


def begun(state: AlertState, now: datetime) -> AlertState:
    """The state while what is ripe is being delivered: nobody else begins as well."""
    mine = {alert.id for alert in ripe(state, now)}
    pending = tuple(
        replace(alert, tries=alert.tries + 1, next_try=now + AT_IT) if alert.id in mine else alert
        for alert in state.pending
    )
    return replace(state, pending=pending)


def delivered(state: AlertState, sent: Mapping[str, Mapping[Way, str | None]], now: datetime) -> AlertState:
    """The state after alerts (by their ids) were delivered, or refused, in some ways: why, where it was refused."""
    for alert in state.pending:
        if alert.id in sent:
            state = _delivered(state, alert, sent[alert.id], now)
    return state


def _delivered(state: AlertState, alert: Alert, ways: Mapping[Way, str | None], now: datetime) -> AlertState:
    refusals = [why for why in ways.values() if why is not None]
    left = replace(
        alert,
        left=alert.left - {way for way, why in ways.items() if why is None},
        next_try=now + min(FIRST_WAIT * 2 ** max(0, alert.tries - 1), LONGEST_WAIT),
    )
    keep = left.left and now < alert.made_at + GIVE_UP
    pending = tuple(left if one is alert else one for one in state.pending if keep or one is not alert)
    state = replace(state, pending=pending)
    if len(refusals) < len(ways):
        state = replace(state, delivered_at=now)
    return state if not refusals else replace(state, refused_at=now, refusal=refusals[0])


def still_wanted(state: AlertState, notify: Notify) -> AlertState:
    """The state without what is to be told in ways in which its owner wants to be told no more."""
    kept = (replace(alert, left=alert.left & frozenset(notify.addresses)) for alert in state.pending)
    return replace(state, pending=tuple(alert for alert in kept if alert.left))


def next_look(state: AlertState, notify: Notify, now: datetime) -> datetime | None:
    """When there is something to be done again, not before the next minute; None where nothing waits."""
    looks = [alert.next_try for alert in state.pending if alert.next_try is not None]
    if state.held is not None and state.told_at is not None and not _troubling(state):
        looks.append(state.told_at + notify.cooldown)
    return max(min(looks), now + SOONEST) if looks else None
