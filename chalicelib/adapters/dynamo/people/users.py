"""Accounts in the table `accounts`: users, their names, and who of them is an admin."""

from __future__ import annotations

from itertools import islice

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.dynamo.people.owners import rights_of, user_key
from chalicelib.adapters.dynamo.people.tokens import used_up
from chalicelib.adapters.keys import INSTALLATION, known_user_id
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.names import same_name
from chalicelib.core.people.account import Invitation, Role, User
from chalicelib.ports import Page

_FIRST = {"owner": INSTALLATION, "id": "first"}
_ADMINS = {"owner": INSTALLATION, "id": "admins"}
_LISTED = "user#"


class DynamoUsers(OnDynamo):
    """Reads are strongly consistent."""

    def create_user(self, user: User, *, first: bool = False, invitation: Invitation | None = None) -> bool:
        """Write a user under a name that nobody has (without regard to case), both or neither. False: taken.
        `first` asks for an installation without any account: False when there is one. `invitation` is used up with it:
        False where it was before, has ended by the user's creation, or is gone."""
        nobody = AccountItem.owner.does_not_exist()
        name = numbered(AccountItem, write(AccountItem, **_name_key(user.username), user_id=user.id))
        anybody = numbered(AccountItem, write(AccountItem, **_FIRST, user_id=user.id))
        listed = numbered(AccountItem, write(AccountItem, owner=INSTALLATION, id=_LISTED + user.id))
        try:
            self._calls.put_together(
                Put(model=AccountItem, item=user_item(user), condition=nobody),
                Put(model=AccountItem, item=name, condition=nobody),
                Put(model=AccountItem, item=anybody, condition=nobody if first else None),
                Put(model=AccountItem, item=listed),
                _admins_put(frozenset(), frozenset({user.id})) if first and user.is_admin else None,
                None if invitation is None else used_up(invitation, user),
            )
        except ConditionFailed:
            return self._holder(user.username) == user.id  # an earlier try of this request, whose answer was lost
        return True

    def replace_user(self, user: User, *, admins: tuple[frozenset[str], frozenset[str]] | None = None) -> bool:
        """Write a user, under the same name, over its previous version (`user.version - 1`). False: lost. `admins` are
        the ids of all admins, before and after it, where it changes them: False as well where they are others."""
        item = user_item(user)
        known = AccountItem.version == user.version - 1
        if user.version == 2:  # accounts of the first version may not say it
            known |= AccountItem.version.does_not_exist() & AccountItem.owner.exists()
        put = Put(model=AccountItem, item=item, condition=known)
        try:
            self._calls.put_together(put, None if admins is None else _admins_put(*admins))
        except ConditionFailed:
            return self._calls.get(AccountItem, user_key(user.id)) == item  # an earlier try, whose answer was lost
        return True

    def has_accounts(self) -> bool:
        """Whether anybody has registered."""
        return self._calls.get(AccountItem, write(AccountItem, **_FIRST)) is not None

    def user(self, user_id: str) -> User | None:
        """One user by id."""
        item = self._calls.get(AccountItem, user_key(user_id))
        return None if item is None else read_one(AccountItem, item, _user_of)

    def user_named(self, username: str) -> User | None:
        """One user by name, without regard to case."""
        user_id = self._holder(username)
        return None if user_id is None else self.user(user_id)

    def _holder(self, username: str) -> str | None:
        item = self._calls.get(AccountItem, write(AccountItem, **_name_key(username)))
        return None if item is None else read_one(AccountItem, item, _holder_of)

    def users(self, *, limit: int, after: str | None) -> Page[User]:
        """All users, in the order in which they registered: ids are in the order of time."""
        begin = None
        if after is not None:
            begin = write(AccountItem, owner=INSTALLATION, id=_LISTED + known_user_id(after))
        where = (AccountItem.owner == INSTALLATION) & AccountItem.id.startswith(_LISTED)
        rows = self._calls.query(AccountItem, where, page=limit + 1, after=begin)
        ids = [row["id"]["S"].removeprefix(_LISTED) for row in islice(rows, limit + 1)]
        found = self._calls.get_many(AccountItem, [user_key(one) for one in ids[:limit]])
        users = sorted(readable(AccountItem, found, _user_of), key=lambda user: user.id)
        after = ids[limit - 1] if len(ids) > limit else None
        return Page(items=tuple(users), after=after, left_out=len(ids[:limit]) - len(users))

    def admins(self) -> frozenset[str]:
        """The ids of all admins."""
        item = self._calls.get(AccountItem, write(AccountItem, **_ADMINS))
        return frozenset() if item is None else read_one(AccountItem, item, _admins_of)


def _name_key(username: str) -> dict[str, str]:
    return {"owner": f"name#{same_name(username)}", "id": "name"}


def _admins_put(before: frozenset[str], after: frozenset[str]) -> Put:
    """The row of all admins, if it still names those that were read."""
    as_read = AccountItem.admins == sorted(before) if before else AccountItem.owner.does_not_exist()
    item = numbered(AccountItem, write(AccountItem, **_ADMINS, admins=sorted(after)))
    return Put(model=AccountItem, item=item, condition=as_read)


def _admins_of(item: Item) -> frozenset[str]:
    return frozenset(read(AccountItem, item)["admins"])


def _holder_of(item: Item) -> str:
    found: str = read(AccountItem, item)["user_id"]
    return found


def user_item(user: User) -> Item:
    """The item of a user."""
    item = write(
        AccountItem,
        owner=user.id,
        id="user",
        username=user.username,
        email=user.email,
        role=str(user.role),
        can_run_commands=user.can_run_commands,
        can_call_aws=user.can_call_aws,
        password_hash=user.password_hash,
        created_at=user.created_at,
        epoch=user.epoch,
        version=user.version,
    )
    return numbered(AccountItem, item)


def _user_of(item: Item) -> User:
    values, rights = read(AccountItem, item), rights_of(item)
    return User(
        id=values["owner"],
        username=values["username"],
        email=values["email"],
        role=Role(values["role"]),
        can_run_commands=rights.can_run_commands,
        can_call_aws=rights.can_call_aws,
        password_hash=values["password_hash"],
        created_at=values["created_at"],
        epoch=values.get("epoch", 0),
        version=values.get("version", 1),
    )
