"""The audit logs, in the table `accounts`.

owner                  id                 holds
audit#<owner>#<month>  <at ms>#<act id>   who did what, for ninety days

A log has a partition for each month: it grows with what one account does in it and no further, and a page of it is a
query of one or two. An account writes to its own alone; its limits keep it far below what a partition takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.items import Item, read, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.keys import due_key, known_place, place
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.instant import from_ms
from chalicelib.core.people.acts import Act, Origin
from chalicelib.ports import Page


class DynamoActs(OnDynamo):
    """Acts by owner and month."""

    def put_act(self, act: Act, expires_at: datetime) -> None:
        """Write an act into its owner's log, until it expires."""
        key = {"owner": _log_of(act.owner, act.at), "id": place(due_key(act.at), act.id)}
        item = write(AccountItem, **key, act=_record(act), expires_at=expires_at)
        self._calls.put(AccountItem, numbered(AccountItem, item))

    def acts_of(self, owner: str, *, limit: int, after: str | None, since: datetime, until: datetime) -> Page[Act]:
        """An owner's acts within [since, until], newest first."""
        before = f"{due_key(until)}$"  # sorts right after every key of that very instant
        if after is not None:
            due, act_id = known_place(after)
            before = min(before, place(due, act_id))
        rows = takewhile(lambda item: item["id"]["S"] >= due_key(since), self._rows(owner, before, since, limit + 1))
        items = list(islice(rows, limit + 1))
        found = readable(AccountItem, items[:limit], _act_of)
        return Page(items=tuple(found), after=items[limit - 1]["id"]["S"] if len(items) > limit else None)

    def _rows(self, owner: str, before: str, since: datetime, page: int) -> Iterator[Item]:
        """The rows of an owner's log before a key, newest first, month by month."""
        month = from_ms(int(before[:13])).replace(day=1)
        while month >= since.replace(day=1, hour=0, minute=0, second=0, microsecond=0):
            where = (AccountItem.owner == _log_of(owner, month)) & (AccountItem.id < before)
            yield from self._calls.query(AccountItem, where, page=page, newest_first=True)
            month = (month - timedelta(days=1)).replace(day=1)


def _log_of(owner: str, at: datetime) -> str:
    return f"audit#{owner}#{at:%Y-%m}"


def _record(act: Act) -> dict[str, Any]:
    """All but what the key says."""
    given = {
        "owner": act.owner,
        "actor": act.actor,
        "actor_name": act.actor_name,
        "action": act.action,
        "target": act.target,
        "status": act.status,
        "source": act.origin.source,
        "by": act.origin.by,
        "token_id": act.origin.token_id,
        "request_id": act.origin.request_id,
    }
    return {name: value for name, value in given.items() if value is not None}


def _act_of(item: Item) -> Act:
    values = read(AccountItem, item)
    at, _, act_id = values["id"].partition("#")
    kept: dict[str, Any] = values["act"]
    origin = Origin(source=kept["source"], by=kept["by"], request_id=kept["request_id"], token_id=kept.get("token_id"))
    return Act(
        id=act_id,
        at=from_ms(int(at)),
        owner=kept["owner"],
        actor=kept.get("actor"),
        actor_name=kept.get("actor_name"),
        action=kept["action"],
        target=kept["target"],
        status=kept["status"],
        origin=origin,
    )
