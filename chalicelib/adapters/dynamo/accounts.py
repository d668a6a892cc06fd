"""The table `accounts`: small things of an owner, one item each. What a kind is called, its sort key says.

owner             id               holds
<user id>         user             an account
name#<name>       name             whose name it is: an item, so that two cannot take the same one
installation      first            that there is an account at all, and whose was the first
<user id>         token#<hash>     a token
<user id>         answer#<digest>  the answer to a request with an idempotency key, for a day
<user id>         calendar#<name>  a named calendar: its spans
"""

from __future__ import annotations

import secrets
from datetime import datetime

from chalicelib.adapters.dynamo.base import OnDynamo
from chalicelib.adapters.dynamo.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.items import Item, read, read_one, readable, write
from chalicelib.adapters.keys import ANSWER_LIFE, digest
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.account import Answer, Role, Token, User
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.names import same_name

NONCE_BYTES = 8


class DynamoAccounts(OnDynamo):
    """Reads are strongly consistent."""

    def create_user(self, user: User, *, first: bool = False) -> bool:
        """Write a user under a name that nobody has (without regard to case), both or neither. False: taken.
        `first` asks for an installation without any account: False when there is one."""
        nobody = AccountItem.owner.does_not_exist()
        name = write(AccountItem, **_name_key(user.username), user_id=user.id)
        anybody = write(AccountItem, **_INSTALLATION, user_id=user.id)
        try:
            self._calls.put_together(
                Put(model=AccountItem, item=_user_item(user), condition=nobody),
                Put(model=AccountItem, item=name, condition=nobody),
                Put(model=AccountItem, item=anybody, condition=nobody if first else None),
            )
        except ConditionFailed:
            return self._holder(user.username) == user.id  # an earlier try of this request, whose answer was lost
        return True

    def has_accounts(self) -> bool:
        """Whether anybody has registered."""
        return self._calls.get(AccountItem, write(AccountItem, **_INSTALLATION)) is not None

    def user(self, user_id: str) -> User | None:
        """One user by id."""
        item = self._calls.get(AccountItem, write(AccountItem, owner=user_id, id="user"))
        return None if item is None else read_one(AccountItem, item, _user_of)

    def user_named(self, username: str) -> User | None:
        """One user by name, without regard to case."""
        user_id = self._holder(username)
        return None if user_id is None else self.user(user_id)

    def _holder(self, username: str) -> str | None:
        item = self._calls.get(AccountItem, write(AccountItem, **_name_key(username)))
        return None if item is None else item["user_id"]["S"]

    def put_token(self, token: Token) -> None:
        """Write a token."""
        item = write(
            AccountItem,
            **_token_key(token.owner, token.id),
            created_at=token.created_at,
            ends_at=token.expires_at,
            expires_at=token.expires_at,
        )
        self._calls.put(AccountItem, item)

    def token(self, owner: str, token_id: str) -> Token | None:
        """One token."""
        item = self._calls.get(AccountItem, write(AccountItem, **_token_key(owner, token_id)))
        return None if item is None else read_one(AccountItem, item, _token_of)

    def delete_token(self, owner: str, token_id: str) -> None:
        """Delete a token; gone already is well."""
        self._calls.delete(AccountItem, write(AccountItem, **_token_key(owner, token_id)))

    def begin_answer(self, owner: str, answer: Answer, now: datetime) -> Answer | None:
        """Keep the place of an answer for a day. None: kept. Otherwise the answer that has the key."""
        nonce = secrets.token_hex(NONCE_BYTES)
        item = _answer_item(owner, answer, now) | write(AccountItem, nonce=nonce)
        free = AccountItem.owner.does_not_exist()
        over = AccountItem.expires_at <= now  # DynamoDB may take two days to remove it
        try:
            self._calls.put(AccountItem, item, free | over)
        except ConditionFailed as error:
            found = error.found or self._calls.get(AccountItem, write(AccountItem, **_answer_key(owner, answer.key)))
            if found is None:  # given back in between
                return self.begin_answer(owner, answer, now)
            mine_already = found.get("nonce") == item["nonce"]
            return None if mine_already else read_one(AccountItem, found, lambda it: _answer_of(it, answer.key))
        return None

    def put_answer(self, owner: str, answer: Answer, now: datetime) -> None:
        """Write an answer over its place."""
        self._calls.put(AccountItem, _answer_item(owner, answer, now))

    def drop_answer(self, owner: str, key: str) -> None:
        """Give an answer's place back: its request came to nothing."""
        self._calls.delete(AccountItem, write(AccountItem, **_answer_key(owner, key)))

    def put_calendar(self, calendar: Calendar) -> None:
        """Write a named calendar over whatever its owner has under that name."""
        item = write(
            AccountItem,
            **_calendar_key(calendar.owner, calendar.name),
            updated_at=calendar.updated_at,
            spans=[[to_ms(begin), to_ms(end)] for begin, end in calendar.spans],
        )
        self._calls.put(AccountItem, item)

    def calendar(self, owner: str, name: str) -> Calendar | None:
        """One named calendar."""
        item = self._calls.get(AccountItem, write(AccountItem, **_calendar_key(owner, name)))
        return None if item is None else read_one(AccountItem, item, _calendar_of)

    def calendars(self, owner: str) -> list[Calendar]:
        """An owner's named calendars, in the order of their names."""
        where = (AccountItem.owner == owner) & AccountItem.id.startswith(_CALENDAR)
        items = self._calls.query(AccountItem, where, page=CALENDARS_AT_ONCE)
        return list(readable(AccountItem, items, _calendar_of))

    def delete_calendar(self, owner: str, name: str) -> None:
        """Delete a named calendar; gone already is well."""
        self._calls.delete(AccountItem, write(AccountItem, **_calendar_key(owner, name)))


