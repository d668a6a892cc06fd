"""What tokens reach and accounts may do: decisions without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core.people.account import Overlapping, Role, Scope, Token, TokenKind, User, may_see
from chalicelib.core.people.rights import Rights, lacking

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MEMBER = User(
    id="ann",
    username="ann",
    email="ann@example.com",
    role=Role.MEMBER,
    can_run_commands=False,
    password_hash="",
    created_at=NOW,
)
ADMIN = replace(MEMBER, id="root", role=Role.ADMIN)
TOKEN = Token(id="t1", owner="ann", digest="new", scopes=frozenset(Scope), created_at=NOW, expires_at=NOW + 60 * SECOND)


@pytest.mark.parametrize(
    ("user", "scopes", "reached"),
    [
        (MEMBER, set(Scope), {"read", "run", "write"}),
        (ADMIN, set(Scope), {"read", "run", "write", "admin"}),
        (MEMBER, {Scope.ADMIN}, set()),
        (MEMBER, {Scope.WRITE}, {"read", "write"}),
        (ADMIN, {Scope.RUN}, {"run"}),
        (ADMIN, {Scope.ADMIN}, {"admin"}),
    ],
)
def test_a_token_reaches_as_far_as_its_scopes_and_account(user: User, scopes: set[Scope], reached: set[str]) -> None:
    assert replace(TOKEN, scopes=frozenset(scopes)).reaches(user) == reached


def test_a_secret_counts_until_the_end_of_its_token() -> None:
    assert TOKEN.proven_by("new", NOW + 59 * SECOND) == TOKEN
    assert TOKEN.proven_by("new", NOW + 60 * SECOND) is None
    assert TOKEN.proven_by("other", NOW) is None
    endless = replace(TOKEN, expires_at=None)
    assert endless.proven_by("new", NOW + timedelta(days=10_000)) == endless


@pytest.mark.parametrize(
    ("expires_in", "overlap", "counts_for"), [(60, 10, 10), (60, 100, 60), (None, 10, 10), (60, 0, 0)]
)
def test_a_secret_that_was_replaced_counts_until_the_overlap_ends_and_no_longer(
    expires_in: int | None, overlap: int, counts_for: int
) -> None:
    expires_at = None if expires_in is None else NOW + expires_in * SECOND
    token = replace(TOKEN, expires_at=expires_at, previous=Overlapping(digest="old", until=NOW + overlap * SECOND))
    ends = NOW + counts_for * SECOND
    assert token.proven_by("old", ends) is None
    proven = token.proven_by("old", ends - SECOND)
    if counts_for:
        assert proven is not None
        assert proven.expires_at == ends


def test_a_token_says_its_kind_by_its_first_letter() -> None:
    assert [replace(TOKEN, id=f"{letter}1").kind for letter in "lts"] == list(TokenKind)


def test_only_owners_and_admins_see_what_belongs_to_an_account() -> None:
    assert may_see(MEMBER, "ann")
    assert may_see(ADMIN, "ann")
    assert not may_see(MEMBER, "root")
    assert not may_see(MEMBER, "")


@pytest.mark.parametrize("rights", [Rights(can_run_commands=False, can_call_aws=True), MEMBER, ADMIN])
def test_commands_and_aws_calls_have_to_be_allowed_an_admin_too(rights: User | Rights) -> None:
    assert lacking(rights, {"type": "command"}) == "run commands"
    assert lacking(rights, {"type": "aws"}) == (None if rights.can_call_aws else "call AWS")
    assert lacking(rights, {"type": "http"}) is None
    assert lacking(rights, {"type": "function"}) is None
