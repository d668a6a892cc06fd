"""Tokens and invitations in the table `accounts`: what proves who somebody is, or lets somebody in."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.adapters.dynamo.ground.base import OnDynamo
from chalicelib.adapters.dynamo.ground.calls import ConditionFailed, Put
from chalicelib.adapters.dynamo.ground.items import Item, read, read_one, readable, write
from chalicelib.adapters.dynamo.ground.schema import numbered
from chalicelib.adapters.keys import INSTALLATION
from chalicelib.adapters.tables import AccountItem
from chalicelib.core.people.account import Invitation, Overlapping, Scope, Token, TokenKind, User

_TOKEN, _INVITATION = "token#", "invitation#"
READ_AT_ONCE = 100
INVITATION_KEPT = timedelta(days=30)
"""After its end, so that who made it sees what became of it."""


class DynamoTokens(OnDynamo):
    """Reads are strongly consistent."""

    def put_token(self, token: Token) -> None:
        """Write a new token."""
        self._calls.put(AccountItem, _token_item(token))

    def replace_token(self, token: Token, *, digest: str) -> bool:
        """Write a token over the one that has this digest. False: it has another by now, or is gone."""
        item = _token_item(token)
        try:
            self._calls.put(AccountItem, item, AccountItem.digest == digest)
        except ConditionFailed as error:
            return error.found == item  # an earlier try of this request, whose answer was lost
        return True

    def token(self, owner: str, token_id: str) -> Token | None:
        """One token."""
        item = self._calls.get(AccountItem, _token_key(owner, token_id))
        return None if item is None else read_one(AccountItem, item, _token_of)

    def tokens_of(self, owner: str, kind: TokenKind) -> list[Token]:
        """An owner's tokens of a kind, in the order of their ids."""
        where = (AccountItem.owner == owner) & AccountItem.id.startswith(_TOKEN + kind)
        return list(readable(AccountItem, self._calls.query(AccountItem, where, page=READ_AT_ONCE), _token_of))

    def note_use(self, owner: str, token_id: str, at: datetime) -> None:
        """Write when a token was used; gone already is well."""
        used = [AccountItem.last_used_at.set(at)]
        with suppress(ConditionFailed):
            self._calls.update(AccountItem, _token_key(owner, token_id), used, AccountItem.owner.exists())

    def delete_token(self, owner: str, token_id: str) -> None:
        """Delete a token; gone already is well."""
        self._calls.delete(AccountItem, _token_key(owner, token_id))

    def put_invitation(self, invitation: Invitation) -> None:
        """Write a new invitation."""
        self._calls.put(AccountItem, _invitation_item(invitation))

    def invitation(self, invitation_id: str) -> Invitation | None:
        """One invitation, also one that was used or has ended, for a while."""
        item = self._calls.get(AccountItem, _invitation_key(invitation_id))
        return None if item is None else read_one(AccountItem, item, _invitation_of)

    def invitations(self) -> list[Invitation]:
        """All invitations that there are, in the order of their ids."""
        where = (AccountItem.owner == INSTALLATION) & AccountItem.id.startswith(_INVITATION)
        return list(readable(AccountItem, self._calls.query(AccountItem, where, page=READ_AT_ONCE), _invitation_of))

    def delete_invitation(self, invitation_id: str) -> None:
        """Delete an invitation; gone already is well."""
        self._calls.delete(AccountItem, _invitation_key(invitation_id))


def used_up(invitation: Invitation, user: User) -> Put:
    """An invitation that a new account uses up, if nobody has and it has not ended."""
    item = _invitation_item(invitation) | write(AccountItem, used_by=user.id)
    unused = AccountItem.used_by.does_not_exist() & (AccountItem.ends_at > user.created_at)
    return Put(model=AccountItem, item=item, condition=unused)


def _token_key(owner: str, token_id: str) -> Item:
    return write(AccountItem, owner=owner, id=_TOKEN + token_id)


def _invitation_key(invitation_id: str) -> Item:
    return write(AccountItem, owner=INSTALLATION, id=_INVITATION + invitation_id)


def _token_item(token: Token) -> Item:
    old = token.previous
    item = _token_key(token.owner, token.id) | write(
        AccountItem,
        digest=token.digest,
        name=token.name or None,
        scopes=sorted(token.scopes),
        created_at=token.created_at,
        ends_at=token.expires_at,
        expires_at=token.expires_at,
        epoch=token.epoch,
        last_used_at=token.last_used_at,
        previous_digest=None if old is None else old.digest,
        previous_until=None if old is None else old.until,
    )
    return numbered(AccountItem, item)


def _token_of(item: Item) -> Token:
    values = read(AccountItem, item)
    previous = None
    if "previous_digest" in values:
        previous = Overlapping(digest=values["previous_digest"], until=values["previous_until"])
    return Token(
        id=values["id"].removeprefix(_TOKEN),
        owner=values["owner"],
        digest=values["digest"],
        scopes=frozenset(Scope(scope) for scope in values["scopes"]),
        created_at=values["created_at"],
        expires_at=values.get("ends_at"),
        epoch=values.get("epoch"),
        name=values.get("name", ""),
        last_used_at=values.get("last_used_at"),
        previous=previous,
    )


def _invitation_item(invitation: Invitation) -> Item:
    item = _invitation_key(invitation.id) | write(
        AccountItem,
        digest=invitation.digest,
        invited_by=invitation.invited_by,
        can_run_commands=invitation.can_run_commands,
        can_call_aws=invitation.can_call_aws,
        created_at=invitation.created_at,
        ends_at=invitation.expires_at,
        expires_at=invitation.expires_at + INVITATION_KEPT,
        used_by=invitation.used_by,
    )
    return numbered(AccountItem, item)


def _invitation_of(item: Item) -> Invitation:
    values = read(AccountItem, item)
    return Invitation(
        id=values["id"].removeprefix(_INVITATION),
        digest=values["digest"],
        invited_by=values["invited_by"],
        can_run_commands=values["can_run_commands"],
        can_call_aws=values["can_call_aws"],
        created_at=values["created_at"],
        expires_at=values["ends_at"],
        used_by=values.get("used_by"),
    )
