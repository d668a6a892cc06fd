"""What owners are told, in the table `accounts`.

owner               id                                          holds
alerts#due#<shard>  <at ms>#<task id>#<hint>#<due ms>#<number>  a cue: its key says everything
alerts#of#<user>    <task id>                                   how the task stands with its owner
alerts#key          key                                         what the keys of all owners' letters are made from

Cues stand under the shard of their task, so that they spread as everything else does, and the auditor finds those that
are due by one query for each shard. All of it begins with `alerts#`: a role can be given this and nothing else of the
table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.dynamo.people.own_key import own_key
from chalicelib.adapters.keys import due_key
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.alerting.cues import Cue
from chalicelib.core.alerting.state import AlertState
from chalicelib.core.alerting.written import from_record, to_record
from chalicelib.core.instant import LATEST
from chalicelib.ports import Told

CUES_KEPT = timedelta(days=35)
"""A cue is handled within hours; one that nobody could handle is of no use any more."""
STATES_KEPT = timedelta(days=400)
"""After its last change: longer than a yearly task needs to recover, and then nobody asks about it any more."""
_KEY = {"owner": "alerts#key", "id": "key"}


class DynamoAlerts(OnDynamo):
    """Reads are strongly consistent."""

    def put_cues(self, cues: Sequence[Cue]) -> None:
        """Write cues; one that is there already stays."""
        items = list({(cue.shard, cue.key): _cue_item(cue) for cue in cues}.values())
        if len(items) == 1:
            self._calls.put(AccountItem, items[0])
        else:
            self._calls.put_many(AccountItem, items)

    def cues(self, shard: int, *, until: datetime, limit: int, after: Cue | None = None) -> list[Cue]:
        """The cues of a shard that are to be looked at until an instant, the oldest first, from after one on. What is
        none, or is one of a newer version, does not count: it must not stand before the others for ever."""
        end = f"{due_key(until)}$"  # sorts right after every key of that very instant
        where = (AccountItem.owner == _due(shard)) & (AccountItem.id < end)
        begin = None if after is None else _cue_key(after)
        items = self._calls.query(AccountItem, where, page=limit, after=begin)
        return list(islice(readable(AccountItem, items, lambda item: Cue.from_key(item["id"]["S"], shard)), limit))

    def drop_cues(self, cues: Sequence[Cue]) -> None:
        """Delete cues; gone already is well."""
        self._calls.side_by_side(lambda cue: self._calls.delete(AccountItem, _cue_key(cue)), cues)

    def alert_states(self, told: Sequence[Told]) -> dict[Told, AlertState]:
        """How these tasks stand with these owners; of which nothing has ever been told are left out."""
        if len(told) == 1:
            item = self._calls.get(AccountItem, _key(*told[0]))
            return {} if item is None else {told[0]: read_one(AccountItem, item, _state)}
        keys = {(f"alerts#of#{owner}", task_id): (owner, task_id) for owner, task_id in told}
        items = list(self._calls.get_many(AccountItem, [_key(*one) for one in keys.values()]))
        return {keys[item["owner"]["S"], item["id"]["S"]]: read_one(AccountItem, item, _state) for item in items}

    def put_alert_state(self, owner: str, task_id: str, state: AlertState) -> bool:
        """Write a state over its previous version. False: lost."""
        values = {"version": state.version, "alert": to_record(state), "expires_at": _expiry(state)}
        item = numbered(AccountItem, _key(owner, task_id) | write(AccountItem, **values))
        new = state.version == 1
        condition = AccountItem.owner.does_not_exist() if new else AccountItem.version == state.version - 1
        try:
            self._calls.put(AccountItem, item, condition)
        except ConditionFailed as error:
            return error.found == item  # an earlier try of this very write, whose answer was lost
        return True

    def drop_alert_state(self, owner: str, task_id: str) -> None:
        """Delete a state; gone already is well."""
        self._calls.delete(AccountItem, _key(owner, task_id))

    def letter_key(self, fresh: bytes) -> bytes:
        """The key of this installation's letters: the one that there is, or else `fresh` from now on."""
        return own_key(self._calls, _KEY, fresh)


def _due(shard: int) -> str:
    return f"alerts#due#{shard}"


def _key(owner: str, task_id: str) -> Item:
    return write(AccountItem, owner=f"alerts#of#{owner}", id=task_id)


def _cue_key(cue: Cue) -> Item:
    return write(AccountItem, owner=_due(cue.shard), id=cue.key)


def _cue_item(cue: Cue) -> Item:
    return numbered(AccountItem, _cue_key(cue) | write(AccountItem, expires_at=cue.at + CUES_KEPT))


def _expiry(state: AlertState) -> datetime:
    """Counted from the latest instant that the state knows of."""
    known = [state.told_at, state.delivered_at, state.refused_at, state.again_at]
    known += [alert.last_due for alert in (*state.pending, *filter(None, [state.held]))]
    latest = max((instant for instant in known if instant is not None), default=LATEST)
    return latest + STATES_KEPT


def _state(item: Item) -> AlertState:
    values = read(AccountItem, item)
    return from_record(values["alert"], values["version"])
