"""Accounts when several people are at them at once, and rights when a run starts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from chalicelib.core.errors import Conflict, NotAllowed, NotAuthenticated
from chalicelib.core.people.account import Role, TokenKind, User
from chalicelib.core.run import RunStatus
from chalicelib.engine.requests.people.accounts import Accounts, Changes
from chalicelib.engine.requests.people.passwords import hash_password
from chalicelib.engine.requests.people.tokens import Session
from chalicelib.settings import Registration
from tests.core.building import at, once
from tests.engine.conftest import ANN, BOB, Stage

COMMAND = {"type": "command", "command": "id"}
OLD, NEW = "correct horse battery", "staple of the correct horse"


@cache
def hashed() -> str:
    """Of the old password, made once for all tests."""
    return hash_password(OLD)


def account(stage: Stage, name: str, **more: Any) -> User:
    """A stored account."""
    user = replace(BOB, id=name, username=name, password_hash=hashed(), **more)
    assert stage.world.store.create_user(user)
    return user


def both(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """What two calls come to that are made at the same time; a refusal is a result as well."""

    def outcome(call: Callable[[], object]) -> object:
        try:
            return call()
        except (Conflict, NotAllowed, NotAuthenticated) as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(outcome, (first, second)))


def closed(stage: Stage) -> Accounts:
    return replace(stage.world.system.accounts, registration=Registration.CLOSED)


def test_an_invitation_that_two_use_at_once_makes_one_account(stage: Stage) -> None:
    text = stage.world.system.invitations.invite(ANN).text
    accounts = closed(stage)
    results = both(
        lambda: accounts.register("carl", OLD, "carl@example.com", invitation=text),
        lambda: accounts.register("dora", OLD, "dora@example.com", invitation=text),
    )
    made = [name for name in ("carl", "dora") if stage.world.store.user_named(name)]
    assert len(made) == 1
    (refused,) = [result for result in results if isinstance(result, Exception)]
    assert isinstance(refused, NotAllowed)
    assert "used" in str(refused)


def test_a_name_that_two_want_at_once_is_ones(stage: Stage) -> None:
    accounts = stage.world.system.accounts
    results = both(
        lambda: accounts.register("Carl", OLD, "carl@example.com"),
        lambda: accounts.register("\uff43ARL", OLD, "dora@example.com"),
    )
    assert [isinstance(result, Conflict) for result in results].count(True) == 1


def test_two_admins_who_demote_each_other_leave_one(stage: Stage) -> None:
    accounts, store = stage.world.system.accounts, stage.world.store
    bob = accounts.change_user(ANN, "bob", Changes(role=Role.ADMIN))
    demoted = Changes(role=Role.MEMBER)
    both(lambda: accounts.change_user(ANN, "bob", demoted), lambda: accounts.change_user(bob, "ann", demoted))
    known = [store.user(name) for name in ("ann", "bob")]
    admins = {user.id for user in known if user is not None and user.is_admin}
    assert len(admins) == 1
    assert store.admins() == admins


def test_a_change_that_meets_another_is_made_on_top_of_it(stage: Stage) -> None:
    accounts = stage.world.system.accounts
    both(
        lambda: accounts.change_user(ANN, "bob", Changes(can_run_commands=True)),
        lambda: accounts.change_user(ANN, "bob", Changes(can_call_aws=True)),
    )
    known = stage.world.store.user("bob")
    assert known is not None
    assert (known.can_run_commands, known.can_call_aws, known.version) == (True, True, 3)


def test_who_logged_in_while_the_password_changed_is_logged_out_too(stage: Stage) -> None:
    user, system = account(stage, "eve"), stage.world.system
    session = system.tokens.authenticate(system.tokens.issue(user, TokenKind.LOGIN).text)
    overtaken = system.accounts.login("eve", OLD)  # with what was read before the change
    fresh = system.accounts.change_password(session, OLD, NEW)
    late = system.tokens.issue(user, TokenKind.LOGIN)  # a log-in whose write comes after the change
    for text in (overtaken.text, late.text):
        with pytest.raises(NotAuthenticated):
            system.tokens.authenticate(text)
    assert system.tokens.authenticate(fresh.text).user.epoch == 1


def test_of_two_changes_of_a_password_at_once_one_counts(stage: Stage) -> None:
    user, system = account(stage, "eve"), stage.world.system
    token = system.tokens.issue(user, TokenKind.LOGIN).token
    session = Session(user=user, token=token)
    accounts = system.accounts
    results = both(
        lambda: accounts.change_password(session, OLD, NEW), lambda: accounts.change_password(session, OLD, NEW + "!")
    )
    assert [isinstance(result, Conflict) for result in results].count(True) == 1


@pytest.mark.parametrize("verb", ["users", "user", "change_user"])
def test_members_do_nothing_with_accounts(stage: Stage, verb: str) -> None:
    arguments = {"users": (), "user": ("ann",), "change_user": ("bob", Changes(role=Role.ADMIN))}[verb]
    more = {"limit": 10} if verb == "users" else {}
    with pytest.raises(NotAllowed):
        getattr(stage.world.system.accounts, verb)(BOB, *arguments, **more)
    assert stage.world.store.user("bob") == BOB


@pytest.mark.parametrize("again", [1, 3])
def test_a_command_whose_owner_may_run_none_any_more_fails_for_good(stage: Stage, again: int) -> None:
    carl = account(stage, "carl", can_run_commands=True)
    task = stage.world.system.catalog.create(
        carl,
        {
            "name": "x",
            "action": COMMAND,
            "schedule": once(30),
            "retry": {"max_attempts": again},
        },
    )
    stage.world.system.accounts.change_user(ANN, "carl", Changes(can_run_commands=False))
    stage.world.play(at(400))
    (run,) = stage.runs(task)
    assert (run.status, len(run.attempts), stage.performed) == (RunStatus.FAILED, 1, [])
    assert run.error is not None
    assert (run.error.code, run.error.detail) == (
        "not_allowed",
        "the owner of this task may not run commands: ask an admin",
    )


def test_a_command_runs_again_when_its_owner_is_allowed_to_again(stage: Stage) -> None:
    carl, system = account(stage, "carl", can_run_commands=True), stage.world.system
    task = system.catalog.create(carl, {"name": "x", "action": COMMAND, "schedule": once(30)})
    system.accounts.change_user(ANN, "carl", Changes(can_run_commands=False))
    stage.world.play(at(100))
    carl = system.accounts.change_user(ANN, "carl", Changes(can_run_commands=True))
    system.control.retry(carl, stage.runs(task)[0].id)
    stage.world.play(at(200))
    assert stage.runs(task)[0].status is RunStatus.SUCCEEDED


def test_a_task_whose_owner_is_unknown_runs_no_command(stage: Stage) -> None:
    stranger = replace(ANN, id="stranger")
    task = stage.world.system.catalog.create(stranger, {"name": "x", "action": COMMAND, "schedule": once(30)})
    stage.world.play(at(100))
    assert (stage.runs(task)[0].status, stage.performed) == (RunStatus.FAILED, [])


def test_what_needs_no_right_costs_no_look_at_the_owner(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    task = stage.create(once(30))
    monkeypatch.setattr(type(stage.world.store), "rights", None)
    stage.world.play(at(100))
    assert stage.runs(task)[0].status is RunStatus.SUCCEEDED
