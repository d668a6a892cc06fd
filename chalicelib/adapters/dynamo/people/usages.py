"""What owners use, in the table `accounts`.

owner      id     holds
<user id>  usage  tasks, bytes and hourly runs, added up, and when they were last counted
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, write
from chalicelib.adapters.dynamo.ground.schema import numbered, say_form
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.people.usage import Usage


class DynamoUsages(OnDynamo):
    """What each owner uses, added up, and when it was last counted."""

    def use(self, owner: str, more: Usage, quota: Usage) -> bool:
        """Add to what an owner uses. False: it would be beyond the quota, and nothing was added. What was added and
        whose answer was lost may be added twice."""
        if not more.within(quota):
            return False
        added = [
            AccountItem.used_tasks.add(more.tasks),
            AccountItem.used_bytes.add(more.stored_bytes),
            AccountItem.used_runs.add(more.hourly_runs),
            say_form(AccountItem, _key(owner)),
        ]
        nothing_yet = AccountItem.used_tasks.does_not_exist()
        room = (
            (AccountItem.used_tasks <= quota.tasks - more.tasks)
            & (AccountItem.used_bytes <= quota.stored_bytes - more.stored_bytes)
            & (AccountItem.used_runs <= quota.hourly_runs - more.hourly_runs)
        )
        try:
            self._calls.update(AccountItem, _key(owner), added, nothing_yet | room)
        except ConditionFailed:
            return False
        return True

    def usages(self, owners: Sequence[str]) -> dict[str, Usage]:
        """What each of some owners uses, by the sum; who has never used anything is left out."""
        items = self._calls.get_many(AccountItem, [_key(owner) for owner in dict.fromkeys(owners)])
        return {item["owner"]["S"]: read_one(AccountItem, item, _usage) for item in items}

    def counted_at(self, owner: str) -> datetime | None:
        """When it was last counted what an owner uses."""
        item = self._calls.get(AccountItem, _key(owner))
        return None if item is None else read_one(AccountItem, item, _counted_at)

    def put_usage(self, owner: str, usage: Usage, now: datetime, *, seen: datetime | None) -> bool:
        """Write what was counted, unless somebody counted since `seen`. False: somebody did."""
        used = {"used_tasks": usage.tasks, "used_bytes": usage.stored_bytes, "used_runs": usage.hourly_runs}
        item = numbered(AccountItem, _key(owner) | write(AccountItem, **used, updated_at=now))
        as_seen = AccountItem.updated_at.does_not_exist() if seen is None else AccountItem.updated_at == seen
        try:
            self._calls.put(AccountItem, item, as_seen)
        except ConditionFailed as error:
            return error.found == item
        return True


def _counted_at(item: Item) -> datetime | None:
    found: datetime | None = read(AccountItem, item).get("updated_at")
    return found


def _usage(item: Item) -> Usage:
    found = read(AccountItem, item)
    return Usage(tasks=found["used_tasks"], stored_bytes=found["used_bytes"], hourly_runs=found["used_runs"])


def _key(owner: str) -> Item:
    return write(AccountItem, owner=owner, id="usage")
