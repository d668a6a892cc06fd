"""The contract of accounts that change, and of lists of them, on every adapter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.core.people.account import Role
from chalicelib.core.people.rights import Rights
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import make_user

ADMIN = replace(make_user("u1", "ann"), role=Role.ADMIN)
ONE, BOTH = frozenset({"u1"}), frozenset({"u1", "u2"})


def test_an_account_is_replaced_only_over_the_version_that_was_read(store: WholeStore) -> None:
    user = make_user()
    assert store.create_user(user)
    changed = user.changed(can_call_aws=True, epoch=1, password_hash="other")
    assert store.replace_user(changed)
    assert store.replace_user(changed)  # the same request again, whose answer was lost
    assert not store.replace_user(user.changed(can_run_commands=True))
    assert store.user("u1") == changed
    assert store.user_named("ann") == changed
    assert store.replace_user(changed.changed(can_call_aws=False))


def test_what_an_account_is_allowed_is_read_by_itself(store: WholeStore) -> None:
    assert store.create_user(replace(make_user(), can_run_commands=True))
    assert store.rights("u1") == Rights(can_run_commands=True, can_call_aws=False)
    assert [store.rights(nobody) for nobody in ("u2", "", "\ud800")] == [None] * 3


def test_an_account_that_is_not_there_is_not_made_by_a_change(store: WholeStore) -> None:
    assert not store.replace_user(make_user().changed(can_call_aws=True))
    assert store.user("u1") is None


def test_the_first_account_is_the_only_admin_until_another_becomes_one(store: WholeStore) -> None:
    assert store.admins() == frozenset()
    assert store.create_user(ADMIN, first=True)
    assert store.create_user(make_user("u2", "bob"))
    assert store.admins() == ONE
    bob = make_user("u2", "bob").changed(role=Role.ADMIN)
    assert store.replace_user(bob, admins=(ONE, BOTH))
    assert store.replace_user(bob, admins=(ONE, BOTH))  # the same request again, whose answer was lost
    assert (store.admins(), store.user("u2")) == (BOTH, bob)


def test_of_two_admins_who_demote_each_other_one_loses(store: WholeStore) -> None:
    assert store.create_user(ADMIN, first=True)
    bob = make_user("u2", "bob")
    assert store.create_user(bob)
    bob = bob.changed(role=Role.ADMIN)
    assert store.replace_user(bob, admins=(ONE, BOTH))
    assert store.replace_user(bob.changed(role=Role.MEMBER), admins=(BOTH, ONE))
    assert not store.replace_user(ADMIN.changed(role=Role.MEMBER), admins=(BOTH, frozenset({"u2"})))
    assert (store.admins(), store.user("u1")) == (ONE, ADMIN)


def test_all_accounts_are_listed_page_by_page_in_the_order_of_their_ids(store: WholeStore) -> None:
    users = [make_user(f"u{number}", f"user{number}") for number in range(5)]
    for user in reversed(users):
        assert store.create_user(user)
    first = store.users(limit=2, after=None)
    second = store.users(limit=2, after=first.after)
    third = store.users(limit=2, after=second.after)
    assert [page.items for page in (first, second, third)] == [tuple(users[:2]), tuple(users[2:4]), tuple(users[4:])]
    assert third.after is None
    assert store.users(limit=5, after=None).after is None


@pytest.mark.parametrize("impossible", ["", "x" * 3000, "\ud800"])
def test_a_list_of_accounts_does_not_go_on_after_what_is_no_id(store: WholeStore, impossible: str) -> None:
    with pytest.raises(Invalid):
        store.users(limit=1, after=impossible)
