"""The audit log: who did what to what, from where and when, kept for ninety days.

An act is written after what it tells of, in a write of its own. Whoever would write both together would pay for a
transaction with every change; so a process that dies between the two leaves a change of which the log does not know.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.errors import NotAllowed
from chalicelib.core.instant import floor_ms
from chalicelib.core.people.account import Role, User
from chalicelib.core.people.acts import KEPT, NOBODY, Act, Origin
from chalicelib.core.task import Task
from chalicelib.engine.requests.ids import new_id
from chalicelib.logs import log
from chalicelib.ports import Clock, Page
from chalicelib.ports.whole import WholeStore

AHEAD = timedelta(minutes=1)
"""By so much may the clock of whoever wrote an act be before the reader's."""
UNAUTHORISED = 401
WRITTEN_WITHIN = timedelta(seconds=10)
"""An act is written by the request that did it."""
_CHANGE = re.compile(r"^(PATCH|PUT) |/update$|/create$|^POST /api/tasks$")
"""Acts besides `pause` that may leave a task paused."""
MOST_AT_ONCE = 50
"""Acts of those seconds that are looked through."""


@dataclass(frozen=True, kw_only=True)
class AuditLog:
    """The audit logs of this installation: one of each account."""

    store: WholeStore
    clock: Clock

    def record(
        self, origin: Origin, actor: User, action: str, target: str, status: int, *, owner: str | None = None
    ) -> None:
        """Write what somebody did into their own log, and into that of the owner of what it was done to, where that is
        somebody else. A write that fails is logged and fails nothing: what it tells of has been done."""
        for log_of in dict.fromkeys((actor.id, owner or actor.id)):
            self._write(origin, log_of, actor, (action, target, status))

    def refused(self, origin: Origin, username: str, action: str) -> None:
        """Write that somebody did not prove to be an account, into the log of that account.

        The name is kept of nobody who does not exist: it may be a password in the wrong field. It takes as many reads
        and writes either way.
        """
        try:
            owner = self._owner(username)
        except Exception as error:
            _failed(error, origin, action)
            return
        self._write(origin, owner, None, (action, "", UNAUTHORISED))

    def _owner(self, username: str) -> str:
        user = self.store.user_named(username)
        if user is None:
            self.store.user(NOBODY)  # a name that somebody has takes a second read
        return NOBODY if user is None else user.id

    def acts(
        self,
        caller: User,
        *,
        limit: int,
        owner: str | None = None,
        after: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[Act]:
        """What was done within [since, until], newest first: the caller's own log; an admin may read that of any
        `owner`."""
        owner = owner or caller.id
        if owner != caller.id and caller.role is not Role.ADMIN:
            raise NotAllowed("only an admin may read the audit log of another account")
        now = self.clock.now()
        first, last = now - KEPT, now + AHEAD
        first = first if since is None else max(first, since)
        last = last if until is None else min(last, until)
        return self.store.acts_of(owner, limit=limit, after=after, since=first, until=last)

    def of_pause(self, task: Task) -> Act | None:
        """Who paused a task that the caller was found to see, as its owner's log tells it: the act that was written
        right after the change. None where nobody knows any more."""
        paused_at = task.paused_at
        if paused_at is None:
            return None
        since, until = paused_at - WRITTEN_WITHIN / 10, paused_at + WRITTEN_WITHIN
        page = self.store.acts_of(task.owner, limit=MOST_AT_ONCE, after=None, since=since, until=until)
        acts = [act for act in reversed(page.items) if act.target.rpartition("/")[2] == task.id]
        pauses = [act for act in acts if act.action.endswith("/pause")]
        changes = [act for act in acts if _CHANGE.search(act.action)]
        return next(iter([*pauses, *changes]), None)

    def _write(self, origin: Origin, owner: str, actor: User | None, done: tuple[str, str, int]) -> None:
        now = floor_ms(self.clock.now())
        action, target, status = done
        act = Act(
            id=new_id(now),
            at=now,
            owner=owner,
            actor=None if actor is None else actor.id,
            actor_name=None if actor is None else actor.username,
            action=action,
            target=target,
            status=status,
            origin=origin,
        )
        try:
            self.store.put_act(act, now + KEPT)
        except Exception as error:
            _failed(error, origin, action)


def _failed(error: Exception, origin: Origin, action: str) -> None:
    log("audit_log_failed", logging.ERROR, failure=error, route=action, request_id=origin.request_id)
