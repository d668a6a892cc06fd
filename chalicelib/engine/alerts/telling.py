"""Telling: from what has happened to tasks to letters that were delivered.

For each task: read its state, decide (`core/alerting/state.py`), write the state with what is to be told, send, write
what came of it, and only then delete the cues. A crash anywhere leaves the cues, and whoever comes for them goes on:
an alert may be sent twice, under the same id, and is never forgotten.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from chalicelib.core.alerting.cues import Cue, Hint
from chalicelib.core.alerting.letter import Subject, bundles, letter
from chalicelib.core.alerting.policy import Notify, Way
from chalicelib.core.alerting.state import (
    UNTOLD,
    Alert,
    AlertState,
    Event,
    after,
    begun,
    delivered,
    next_look,
    ripe,
    still_wanted,
)
from chalicelib.core.errors import PunctualError
from chalicelib.core.instant import floor_ms
from chalicelib.core.task import Task
from chalicelib.engine.alerts.keys import LetterKeys
from chalicelib.logs import log
from chalicelib.ports import Clock, Notifier, Store

T = TypeVar("T")
TRIES = 5
"""A state that others change at the same time is read and decided about again, this often."""
SIDE_BY_SIDE = 16
"""Letters at the same time: each may take five seconds."""
BROKE = "the alert could not be sent because of a fault in Punctual"
NOT_ALLOWED = "the owner of this task may not call AWS: ask an admin"


@dataclass(frozen=True, kw_only=True)
class Matter:
    """A task, what has happened to it, and the cues that said so."""

    task: Task
    cues: tuple[Cue, ...]
    events: tuple[Event, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.task.owner, self.task.id


@dataclass(frozen=True, kw_only=True)
class _Owed:
    """A matter with alerts that are to be delivered now, and nobody else delivers."""

    matter: Matter
    notify: Notify
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, kw_only=True)
class _Envelope:
    """Alerts of one owner that go to one address."""

    owner: str
    way: Way
    address: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of telling: how many letters were sent, and how many of each owner's nobody took."""

    letters: int
    refused: Counter[str]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Tells owners. `notifiers` deliver letters, each in its way."""

    store: Store
    clock: Clock
    notifiers: Mapping[Way, Notifier]
    keys: LetterKeys

    def tell(self, matters: Iterable[Matter]) -> Told:
        """Tell everything that it is time to tell."""
        decided = [_unless_broken(matter, partial(self._decided, matter)) for matter in matters]
        owed = [one for one in decided if one is not None]
        envelopes = _envelopes(owed)
        refusals = self._all_sent(envelopes)
        came_to: dict[str, dict[Way, str | None]] = {}
        for envelope, refusal in zip(envelopes, refusals, strict=True):
            for subject in envelope.subjects:
                came_to.setdefault(subject.alert.id, {})[envelope.way] = refusal
        for one in owed:
            _unless_broken(one.matter, partial(self._conclude, one, came_to))
        refused = Counter(e.owner for e, why in zip(envelopes, refusals, strict=True) if why is not None)
        return Told(letters=len(envelopes), refused=refused)

    def _all_sent(self, envelopes: Sequence[_Envelope]) -> list[str | None]:
        """Why each letter was not taken; None where it was."""
        if len(envelopes) <= 1:
            return [self._sent(envelope) for envelope in envelopes]
        with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(envelopes)), thread_name_prefix="alert") as pool:
            return list(pool.map(self._sent, envelopes))

    def _decided(self, matter: Matter) -> _Owed | None:
        """What is to be delivered now, by us; it is stored before anything is sent. None: nothing, or nobody wants to
        be told any more, or others are at this task all the time and the cues are left for later."""
        notify = matter.task.definition.notify
        if notify is None:
            self.store.drop_cues(matter.cues)
            return None
        for _ in range(TRIES):
            now, before = self._now(), self._state(matter)
            new = still_wanted(after(before, matter.events, notify, now), notify)
            alerts = ripe(new, now)
            new = begun(new, now) if alerts else self._looked_at_again(matter.task, new, notify, now)
            if new == before or self._put(matter, new, before):
                if alerts:
                    return _Owed(matter=matter, notify=notify, alerts=alerts)
                self.store.drop_cues(matter.cues)
                return None
        return None

    def _conclude(self, owed: _Owed, came_to: Mapping[str, Mapping[Way, str | None]]) -> None:
        """Write what became of a task's alerts, and when somebody is to look again. Then its cues have done their
        work."""
        matter = owed.matter
        for _ in range(TRIES):
            now, before = self._now(), self._state(matter)
            new = delivered(before, {alert.id: came_to[alert.id] for alert in owed.alerts}, now)
            new = self._looked_at_again(matter.task, new, owed.notify, now)
            if new == before or self._put(matter, new, before):
                self.store.drop_cues(matter.cues)
                return

    def _looked_at_again(self, task: Task, state: AlertState, notify: Notify, now: datetime) -> AlertState:
        """The state with a cue standing for whatever waits in it."""
        look = next_look(state, notify, now)
        if look is None or (state.again_at is not None and now < state.again_at <= look):
            return state
        self.store.put_cues([Cue(at=look, task_id=task.id, hint=Hint.AGAIN, due_at=look, shard=task.shard)])
        return replace(state, again_at=look)

    def _state(self, matter: Matter) -> AlertState:
        return self.store.alert_states([matter.key]).get(matter.key, UNTOLD)

    def _put(self, matter: Matter, new: AlertState, before: AlertState) -> bool:
        return self.store.put_alert_state(*matter.key, replace(new, version=before.version + 1))

    def _sent(self, envelope: _Envelope) -> str | None:
        """Why a letter was not taken; None where it was."""
        try:
            refusal = self._refusal(envelope)
        except Exception as error:  # whatever it is: other owners' letters must go
            log("alert_left", logging.ERROR, failure=error, owner=envelope.owner)
            refusal = BROKE
        action, alerts = "alert_sent" if refusal is None else "alert_refused", len(envelope.subjects)
        log(action, owner=envelope.owner, way=envelope.way, alerts=alerts, reason=refusal)
        return refusal

    def _refusal(self, envelope: _Envelope) -> str | None:
        deliver = self.notifiers.get(envelope.way)
        if deliver is None:
            return f"this installation has no {envelope.way}"
        if envelope.way is Way.SNS and not self._may_call_aws(envelope.owner):
            return NOT_ALLOWED
        return deliver(envelope.address, letter(envelope.subjects, self._now()), self.keys.of(envelope.owner))

    def _may_call_aws(self, owner: str) -> bool:
        rights = self.store.rights(owner)
        return rights is not None and rights.can_call_aws

    def _now(self) -> datetime:
        return floor_ms(self.clock.now())


def _unless_broken(matter: Matter, do: Callable[[], T]) -> T | None:
    """What `do` makes of it. A task whose state cannot be read or written keeps nobody from the others: its cues
    are left for another time."""
    try:
        return do()
    except PunctualError as error:
        log("cue_left", logging.WARNING, task_id=matter.task.id, reason=str(error))
        return None


def _envelopes(owed: Sequence[_Owed]) -> list[_Envelope]:
    """Everything that goes from one owner's tasks to one address together."""
    together: dict[tuple[str, Way, str], list[Subject]] = {}
    for one in owed:
        task = one.matter.task
        for alert in one.alerts:
            subject = Subject(task_id=task.id, name=task.definition.name, alert=alert)
            for way in sorted(alert.left):
                together.setdefault((task.owner, way, one.notify.addresses[way]), []).append(subject)
    return [
        _Envelope(owner=owner, way=way, address=address, subjects=some)
        for (owner, way, address), subjects in together.items()
        for some in bundles(subjects)
    ]
