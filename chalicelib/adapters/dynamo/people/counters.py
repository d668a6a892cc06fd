"""Counters, in the table `accounts`.

owner               id              holds
rate#<rate>#<whom>  <begin of it>   how often it was done in a period, until a while after its end

Each period is an item of its own: nothing has to be reset, and what is over is removed by its time to live.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed
from chalicelib.adapters.dynamo.ground.items import Item, read, write
from chalicelib.adapters.dynamo.ground.schema import say_form
from chalicelib.adapters.keys import digest, due_key
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.people.rates import Counter

KEPT = timedelta(hours=1)
"""After its period a counter says nothing; a clock that is behind may still ask for it."""


class DynamoCounters(OnDynamo):
    """One conditional write each, and nothing is read first."""

    def count(self, counter: Counter, most: int) -> int | None:
        """Count one more: what it has come to. None: it had come to `most`, and nothing was counted. One whose answer
        was lost may be counted twice."""
        key = _key(counter)
        lasts = AccountItem.expires_at.set(counter.ends + KEPT)
        one_more = [AccountItem.counted.add(1), lasts, say_form(AccountItem, key)]
        room = AccountItem.counted.does_not_exist() | (AccountItem.counted < most)
        try:
            changed = self._calls.update(AccountItem, key, one_more, room)
        except ConditionFailed:
            return None
        counted: int = read(AccountItem, changed)["counted"]
        return counted

    def uncount(self, counter: Counter) -> None:
        """Take one back; nothing where nothing is counted."""
        with suppress(ConditionFailed):
            self._calls.update(AccountItem, _key(counter), [AccountItem.counted.add(-1)], AccountItem.counted > 0)


def _key(counter: Counter) -> Item:
    """The digest of whom it is about: a name that somebody only tries may be anything."""
    whom = f"rate#{counter.rate}#{digest(counter.of)}"
    return write(AccountItem, owner=whom, id=due_key(counter.begins))
