"""The contract of the table `accounts`, on every adapter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.people.account import Answer, Role
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import DAY, SECOND, START, at, make_user

PLACE = Answer(key="k", digest="d", status=0, begun_at=START, body="", headers={})
ANSWER = Answer(
    key="k",
    digest="d",
    status=201,
    begun_at=START,
    body='{"ü": 1}',
    headers={"Location": "/api/tasks/1", "ETag": '"1"'},
)


def test_a_user_is_found_by_id_and_by_name(store: WholeStore) -> None:
    user = replace(make_user(), role=Role.ADMIN, can_run_commands=True)
    assert store.create_user(user)
    assert store.user("u1") == user
    assert store.user_named("ann") == user
    assert store.user("u2") is None
    assert store.user_named("bob") is None


@pytest.mark.parametrize(("taken", "same"), [("Ann", "aNN"), ("straße", "STRASSE"), ("ann", "\uff41nn")])
def test_a_name_is_taken_without_regard_to_case(store: WholeStore, taken: str, same: str) -> None:
    assert store.create_user(make_user("u1", taken))
    assert not store.create_user(make_user("u2", same))
    assert store.user("u2") is None
    found = store.user_named(same)
    assert found is not None
    assert (found.id, found.username) == ("u1", taken)


def test_creating_the_same_user_again_is_written(store: WholeStore) -> None:
    assert store.create_user(make_user())
    assert store.create_user(make_user())
    assert store.create_user(make_user(), first=True)


def test_an_id_that_is_taken_takes_no_name(store: WholeStore) -> None:
    assert store.create_user(make_user("u1", "ann"))
    assert not store.create_user(make_user("u1", "bob"))
    assert store.user_named("bob") is None


def test_the_first_account_is_only_the_first(store: WholeStore) -> None:
    assert not store.has_accounts()
    assert store.create_user(make_user("u1", "ann"), first=True)
    assert store.has_accounts()
    assert not store.create_user(make_user("u2", "bob"), first=True)
    assert store.user_named("bob") is None
    assert store.create_user(make_user("u2", "bob"))


def test_an_account_that_did_not_ask_to_be_the_first_is_one_all_the_same(store: WholeStore) -> None:
    assert store.create_user(make_user("u1", "ann"))
    assert store.has_accounts()
    assert not store.create_user(make_user("u2", "bob"), first=True)


def test_a_refused_account_is_none(store: WholeStore) -> None:
    assert store.create_user(make_user("u1", "ann"))
    assert not store.create_user(make_user("u2", "ann"))
    assert store.user("u2") is None


@pytest.mark.parametrize("impossible", ["", "x" * 3000, "\ud800"])
def test_what_can_be_no_key_finds_nobody(store: WholeStore, impossible: str) -> None:
    assert store.user(impossible) is None
    assert store.user_named(impossible) is None
    assert store.token(impossible, "t1") is None
    assert store.token("u1", impossible) is None
    assert store.invitation(impossible) is None
    store.delete_token(impossible, "t1")
    store.delete_invitation(impossible)


def test_the_first_request_with_a_key_keeps_its_place(store: WholeStore) -> None:
    assert store.begin_answer("u1", PLACE, START) is None
    assert store.begin_answer("u1", PLACE, START) == PLACE
    assert store.begin_answer("u2", PLACE, START) is None
    assert store.begin_answer("u1", replace(PLACE, key="other"), START) is None


def test_a_repeated_request_finds_the_answer(store: WholeStore) -> None:
    store.begin_answer("u1", PLACE, START)
    store.put_answer("u1", ANSWER, at(1))
    assert store.begin_answer("u1", replace(PLACE, digest="another"), at(2)) == ANSWER


def test_an_answer_counts_for_a_day(store: WholeStore) -> None:
    store.begin_answer("u1", PLACE, START)
    store.put_answer("u1", ANSWER, at(1))
    assert store.begin_answer("u1", PLACE, START + DAY) == ANSWER
    assert store.begin_answer("u1", PLACE, START + DAY + SECOND) is None


def test_a_place_that_was_given_back_is_free(store: WholeStore) -> None:
    store.begin_answer("u1", PLACE, START)
    store.drop_answer("u1", "k")
    store.drop_answer("u1", "k")
    assert store.begin_answer("u1", replace(PLACE, digest="another"), START) is None


def test_an_answer_may_be_long_and_its_key_strange(store: WholeStore) -> None:
    key = "\U0001f511" * 255
    long = replace(ANSWER, key=key, body="é" * 150_000)
    assert store.begin_answer("u1", replace(PLACE, key=key), START) is None
    store.put_answer("u1", long, START)
    assert store.begin_answer("u1", replace(PLACE, key=key), START) == long
