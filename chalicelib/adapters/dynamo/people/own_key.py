"""Secrets of the installation's own, in the table `accounts`: made when first needed, and the same ever after."""

from __future__ import annotations

from chalicelib.adapters.dynamo.ground.calls import Calls, ConditionFailed
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.tables import AccountItem


def own_key(calls: Calls, place: dict[str, str], fresh: bytes) -> bytes:
    """The key that stands in a place: the one that there is, or else `fresh` from now on."""
    key = write(AccountItem, **place)
    found = calls.get(AccountItem, key)
    if found is not None:
        return read_one(AccountItem, found, _key_in)
    made = numbered(AccountItem, write(AccountItem, **place, secret=fresh.hex()))
    try:
        calls.put(AccountItem, made, AccountItem.owner.does_not_exist())
    except ConditionFailed as error:  # somebody was quicker; or this request was, and its answer was lost
        return read_one(AccountItem, error.found or calls.get(AccountItem, key) or made, _key_in)
    return fresh


def _key_in(item: Item) -> bytes:
    return bytes.fromhex(read(AccountItem, item)["secret"])
