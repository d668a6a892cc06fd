"""Two people and a site that means harm, in a real browser: each sees their own, and nobody acts in their name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.adapters.memory import MemoryStore
from chalicelib.core.run import Attempt, AttemptStatus
from chalicelib.core.task import State
from tests.browser.chromium import Chromium
from tests.browser.conftest import OtherSite
from tests.browser.window import Window
from tests.web.building import NOW, ended_run

PASSWORD = "correct horse battery"
SECRET = "the name that only Ann knows"
HOSTILE = "<script>document.title = 'obeyed'</script><img src=x onerror=\"document.title = 'obeyed'\">"


def register(person: Window, name: str) -> None:
    person.go("/register")
    person.fill(username=name, email=f"{name}@example.com", password=PASSWORD)
    person.press("Register")
    assert person.url == "/dashboard"


def log_in(person: Window, name: str) -> None:
    person.fill(username=name, password=PASSWORD)
    person.press("Log in")


def create(person: Window, name: str) -> str:
    """Make a task by the form; the address of its page."""
    person.press("New task")
    person.fill(name=name, description=HOSTILE)
    person.choose("action_type", "command")
    person.fill(command="echo hello")
    person.press("Create the task")
    assert "The task was created." in person.text
    return person.url.partition("?")[0]


def forging(action: str) -> str:
    """A page that sends a form to an address as soon as somebody looks at it."""
    return (
        f'<!doctype html><body><form method="post" action="{action}"><input name="reason" value="evil"></form>'
        "<script>document.forms[0].submit()</script>"
    )


def test_each_sees_their_own_and_nobody_else_acts_for_them(
    chromium: Chromium, home: str, store: MemoryStore, elsewhere: OtherSite
) -> None:
    ann, bob = Window(chromium, home), Window(chromium, home)

    register(ann, "ann")
    ann.press("Log out")
    assert ann.url == "/login"
    log_in(ann, "ann")
    task = create(ann, SECRET)
    task_id = task.removeprefix("/task/")
    ann.go("/dashboard")
    assert SECRET in ann.text
    ann.go(task)
    ann.press("Run now")
    run = ann.url
    assert "queued" in ann.text

    register(bob, "bob")
    assert SECRET not in bob.text
    assert "Create your first task" in bob.text
    for address in (task, f"{task}/update", f"{task}/delete", run):
        bob.go(address)
        assert "Not found" in bob.text
        assert SECRET not in bob.text

    for person in (bob, ann):
        for action in (f"{task}/pause", f"{task}/run", f"{task}/delete", "/task/create", "/logout", "/login"):
            elsewhere.html = forging(home + action)
            person.go(elsewhere.url)
            person.led_to(action)
            assert "This form was sent from another site, so nothing was done" in person.text
    ann.go("/dashboard")
    assert SECRET in ann.text

    kept = store.task(task_id)
    assert kept is not None
    assert kept.definition.state is State.ACTIVE
    assert f"/task/{task_id}" == task
    ann.go(task)
    assert ann.evaluate("document.querySelectorAll('table tbody tr').length") == 1
    assert ann.complaints() == []
    assert bob.complaints() == []


def test_every_page_keeps_to_its_policy_and_obeys_nothing_that_was_written(
    chromium: Chromium, home: str, store: MemoryStore
) -> None:
    ann = Window(chromium, home)
    ann.go("/")
    assert ann.url.startswith("/login")
    register(ann, "ann")
    task = create(ann, HOSTILE[:60])
    user = store.user_named("ann")
    assert user is not None
    attempt = Attempt(number=1, started_at=NOW, status=AttemptStatus.SUCCEEDED, output=HOSTILE)
    run = ended_run(task.removeprefix("/task/"), user.id, NOW, task_name=HOSTILE[:60], attempts=(attempt,))
    store.insert_run(run)
    pages = ("/dashboard", "/task/create", task, f"{task}/update", f"{task}/delete", f"/run/{run.id}", "/run/none-1")
    for page in (*pages, "/logout", "/static/none.css"):
        ann.go(page)
        assert ann.evaluate("document.title") != "obeyed"
        assert ann.evaluate("document.scripts.length + document.images.length") == 0
        if page in pages:
            assert ann.evaluate("getComputedStyle(document.body).margin") == "0px", "the style sheet was not loaded"
    assert ann.complaints() == []


def test_after_logging_out_nothing_is_left_to_see(chromium: Chromium, home: str) -> None:
    ann = Window(chromium, home)
    register(ann, "ann")
    task = create(ann, SECRET)
    ann.go("/dashboard")
    ann.go(task)
    ann.press("Log out")
    assert ann.url == "/login"
    assert [cookie["name"] for cookie in ann.cookies() if cookie["name"] == "session"] == []
    for _ in range(2):
        ann.back()
        assert SECRET not in ann.text
        assert ann.url.startswith("/login")
    ann.reload()
    assert SECRET not in ann.text
    ann.go(task)
    assert re.match(r"/login\?next=", ann.url)
    log_in(ann, "ann")
    assert ann.url == task
    assert SECRET in ann.text


def test_the_session_is_out_of_reach_of_scripts(chromium: Chromium, home: str) -> None:
    ann = Window(chromium, home)
    register(ann, "ann")
    kept = {cookie["name"]: (cookie["httpOnly"], cookie["sameSite"]) for cookie in ann.cookies()}
    assert kept["session"] == kept["form"] == (True, "Lax")
    assert ann.evaluate("document.cookie") == ""


def test_a_form_of_an_earlier_session_is_shown_again_and_loses_nothing(chromium: Chromium, home: str) -> None:
    ann = Window(chromium, home)
    register(ann, "ann")
    ann.press("New task")
    ann.fill(name=SECRET, command="echo precious")
    other = ann.another()
    other.go("/logout")
    other.press("Log out")
    log_in(other, "ann")
    ann.press("Create the task")
    assert "This form was made for an earlier visit" in ann.text
    ann.press("Create the task")
    assert "The task was created." in ann.text
    assert "echo precious" in ann.text


def test_a_page_that_breaks_its_policy_is_noticed(chromium: Chromium, home: str, elsewhere: OtherSite) -> None:
    elsewhere.html = "<!doctype html><body><script>document.title = 'obeyed'</script>"
    elsewhere.policy = "default-src 'none'"
    person = Window(chromium, home)
    person.go(elsewhere.url)
    assert person.evaluate("document.title") == ""
    assert person.complaints() != []


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    own = Chromium(tmp_path)
    own.call("Browser.getVersion")
    assert own.close() == []


def test_a_machine_without_chromium_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="install it"):
        Chromium(tmp_path)
