"""What people's requests need beside what the engine does: a module of its own, so that no worker has to load it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.core.calendars.spans import Span
from chalicelib.core.groups.group import Group, Member
from chalicelib.core.task import Task
from chalicelib.ports import Store
from chalicelib.ports.accounts import Accounts, Acts, Counters, InCode, Installation, Usages
from chalicelib.ports.values import Page, Placed


class OwnGroups(Protocol):
    """Groups as their owners make and list them."""

    def put_members(self, group: Group, members: Sequence[Member], defined: Sequence[Task]) -> None:
        """Write the members of a group that is about to be made, and the tasks that were defined within it."""

    def create_group(self, group: Group, entry: Placed) -> bool:
        """Write a group into its owner's list, with the entry that has somebody look after it, all or nothing. False:
        there is a group with its id."""

    def groups_of(self, owner: str, *, limit: int, after: str | None) -> Page[Group]:
        """An owner's groups, newest first."""


class WholeStore(Store, OwnGroups, Accounts, Counters, Installation, InCode, Acts, Usages, Protocol):
    """The four tables, with all that the table `accounts` holds."""


class CalendarFile(Protocol):
    """Reads files that hold calendars."""

    def __call__(self, raw: bytes, now: datetime) -> tuple[Span, ...]:
        """The spans of its events around now, in order and apart. `Invalid` says in a sentence why there are none."""
