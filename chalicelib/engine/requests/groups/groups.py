"""Groups of the caller: made, looked at, cancelled and retried; an admin's are everybody's."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.core.errors import Conflict, IllegalMove, NotFound, PunctualError
from chalicelib.core.groups.group import Group, GroupState, Order
from chalicelib.core.instant import floor_ms
from chalicelib.core.message import RunMessage
from chalicelib.core.people.account import User, may_see
from chalicelib.core.task import Channel
from chalicelib.engine.groups.looking_after import LookingAfter
from chalicelib.engine.requests.acting import acted
from chalicelib.engine.requests.answers import Asked
from chalicelib.engine.requests.groups.defining import Defining
from chalicelib.engine.requests.ids import id_from, new_id
from chalicelib.engine.requests.people.limits import Limits
from chalicelib.engine.requests.tasks.catalog import Catalog
from chalicelib.engine.requests.visibility import visible_owner
from chalicelib.logs import log
from chalicelib.ports import Clock, Page, Placed, Queue
from chalicelib.ports.whole import WholeStore

RETENTION_DAYS = 30
AT_ONCE = 3
"""Sections that the request itself starts, so that a small group begins at once; a worker starts the others."""
WITHIN = timedelta(seconds=3)
"""How long a request works on starting or sweeping; a worker goes on."""
TRIES = 20
MOST_PAGES = 10


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Somebody else's group answers like a missing one: `NotFound`."""

    store: WholeStore
    queue: Queue
    clock: Clock
    catalog: Catalog
    looking_after: LookingAfter
    limits: Limits

    def group(self, caller: User, group_id: str) -> Group:
        """One group that the caller may see."""
        group = self.store.group(group_id)
        if group is None or not may_see(caller, group.owner):
            raise NotFound("there is no such group")
        return group

    def groups(
        self,
        caller: User,
        *,
        limit: int,
        after: str | None = None,
        states: AbstractSet[GroupState] = frozenset(),
        owner: str | None = None,
    ) -> Page[Group]:
        """An account's groups in some states (any, for none), newest first: the caller's, or those of an owner whom the
        caller may see. One state that few are in is not looked for without end: the page says where to go on."""
        whose = visible_owner(self.store, caller, owner)
        for _ in range(MOST_PAGES):
            page = self.store.groups_of(whose, limit=limit, after=after)
            found, after = tuple(group for group in page.items if not states or group.state in states), page.after
            if found or after is None:
                break
        return Page(items=found, after=after)

    def create(self, caller: User, data: Mapping[str, Any], *, asked: Asked | None = None) -> Group:
        """Make a group of checked JSON and begin it. A request that comes again finds the group that it made.

        1. its members, and the tasks that it defines, are written: nobody sees them yet;
        2. the group, with an entry that has a worker look after it, in one transaction: from here on it runs;
        3. the first members are started at once, and a worker is called for the others.
        """
        now = floor_ms(self.clock.now()) if asked is None else asked.begun_at
        group_id = new_id(now) if asked is None else id_from(asked.begun_at, bytes.fromhex(asked.name))
        made = self.store.group(group_id) if asked is not None and asked.again else None
        if made is not None:
            return made
        days = data.get("retention_days", RETENTION_DAYS)
        defined = Defining(catalog=self.catalog).define(caller, group_id, now, data, days)
        group = Group(
            id=group_id,
            owner=caller.id,
            name=data["name"],
            order=Order(data.get("order", Order.PARALLEL)),
            total=len(defined.members),
            created_at=now,
            began_at=now,
            retention=timedelta(days=days),
            token=secrets.token_hex(8),
            then=defined.followers.get("then"),
            on_failure=defined.followers.get("on_failure"),
        )
        self.limits.members(caller, group.total)
        self.store.put_members(group, defined.members, defined.tasks)
        if not self.store.create_group(group, self._entry(group)):
            return self.group(caller, group_id)
        self._go_on(group)
        return self.store.group(group_id) or group

    def cancel(self, caller: User, group_id: str) -> Group:
        """End a group that runs: nothing of it starts any more, what is at work is cancelled as a single run is, and
        nothing follows. `Conflict` where it has ended already."""
        now = floor_ms(self.clock.now())
        group = self._moved(
            caller, group_id, lambda group: group.ended(GroupState.CANCELLED, secrets.token_hex(8), now, None)
        )
        self._go_on(group)
        acted(caller, group.owner, "cancel_group", group_id)
        return self.store.group(group_id) or group

    def retry(self, caller: User, group_id: str) -> Group:
        """Begin a group anew that has not succeeded: those of its members that have stay as they are, and the others
        run again; of a chain, from the first of them on. `Conflict` where it runs, has succeeded, or is still being
        cancelled."""
        group = self._moved(caller, group_id, lambda group: self._again(caller, group))
        self._go_on(group)
        acted(caller, group.owner, "retry_group", group_id)
        return self.store.group(group_id) or group

    def _again(self, caller: User, group: Group) -> Group:
        if group.state is GroupState.CANCELLED and not group.swept:
            raise Conflict("this group is still being cancelled: try again in a minute")
        again = group.begun_again(secrets.token_hex(8), floor_ms(self.clock.now()))
        self.limits.members(caller, group.total)
        return again

    def _moved(self, caller: User, group_id: str, move: Callable[[Group], Group]) -> Group:
        """Write the moved group, with an entry that has a worker look after it, over the group as it was read; read
        again where a race was lost."""
        for _ in range(TRIES):
            group = self.group(caller, group_id)
            try:
                moved = move(group)
            except IllegalMove as error:
                raise Conflict(f"this group is {group.state}: it {error}") from error
            if self.store.replace_group(moved, token=group.token, entry=self._entry(moved)) is None:
                return moved
        raise Conflict("the group changes all the time: try again")

    def _entry(self, group: Group) -> Placed:
        return self.looking_after.entry_for(group, self.clock.now())

    def _go_on(self, group: Group) -> None:
        """Do as much as a request has time for, and call a worker for the rest. Whatever goes wrong here, the group's
        entry is in the agenda."""
        end = self.clock.elapsed() + WITHIN
        try:
            if not self.looking_after.go_on(group, end=end, most=AT_ONCE, direct=True):
                entry = self._entry(group).entry
                message = RunMessage(entry=entry, owner="", task_name="", channel=Channel.LIGHT)
                self.queue.send_runs([message], self.clock.now())
        except PunctualError as error:
            log("group_left", logging.WARNING, group_id=group.id, reason=str(error))
