"""The pages of the account in a real browser: the main path of each, with scripts and without, on a phone as well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.core.people.account import Role, TokenKind
from tests.browser.conftest import EVERYWHERE, Arriving
from tests.browser.person import DESK, PASSWORD, PHONE, PLAIN, Person, Screen
from tests.web.building import World
from tests.web.routes import OLD_HASH, OLD_PASSWORD

ICS = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\nEND:VCALENDAR\n"
TEXT = re.compile(r"pct_\w+_t\w+_[A-Za-z0-9_-]{43}")


@pytest.fixture
def ann(somebody: Arriving, world: World) -> Person:
    return entered(somebody, world, DESK)


def entered(somebody: Arriving, world: World, screen: Screen) -> Person:
    """Ann, who is logged in."""
    person = somebody(screen)
    person.keep(world.session_of(world.caller("ann", password_hash=OLD_HASH)))
    return person


@EVERYWHERE
def test_a_calendar_is_pasted_looked_at_and_deleted(somebody: Arriving, world: World, screen: Screen) -> None:
    ann = entered(somebody, world, screen)
    ann.go("/calendars")
    ann.fill(name="eu.holidays", ics=ICS)
    ann.press("Keep it")
    assert ann.url == "/calendars/eu.holidays?done=kept"
    assert "25 Dec" in ann.text
    ann.press("Delete")
    ann.press("Delete the calendar")
    assert "The calendar was deleted." in ann.text


def test_a_file_that_is_chosen_is_put_where_it_could_be_pasted(ann: Person, tmp_path: Path) -> None:
    file = tmp_path / "holidays.ics"
    file.write_text(ICS, encoding="utf-8")
    ann.go("/calendars")
    ann.fill(name="holidays")
    ann.page.locator("#file").set_input_files(file)
    ann.page.wait_for_function("document.querySelector('#ics').value !== ''")
    ann.press("Keep it")
    assert "25 Dec" in ann.text


@EVERYWHERE
def test_a_secret_is_given_and_never_seen_again(somebody: Arriving, world: World, screen: Screen) -> None:
    ann = entered(somebody, world, screen)
    ann.go("/secrets")
    ann.fill(name="api.key", value="what nobody else may read")
    ann.press("Keep it")
    assert ann.url == "/secrets/api.key?done=kept"
    for address in ("/secrets", "/secrets/api.key"):
        ann.go(address)
        assert "what nobody else" not in ann.page.content()
    ann.press("Delete")
    ann.press("Delete the secret")
    assert "The secret was deleted." in ann.text


@EVERYWHERE
def test_a_token_is_made_shown_once_renewed_and_revoked(somebody: Arriving, world: World, screen: Screen) -> None:
    ann = entered(somebody, world, screen)
    ann.go("/tokens")
    ann.fill(name="deploys")
    ann.page.get_by_label("run start, cancel, retry").check()
    ann.press("Make the token")
    [text] = TEXT.findall(ann.text)
    assert TEXT.search(ann.url) is None
    ann.press("I have copied it")
    assert text not in ann.page.content()
    ann.page.get_by_role("link", name="Renew deploys").click()
    ann.press("Renew it")
    assert TEXT.findall(ann.text) != [text]
    ann.press("I have copied it")
    ann.page.get_by_role("link", name="Revoke deploys").click()
    ann.press("Revoke the token")
    assert "The token is dead" in ann.text


def test_a_token_can_be_copied_by_a_button(ann: Person) -> None:
    ann.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=ann.home)
    ann.go("/tokens")
    ann.fill(name="deploys")
    ann.press("Make the token")
    ann.button("Copy").click()
    ann.page.get_by_role("button", name="Copied").wait_for()
    assert ann.page.evaluate("navigator.clipboard.readText()") == ann.page.locator("#token").inner_text()


@EVERYWHERE
def test_an_admin_invites_somebody_and_changes_what_they_may(somebody: Arriving, world: World, screen: Screen) -> None:
    root = somebody(screen)
    root.keep(world.session_of(world.caller("root", role=Role.ADMIN)))
    root.go("/members")
    root.press("Make the link")
    link = root.page.locator("#invitation").inner_text()
    bob = somebody(screen)
    bob.go(link)
    bob.fill(username="bob", email="bob@example.com", password=PASSWORD)
    bob.press("Register")
    assert bob.go("/members").status == 403
    assert "Only an admin may do this." in bob.text
    root.press("I have copied it")
    assert "used" in root.text
    root.press("bob")
    root.page.get_by_label("call AWS").check()
    root.press("Save")
    user = world.store.user_named("bob")
    assert user is not None
    assert user.can_call_aws


@EVERYWHERE
def test_the_password_is_changed_and_only_this_browser_stays(somebody: Arriving, world: World, screen: Screen) -> None:
    ann = entered(somebody, world, screen)
    user, elsewhere = world.store.user("ann"), somebody(screen)
    assert user is not None
    elsewhere.keep(world.token_of(user, TokenKind.SESSION))
    elsewhere.go("/settings")
    assert elsewhere.url == "/settings"
    ann.go("/settings")
    ann.press("Change the password")
    ann.fill(current=OLD_PASSWORD, new="another sentence to remember")
    ann.press("Change it")
    assert ann.url == "/settings?done=password"
    elsewhere.go("/settings")
    assert elsewhere.url.startswith("/login")


@EVERYWHERE
def test_ones_zone_is_named_and_every_time_is_shown_in_it(somebody: Arriving, world: World, screen: Screen) -> None:
    ann = entered(somebody, world, screen)
    ann.go("/settings")
    ann.page.get_by_label("my time zone, named below").check()
    ann.page.get_by_label("My time zone").last.fill("Asia/Tokyo")
    ann.press("Use it")
    assert "in your time zone, Asia/Tokyo" in ann.text
    ann.go("/audit")
    assert "JST" in ann.text


@pytest.mark.parametrize("screen", [DESK, PHONE, PLAIN], ids=["desk", "phone", "plain"])
def test_the_reference_is_searched_and_unfolded(somebody: Arriving, screen: Screen) -> None:
    anybody = somebody(screen)
    anybody.go("/reference")
    assert anybody.page.locator("details.operation[open]").count() == 0
    anybody.page.locator("#get-tasks > summary").click()
    assert "Authorization: Token $TOKEN" in anybody.text
    anybody.page.locator("[data-search]").fill("backfill")
    anybody.press("Search")
    assert "1 of" in anybody.text
    anybody.page.locator("#post-tasks-task_id-backfill").get_by_role("link", name="BackfillAnswer").click()
    assert anybody.url.endswith("#BackfillAnswer")


def test_a_link_into_the_reference_unfolds_what_it_leads_to(ann: Person) -> None:
    ann.go("/reference#Run")
    assert ann.page.locator("#Run[open]").count() == 1
    ann.page.keyboard.press("/")
    assert ann.page.evaluate("document.activeElement.id") == "q"


@EVERYWHERE
def test_functions_dead_letters_system_and_audit_are_reached_by_the_menu(
    somebody: Arriving, world: World, screen: Screen
) -> None:
    ann = entered(somebody, world, screen)
    ann.go("/settings")
    for word, title in (
        ("Functions", "Functions"),
        ("Dead letters", "Dead letters"),
        ("System", "System"),
        ("Audit log", "Audit log"),
        ("API reference", "API reference"),
        ("Calendars", "Calendars"),
    ):
        ann.page.locator("details.menu summary").click()
        with ann.page.expect_navigation():
            ann.page.locator("details.menu").get_by_role("link", name=word, exact=True).click()
        assert ann.page.locator("h1").inner_text().startswith(title)
        width = ann.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1]


def test_an_address_at_which_there_is_nothing_shows_a_page_with_a_way_back(ann: Person) -> None:
    assert ann.go("/taks").status == 404
    assert "Request" in ann.text
    ann.press("Back to the dashboard")
    assert ann.url == "/dashboard"
