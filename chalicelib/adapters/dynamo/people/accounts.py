"""The table `accounts`: small things of an owner, one item each. What a kind is called, its sort key says.

owner             id               holds
<user id>         user             an account
<user id>         token#<id>       a token, the id beginning with its kind's letter
<user id>         answer#<digest>  the answer to a request with an idempotency key, for a day
<user id>         calendar#<name>  a named calendar: its spans
name#<name>       name             whose name it is: an item, so that two cannot take the same one
installation      first            that there is an account at all
installation      admins           the ids of all admins
installation      user#<user id>   that there is this account, for the list of all
installation      invitation#<id>  an invitation, also a used one for a while after its end
"""

from __future__ import annotations

import secrets
from datetime import datetime

from chalicelib.adapters.dynamo.ground.calls import ConditionFailed
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.dynamo.people.tokens import DynamoTokens
from chalicelib.adapters.dynamo.people.users import DynamoUsers
from chalicelib.adapters.keys import ANSWER_LIFE, digest
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.instant import from_ms, to_ms
from chalicelib.core.people.account import Answer

NONCE_BYTES = 8


class DynamoAccounts(DynamoUsers, DynamoTokens):
    """Reads are strongly consistent."""

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
        self._calls.put(AccountItem, numbered(AccountItem, item))

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


def _answer_item(owner: str, answer: Answer, now: datetime) -> Item:
    item = write(
        AccountItem,
        **_answer_key(owner, answer.key),
        digest=answer.digest,
        status=answer.status,
        begun_at=answer.begun_at,
        body=answer.body,
        headers=answer.headers,
        expires_at=now + ANSWER_LIFE,
    )
    return numbered(AccountItem, item)


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
