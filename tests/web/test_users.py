"""What admins do with accounts, and invitations that let people in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.people.account import Role
from chalicelib.settings import Registration, Settings
from tests.web.building import Caller, World, faults, in_, json_of

ZOE = {"username": "zoe", "password": "correct horse battery", "email": "zoe@example.com"}
DAY = 24 * 3600


@pytest.fixture
def root(world: World) -> Caller:
    return world.caller("root", role=Role.ADMIN)


def test_an_admin_reads_all_accounts_page_by_page(world: World, root: Caller, ann: Caller, bob: Caller) -> None:
    first = json_of(root.get("/api/users?limit=2"))
    second = json_of(root.get(f"/api/users?limit=2&cursor={first['next_cursor']}"))
    assert [user["id"] for user in first["items"] + second["items"]] == ["ann", "bob", "root"]
    assert second["next_cursor"] is None
    assert first["items"][0] == {
        "id": "ann",
        "username": "ann",
        "email": "ann@example.com",
        "role": "member",
        "can_run_commands": True,
        "can_call_aws": True,
        "created_at": in_(0),
    }
    assert json_of(root.get("/api/users/ann")) == first["items"][0]
    assert b"scrypt" not in root.get("/api/users").body


def test_an_admin_changes_roles_and_rights_and_nothing_else(root: Caller, ann: Caller) -> None:
    changed = json_of(root.patch("/api/users/ann", {"role": "admin", "can_call_aws": False}))
    assert (changed["role"], changed["can_run_commands"], changed["can_call_aws"]) == ("admin", True, False)
    me = json_of(ann.get("/api/me"))
    assert (me["role"], me["can_call_aws"]) == ("admin", False)
    assert ann.get("/api/users").status_code == 200
    for wrong, code in (
        ({"username": "eve"}, "unknown_field"),
        ({"password": "correct horse battery"}, "unknown_field"),
        ({"email": "x@example.com"}, "unknown_field"),
        ({"id": "root"}, "unknown_field"),
        ({"epoch": 7}, "unknown_field"),
        ({"role": "owner"}, "unknown_value"),
        ({"role": None}, "null"),
        ({"can_run_commands": "yes"}, "wrong_type"),
        ({"can_call_aws": 1}, "wrong_type"),
    ):
        response = root.patch("/api/users/ann", wrong)
        assert (response.status_code, set(faults(response).values())) == (422, {code})
    assert json_of(ann.get("/api/me")) == me


@pytest.mark.parametrize("user_id", ["nobody", "installation", "%00", "x" * 5000, "name%23ann", "..", "Ann"])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_account_that_is_not_there_answers_alike(root: Caller, ann: Caller, method: str, user_id: str) -> None:
    response = root.send(method, f"/api/users/{user_id}", {"role": "admin"})
    assert (response.status_code, json_of(response)["detail"]) == (404, "there is no such user")


@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("GET", "/ann"), ("PATCH", "/ann"), ("PATCH", "/nobody")])
def test_a_member_learns_and_changes_nothing_about_accounts(ann: Caller, method: str, below: str) -> None:
    response = ann.send(method, f"/api/users{below}", {"role": "admin"})
    assert (response.status_code, json_of(response)["code"]) == (403, "not_allowed")
    assert json_of(ann.get("/api/me"))["role"] == "member"


def test_the_last_admin_stays_one(root: Caller, ann: Caller) -> None:
    response = root.patch("/api/users/root", {"role": "member"})
    assert response.status_code == 409
    assert "last admin" in json_of(response)["detail"]
    assert root.patch("/api/users/ann", {"role": "admin"}).status_code == 200
    assert root.patch("/api/users/root", {"role": "member"}).status_code == 200
    assert ann.patch("/api/users/ann", {"role": "member"}).status_code == 409


def test_changing_nothing_is_well(world: World, root: Caller) -> None:
    for change in ({}, {"role": "admin"}):
        assert root.patch("/api/users/root", change).status_code == 200
    user = world.store.user("root")
    assert user is not None
    assert user.version == 1


@pytest.mark.parametrize("registration", list(Registration))
class TestInvitations:
    @pytest.fixture
    def settings(self, registration: Registration) -> Settings:
        return Settings(stage="dev", registration=registration)

    def test_an_invitation_lets_one_person_in(self, world: World, root: Caller, registration: Registration) -> None:
        made = json_of(root.post("/api/invitations", {"can_call_aws": True}))
        text, nobody = made["invitation"], world.nobody()
        response = nobody.post("/api/register", ZOE | {"invitation": text})
        assert response.status_code == 201
        user = json_of(response)["user"]
        opened = registration is Registration.OPEN
        assert (user["role"], user["can_run_commands"], user["can_call_aws"]) == ("member", opened, True)
        again = nobody.post("/api/register", ZOE | {"username": "eve", "invitation": text})
        assert (again.status_code, json_of(again)["code"]) == (403, "not_allowed")
        assert world.store.user_named("eve") is None
        (listed,) = json_of(root.get("/api/invitations"))["items"]
        assert listed == {name: made[name] for name in listed} | {"used_by": user["id"]}
        assert "invitation" not in listed
        assert text.split("_", 2)[2] not in repr(vars(world.store))


def test_an_invitation_ends_and_can_be_taken_back(world: World, root: Caller, nobody: Caller) -> None:
    short, lasting = (json_of(root.post("/api/invitations", given)) for given in ({"expires_at": in_(60)}, None))
    assert lasting["expires_at"] == in_(7 * DAY)
    world.clock.advance(timedelta(seconds=60))
    assert nobody.post("/api/register", ZOE | {"invitation": short["invitation"]}).status_code == 403
    assert root.delete(f"/api/invitations/{lasting['id']}").status_code == 204
    assert nobody.post("/api/register", ZOE | {"invitation": lasting["invitation"]}).status_code == 403
    assert root.delete(f"/api/invitations/{lasting['id']}").status_code == 404
    assert world.store.user_named("zoe") is None


def test_a_refused_registration_leaves_its_invitation_good(root: Caller, ann: Caller, nobody: Caller) -> None:
    text = json_of(root.post("/api/invitations"))["invitation"]
    assert nobody.post("/api/register", ZOE | {"username": "ANN", "invitation": text}).status_code == 409
    assert nobody.post("/api/register", ZOE | {"password": "short", "invitation": text}).status_code == 422
    assert nobody.post("/api/register", ZOE | {"invitation": text}).status_code == 201


@pytest.mark.parametrize(
    "change", ["", "x", "pci_", "pci__", "pci_x_y", "digest", "pct", "\x00", "é", "longer", "case"]
)
def test_a_forged_invitation_lets_nobody_in(world: World, root: Caller, nobody: Caller, change: str) -> None:
    made = json_of(root.post("/api/invitations"))
    text, kept = made["invitation"], world.store.invitation(made["id"])
    assert kept is not None
    forged = {
        "digest": f"pci_{made['id']}_{kept.digest}",
        "pct": text.replace("pci_", "pct_"),
        "longer": text + "x",
        "case": text.swapcase(),
    }
    response = nobody.post("/api/register", ZOE | {"invitation": forged.get(change, change)})
    assert (response.status_code, json_of(response)["code"]) == (403, "not_allowed")
    assert world.store.user_named("zoe") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], {"": "wrong_type"}),
        ({"role": "admin"}, {"/role": "unknown_field"}),
        ({"can_run_commands": "yes"}, {"/can_run_commands": "wrong_type"}),
        ({"expires_at": None}, {"/expires_at": "null"}),
        ({"expires_at": "soon"}, {"/expires_at": "invalid_instant"}),
        ({"expires_at": in_(0)}, {"/expires_at": "out_of_range"}),
        ({"expires_at": in_(31 * DAY)}, {"/expires_at": "out_of_range"}),
    ],
)
def test_a_bad_invitation_is_refused(world: World, root: Caller, body: Any, expected: dict[str, str]) -> None:
    response = root.post("/api/invitations", body)
    assert (response.status_code, faults(response)) == (422, expected)
    assert world.store.invitations() == []


@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("POST", ""), ("DELETE", "/x")])
def test_a_member_invites_nobody(world: World, ann: Caller, method: str, below: str) -> None:
    assert ann.send(method, f"/api/invitations{below}").status_code == 403
    assert world.store.invitations() == []


@pytest.mark.parametrize("invitation_id", ["x", "%00", "x" * 5000])
def test_an_invitation_that_is_not_there_answers_alike(root: Caller, invitation_id: str) -> None:
    response = root.delete(f"/api/invitations/{invitation_id}")
    assert (response.status_code, json_of(response)["detail"]) == (404, "there is no such invitation")


def test_an_invitation_is_shown_once_even_where_the_request_comes_again(world: World, root: Caller) -> None:
    first, again = (json_of(root.post("/api/invitations", headers={"Idempotency-Key": "one"})) for _ in range(2))
    assert again == first | {"invitation": None}
    assert len(world.store.invitations()) == 1


def test_who_invites_must_still_be_an_admin(world: World, root: Caller) -> None:
    text = json_of(root.post("/api/invitations"))["id"]
    user = world.store.user("root")
    assert user is not None
    assert world.store.replace_user(replace(user, role=Role.MEMBER, version=2))
    assert root.delete(f"/api/invitations/{text}").status_code == 403
