"""What the installation itself has, in the table `accounts`.

owner         id   holds
installation  key  a secret of its own, made when it is first needed
"""

from __future__ import annotations

from chalicelib.adapters.dynamo.base import OnDynamo
from chalicelib.adapters.dynamo.calls import ConditionFailed
from chalicelib.adapters.dynamo.items import Item, read, read_one, write
from chalicelib.adapters.dynamo.schema import numbered
from chalicelib.adapters.tables import AccountItem

_KEY = {"owner": "installation", "id": "key"}


class DynamoInstallation(OnDynamo):
    """The installation's own key."""

    def installation_key(self, fresh: bytes) -> bytes:
        """The installation's own key: the one that there is, or else `fresh` from now on."""
        key = write(AccountItem, **_KEY)
        found = self._calls.get(AccountItem, key)
        if found is not None:
            return read_one(AccountItem, found, _key_in)
        made = numbered(AccountItem, write(AccountItem, **_KEY, secret=fresh.hex()))
        try:
            self._calls.put(AccountItem, made, AccountItem.owner.does_not_exist())
        except ConditionFailed as error:  # somebody was quicker; or this request was, and its answer was lost
            return read_one(AccountItem, error.found or self._calls.get(AccountItem, key) or made, _key_in)
        return fresh


def _key_in(item: Item) -> bytes:
    return bytes.fromhex(read(AccountItem, item)["secret"])
