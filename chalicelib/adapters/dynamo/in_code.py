"""Schedules in code, as they are remembered, in the table `accounts`.

owner         id           holds
installation  code#<name>  what the code said last of a schedule, and the task that was made of it
"""

from __future__ import annotations

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed
from chalicelib.adapters.dynamo.ground.items import Item, read, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.keys import INSTALLATION
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.in_code import Kept

_CODE = "code#"
_PAGE = 100


class DynamoInCode(OnDynamo):
    """Reads are strongly consistent."""

    def schedules_in_code(self) -> list[Kept]:
        """All that is remembered, in the order of names."""
        where = (AccountItem.owner == INSTALLATION) & AccountItem.id.startswith(_CODE)
        return list(readable(AccountItem, self._calls.query(AccountItem, where, page=_PAGE), _kept_of))

    def put_schedule_in_code(self, kept: Kept) -> bool:
        """Write what is remembered over its previous version (`kept.version - 1`), or the first. False: lost."""
        item = numbered(AccountItem, _item(kept))
        as_known = AccountItem.owner.does_not_exist() if kept.version == 1 else AccountItem.version == kept.version - 1
        try:
            self._calls.put(AccountItem, item, as_known)
        except ConditionFailed as error:
            return (error.found or self._calls.get(AccountItem, _key(kept.name))) == item
        return True

    def drop_schedule_in_code(self, name: str) -> None:
        """Forget a schedule; gone already is well."""
        self._calls.delete(AccountItem, _key(name))


def _key(name: str) -> Item:
    return write(AccountItem, owner=INSTALLATION, id=_CODE + name)


def _item(kept: Kept) -> Item:
    in_code = {"task": kept.task_id, "said": kept.said, "gone": kept.gone}
    return write(AccountItem, owner=INSTALLATION, id=_CODE + kept.name, version=kept.version, in_code=in_code)


def _kept_of(item: Item) -> Kept:
    values = read(AccountItem, item)
    found = values["in_code"]
    return Kept(
        name=values["id"].removeprefix(_CODE),
        task_id=found["task"],
        said=found["said"],
        gone=found["gone"],
        version=values["version"],
    )
