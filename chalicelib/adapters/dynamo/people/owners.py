"""What the engine knows of an owner: two attributes of an account, in the table `accounts`."""

from __future__ import annotations

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, write
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.people.rights import Rights


class DynamoOwners(OnDynamo):
    """Reads are strongly consistent."""

    def rights(self, user_id: str) -> Rights | None:
        """What a user is allowed, read without anything else about them: the workers' roles allow no more."""
        key = user_key(user_id)
        item = self._calls.get(AccountItem, key, "can_run_commands", "can_call_aws", "v")
        return None if item is None else read_one(AccountItem, key | item, rights_of)


def user_key(user_id: str) -> Item:
    """The key of a user's item."""
    return write(AccountItem, owner=user_id, id="user")


def rights_of(item: Item) -> Rights:
    """Accounts of the first version do not say whether they may call AWS: nobody has allowed it."""
    values = read(AccountItem, item)
    return Rights(can_run_commands=values["can_run_commands"], can_call_aws=values.get("can_call_aws", False))
