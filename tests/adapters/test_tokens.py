"""The contract of tokens and invitations in the table `accounts`, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.core.people.account import Invitation, Overlapping, Scope, Token, TokenKind
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import DAY, SECOND, START, at, make_user

TOKEN = Token(
    id="t1",
    owner="u1",
    digest="d1",
    scopes=frozenset({Scope.READ, Scope.RUN}),
    created_at=START,
    expires_at=START + 30 * DAY + timedelta(milliseconds=7),
    name="for the café",
    previous=Overlapping(digest="d0", until=at(5.25)),
)
INVITATION = Invitation(
    id="i1",
    digest="d1",
    invited_by="u1",
    can_run_commands=True,
    can_call_aws=False,
    created_at=START,
    expires_at=START + DAY,
)


@pytest.mark.parametrize(
    "token",
    [TOKEN, replace(TOKEN, id="l1", expires_at=None, epoch=0, name="", scopes=frozenset(Scope), previous=None)],
)
def test_a_token_lives_until_it_is_deleted(store: WholeStore, token: Token) -> None:
    store.put_token(token)
    assert store.token("u1", token.id) == token
    assert store.token("u2", token.id) is None
    assert store.token("u1", "other") is None
    store.delete_token("u1", token.id)
    store.delete_token("u1", token.id)
    assert store.token("u1", token.id) is None


def test_an_owners_tokens_of_a_kind_are_listed_in_the_order_of_their_ids(store: WholeStore) -> None:
    for token_id in ("t3", "t1", "l2", "s1", "t2"):
        store.put_token(replace(TOKEN, id=token_id))
    store.put_token(replace(TOKEN, owner="u2"))
    assert [token.id for token in store.tokens_of("u1", TokenKind.NAMED)] == ["t1", "t2", "t3"]
    assert [token.id for token in store.tokens_of("u1", TokenKind.LOGIN)] == ["l2"]
    assert store.tokens_of("u3", TokenKind.NAMED) == []


def test_a_token_is_replaced_only_where_it_still_has_the_digest_that_was_read(store: WholeStore) -> None:
    new = replace(TOKEN, digest="d2")
    assert not store.replace_token(new, digest="d1")
    assert store.token("u1", "t1") is None
    store.put_token(TOKEN)
    assert store.replace_token(new, digest="d1")
    assert store.replace_token(new, digest="d1")  # the same request again, whose answer was lost
    assert not store.replace_token(replace(TOKEN, digest="d3"), digest="d1")
    assert store.token("u1", "t1") == new


def test_a_use_is_noted_and_brings_no_token_back(store: WholeStore) -> None:
    store.put_token(TOKEN)
    store.note_use("u1", "t1", at(7))
    assert store.token("u1", "t1") == replace(TOKEN, last_used_at=at(7))
    store.delete_token("u1", "t1")
    store.note_use("u1", "t1", at(8))
    assert store.token("u1", "t1") is None


def test_an_invitation_lives_until_it_is_deleted(store: WholeStore) -> None:
    store.put_invitation(INVITATION)
    store.put_invitation(replace(INVITATION, id="i0"))
    assert store.invitation("i1") == INVITATION
    assert [one.id for one in store.invitations()] == ["i0", "i1"]
    store.delete_invitation("i1")
    store.delete_invitation("i1")
    assert store.invitation("i1") is None


def test_an_invitation_makes_one_account(store: WholeStore) -> None:
    store.put_invitation(INVITATION)
    ann = make_user("u1", "ann")
    assert store.create_user(ann, invitation=INVITATION)
    assert store.invitation("i1") == replace(INVITATION, used_by="u1")
    assert store.create_user(ann, invitation=INVITATION)  # the same request again, whose answer was lost
    assert not store.create_user(make_user("u2", "bob"), invitation=INVITATION)
    assert store.user("u2") is None
    assert store.user_named("bob") is None
    assert store.invitation("i1") == replace(INVITATION, used_by="u1")


@pytest.mark.parametrize("ends", [START, START - SECOND])
def test_an_invitation_that_has_ended_or_is_gone_makes_no_account(store: WholeStore, ends: datetime) -> None:
    store.put_invitation(replace(INVITATION, expires_at=ends))
    assert not store.create_user(make_user(), invitation=INVITATION)
    store.delete_invitation("i1")
    assert not store.create_user(make_user(), invitation=INVITATION)
    assert not store.has_accounts()


def test_a_name_that_is_taken_does_not_use_an_invitation_up(store: WholeStore) -> None:
    store.put_invitation(INVITATION)
    assert store.create_user(make_user("u1", "ann"))
    assert not store.create_user(make_user("u2", "ANN"), invitation=INVITATION)
    assert store.invitation("i1") == INVITATION