_CALENDAR = "calendar#"
CALENDARS_AT_ONCE = 30
"""A page of answers holds 1 MB, and a calendar is 30 KB at most."""
_INSTALLATION = {"owner": "installation", "id": "first"}


def _name_key(username: str) -> dict[str, str]:
    return {"owner": f"name#{same_name(username)}", "id": "name"}


def _token_key(owner: str, token_id: str) -> dict[str, str]:
    return {"owner": owner, "id": f"token#{token_id}"}


def _answer_key(owner: str, key: str) -> dict[str, str]:
    """The digest of the key, whose owner may choose one that is longer than DynamoDB's may be."""
    return {"owner": owner, "id": f"answer#{digest(key)}"}


def _calendar_key(owner: str, name: str) -> dict[str, str]:
    return {"owner": owner, "id": _CALENDAR + name}


def _calendar_of(item: Item) -> Calendar:
    values = read(AccountItem, item)
    return Calendar(
        owner=values["owner"],
        name=values["id"].removeprefix(_CALENDAR),
        spans=tuple((from_ms(begin), from_ms(end)) for begin, end in values["spans"]),
        updated_at=values["updated_at"],
    )


def _user_item(user: User) -> Item:
    return write(
        AccountItem,
        owner=user.id,
        id="user",
        username=user.username,
        email=user.email,
        role=str(user.role),
        can_run_commands=user.can_run_commands,
        password_hash=user.password_hash,
        created_at=user.created_at,
    )


def _user_of(item: Item) -> User:
    values = read(AccountItem, item)
    return User(
        id=values["owner"],
        username=values["username"],
        email=values["email"],
        role=Role(values["role"]),
        can_run_commands=values["can_run_commands"],
        password_hash=values["password_hash"],
        created_at=values["created_at"],
    )


def _token_of(item: Item) -> Token:
    values = read(AccountItem, item)
    return Token(
        id=values["id"].removeprefix("token#"),
        owner=values["owner"],
        created_at=values["created_at"],
        expires_at=values["ends_at"],
    )


def _answer_item(owner: str, answer: Answer, now: datetime) -> Item:
    return write(
        AccountItem,
        **_answer_key(owner, answer.key),
        digest=answer.digest,
        status=answer.status,
        begun_at=answer.begun_at,
        body=answer.body,
        headers=answer.headers,
        expires_at=now + ANSWER_LIFE,
    )


def _answer_of(item: Item, key: str) -> Answer:
    values = read(AccountItem, item)
    return Answer(
        key=key,
        digest=values["digest"],
        status=values["status"],
        begun_at=values["begun_at"],
        body=values["body"],
        headers=values["headers"],
    )
