"""Groups as their owners make and list them.

owner           id          holds
groups#<owner>  <group id>  that there is such a group; it stands in the table `runs`
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from chalicelib.adapters.aws import chunks
from chalicelib.adapters.dynamo.agenda import entry_put
from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.ground.items import read_one, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.dynamo.groups import group_item, group_key, group_of, section_items
from chalicelib.adapters.dynamo.tasks import task_item
from chalicelib.adapters.keys import known_task_id
from chalicelib.adapters.tables import AccountItem, RunItem, TaskItem
from chalicelib.core.groups.group import SECTION, Group, Member
from chalicelib.core.task import Task
from chalicelib.ports import Page, Placed


class DynamoOwnGroups(OnDynamo):
    """A group is listed by the same transaction that makes it."""

    def put_members(self, group: Group, members: Sequence[Member], defined: Sequence[Task]) -> None:
        """Write the members of a group that is about to be made, and the tasks that were defined within it."""
        sections = enumerate(chunks(members, SECTION))
        self._calls.put_many(
            RunItem, [item for number, some in sections for item in section_items(group, number, some)]
        )
        self._calls.put_many(TaskItem, [task_item(task) for task in defined])

    def create_group(self, group: Group, entry: Placed) -> bool:
        """Write a group into its owner's list, with the entry that has somebody look after it, all or nothing. False:
        there is a group with its id."""
        listed = write(AccountItem, owner=_list_of(group.owner), id=group.id, expires_at=group.expires_at)
        new = Put(model=RunItem, item=group_item(group), condition=RunItem.task_id.does_not_exist())
        try:
            self._calls.put_together(new, Put(model=AccountItem, item=numbered(AccountItem, listed)), entry_put(entry))
        except ConditionFailed as error:
            found = None if error.found is None else read_one(RunItem, error.found, group_of)
            return found is not None and found.token == group.token
        return True

    def groups_of(self, owner: str, *, limit: int, after: str | None) -> Page[Group]:
        """An owner's groups, newest first."""
        where = AccountItem.owner == _list_of(owner)
        if after is not None:
            where &= AccountItem.id < known_task_id(after)
        rows = self._calls.query(AccountItem, where, page=limit + 1, newest_first=True)
        ids = [row["id"]["S"] for row in islice(rows, limit + 1)]
        items = self._calls.get_many(RunItem, [group_key(group_id) for group_id in ids[:limit]])
        found = sorted(readable(RunItem, items, group_of), key=lambda group: group.id, reverse=True)
        return Page(items=tuple(found), after=ids[limit - 1] if len(ids) > limit else None)


def _list_of(owner: str) -> str:
    return f"groups#{owner}"
