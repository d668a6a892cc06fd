"""What is kept in memory, and the lock before it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import count
from threading import RLock

from chalicelib.core.alerting.cues import Cue
from chalicelib.core.alerting.state import AlertState
from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.groups.group import Group, Member
from chalicelib.core.groups.marks import Mark
from chalicelib.core.in_code import Kept
from chalicelib.core.people.account import Answer, Invitation, Token, User
from chalicelib.core.people.acts import Act
from chalicelib.core.people.rates import Counter
from chalicelib.core.people.usage import Usage
from chalicelib.core.run import Run
from chalicelib.core.task import Task
from chalicelib.core.window import Entry, LateEntry, late_key, window_key, window_of
from chalicelib.ports import Audited, Control, Placed, Told


class InMemory:
    """Every table, by keys that are DynamoDB's. Whoever reads or writes holds the lock."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tasks: dict[str, Task] = {}
        self._windows: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
        self._late: defaultdict[str, dict[str, LateEntry]] = defaultdict(dict)
        self._control: dict[str, Control] = {}
        self._shards = 0
        self._audited = Audited()
        self._runs: defaultdict[str, dict[str, Run]] = defaultdict(dict)
        self._slots: dict[str, Slot] = {}
        self._groups: dict[str, Group] = {}
        self._sections: dict[tuple[str, int], tuple[tuple[Member, ...], set[Mark]]] = {}
        self._users: dict[str, User] = {}
        self._names: dict[str, str] = {}
        self._admins: frozenset[str] = frozenset()
        self._invitations: dict[str, Invitation] = {}
        self._tokens: dict[tuple[str, str], Token] = {}
        self._answers: dict[tuple[str, str], tuple[Answer, datetime]] = {}
        self._calendars: dict[tuple[str, str], Calendar] = {}
        self._counted: defaultdict[Counter, int] = defaultdict(int)
        self._installation_key = b""
        self._in_code: dict[str, Kept] = {}
        self._acts: defaultdict[str, dict[str, Act]] = defaultdict(dict)
        self._usages: dict[str, tuple[Usage, datetime | None]] = {}
        self._cues: dict[tuple[int, str], Cue] = {}
        self._alert_states: dict[Told, AlertState] = {}
        self._letter_key = b""
        self._nonces = count(1)

    def _put_entry(self, placed: Placed | None) -> None:
        """Write an entry as part of something that is written under the lock."""
        if placed is None:
            return
        entry = placed.entry
        if placed.late:
            self._late[late_key(placed.shard)][entry.key] = LateEntry(entry=entry, nonce=str(next(self._nonces)))
        else:
            self._windows[window_key(window_of(entry.start), placed.shard)][entry.key] = entry
