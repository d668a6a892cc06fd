"""The pages of members: for admins alone, everybody with what they may and use, and invitations."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app import app
from chalicelib.core.people.account import Role
from chalicelib.settings import Registration, Settings
from tests.engine.place import listening
from tests.web.building import NOW, Caller, World, json_of
from tests.web.pages.browser import OWN_FORM, Browser, Page

LINK = re.compile(r"http://punctual\.example/register\?invitation=(pci_\w+_[A-Za-z0-9_-]{43})")


@pytest.fixture
def root(world: World) -> Caller:
    return world.caller("root", role=Role.ADMIN)


@pytest.fixture
def roots(world: World, root: Caller) -> Browser:
    return Browser(app, session=world.session_of(root))


def text_of(page: Page) -> str:
    [text] = LINK.findall(page.html)
    return str(text)


def user(root: Caller, name: str) -> dict[str, object]:
    return dict(json_of(root.get(f"/api/users/{name}")))


def test_everybody_is_listed_with_what_they_may_and_use(roots: Browser, ann: Caller, bob: Caller) -> None:
    ann.created()
    page = roots.get("/members")
    assert all(name in page.text for name in ("root", "ann", "bob", "ann@example.com"))
    assert "1 task 1 runs an hour" in page.text
    assert {f"/{path}?owner=ann" for path in ("tasks", "runs", "audit")} <= set(page.reader.links)


@pytest.mark.parametrize("path", ["/members", "/members/ann", "/members/bob", "/invitations/x1/take-back"])
def test_nobody_but_an_admin_gets_there(anns: Browser, root: Caller, path: str) -> None:
    page = anns.get(path)
    assert page.status == 403
    assert "Only an admin may do this." in page.text
    assert "/members" not in anns.get("/dashboard").reader.links


@pytest.mark.parametrize("path", ["/members/ann", "/invitations", "/invitations/x1/take-back"])
def test_nobody_but_an_admin_changes_anything(anns: Browser, root: Caller, path: str) -> None:
    assert anns.post(path, {"role": "admin", "can_call_aws": "yes", "ends": "7"}).status == 403
    assert user(root, "ann")["role"] == "member"
    assert json_of(root.get("/api/invitations"))["items"] == []


def test_role_and_rights_are_what_was_ticked(roots: Browser, root: Caller, ann: Caller) -> None:
    form = roots.get("/members/ann").form("/members/ann")
    assert (form.fields["role"], form.fields.get("can_run_commands")) == ("member", "yes")
    sent = {name: value for name, value in form.fields.items() if name != "can_run_commands"} | {"role": "admin"}
    assert roots.post("/members/ann", sent).url == "/members?done=changed"
    found = user(root, "ann")
    assert (found["role"], found["can_run_commands"], found["can_call_aws"]) == ("admin", False, True)
    acts = json_of(ann.get("/api/audit"))["items"]
    assert ("POST /members/{user_id}", "/members/ann", "root") in [
        (act["action"], act["target"], act["actor"]["username"]) for act in acts
    ]


def test_the_last_admin_stays_one_and_is_told(roots: Browser, root: Caller) -> None:
    page = roots.post("/members/root", {"role": "member"})
    assert (page.status, "last admin" in page.text) == (409, True)
    assert user(root, "root")["role"] == "admin"


def test_a_role_that_there_is_not_is_refused(roots: Browser, root: Caller, ann: Caller) -> None:
    page = roots.post("/members/ann", {"role": "emperor"})
    assert (page.status, "admin, member" in page.said("role")) == (422, True)


def test_who_is_not_there_is_not_found(roots: Browser) -> None:
    assert (roots.get("/members/zoe").status, roots.post("/members/zoe").status) == (404, 404)
    assert roots.get("/invitations/zoe/take-back").status == 404


def test_members_come_page_by_page(roots: Browser, world: World) -> None:
    for number in range(60):
        world.caller(f"u{number:03}", created_at=NOW + timedelta(seconds=number))
    first = roots.get("/members")
    [later] = [link for link in first.reader.links if "cursor=" in link]
    second = roots.get(later)
    names = [re.findall(r'href="/members/(u\d+)"', page.html) for page in (first, second)]
    assert sorted(names[0] + names[1]) == [f"u{number:03}" for number in range(60)]
    assert "/members" in second.reader.links


class TestInvitations:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(registration=Registration.CLOSED)

    def test_a_link_is_shown_once_and_lets_one_person_in(self, roots: Browser, root: Caller, stranger: Browser) -> None:
        with listening() as said:
            page = roots.submit(roots.get("/members"), "/invitations", can_run_commands="yes", ends="1")
        text = text_of(page)
        assert (page.status, page.headers.get("Location")) == (201, None)
        elsewhere = [roots.get("/members").html, roots.get("/audit").html, root.get("/api/audit").body.decode()]
        assert not any(text in other for other in [*elsewhere, str(said)])
        form = stranger.get(f"/register?invitation={text}")
        zoe = {"username": "zoe", "email": "z@example.com", "password": "a sentence is easy"}
        assert stranger.submit(form, "/register", **zoe).url == "/dashboard"
        listed = roots.get("/members")
        assert "used by zoe" in listed.text
        again = Browser(app).post("/register", {**zoe, "username": "zoe2", "invitation": text})
        assert again.status == 403

    def test_one_that_is_taken_back_lets_nobody_in(self, roots: Browser, root: Caller, stranger: Browser) -> None:
        text = text_of(roots.post("/invitations", {"ends": "7"}))
        [kept] = json_of(root.get("/api/invitations"))["items"]
        path = f"/invitations/{kept['id']}/take-back"
        assert roots.submit(roots.get(path), path).url == "/members?done=taken-back"
        zoe = {"username": "zoe", "email": "z@example.com", "password": "a sentence is easy", "invitation": text}
        assert stranger.post("/register", zoe).status == 403

    def test_it_ends_when_it_was_said(self, roots: Browser, root: Caller, world: World) -> None:
        roots.post("/invitations", {"ends": "1"})
        [kept] = json_of(root.get("/api/invitations"))["items"]
        assert (kept["expires_at"], kept["can_run_commands"]) == ("2026-11-22T12:00:00.250Z", False)
        world.clock.advance(timedelta(days=2))
        assert "ended" in roots.get("/members").text

    def test_its_address_shows_the_members(self, roots: Browser) -> None:
        assert roots.get("/invitations").url == "/members"

    def test_a_form_of_an_earlier_visit_invites_nobody(self, roots: Browser, root: Caller) -> None:
        page = roots.ask("POST", "/invitations", "csrf_token=old&ends=30", OWN_FORM)
        assert (page.status, "This form was made for an earlier visit" in page.text) == (403, True)
        assert json_of(root.get("/api/invitations"))["items"] == []
