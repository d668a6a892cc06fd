"""Two people and a site that means harm, in a real browser: each sees their own, and nobody acts in their name."""

from __future__ import annotations

import re

from chalicelib.core.run import Attempt, AttemptStatus
from chalicelib.core.task import State
from tests.browser.conftest import Arriving, OtherSite
from tests.browser.person import Person
from tests.web.building import NOW, World, ended_run

SECRET = "the name that only Ann knows"
HOSTILE = "<script>document.title = 'obeyed'</script><img src=x onerror=\"document.title = 'obeyed'\">"


def create(person: Person, name: str) -> str:
    """Make a task by the form; the address of its page."""
    person.go("/task/create")
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
    somebody: Arriving, world: World, elsewhere: OtherSite
) -> None:
    ann, bob = somebody(), somebody()

    ann.register("ann")
    ann.log_out()
    ann.log_in("ann")
    task = create(ann, SECRET)
    ann.go("/tasks")
    assert SECRET in ann.text
    ann.go(task)
    ann.press("Run now")
    run = ann.url.partition("?")[0]
    assert run.startswith("/run/")

    bob.register("bob")
    for address in ("/dashboard", "/tasks", "/runs"):
        bob.go(address)
        assert SECRET not in bob.text
    for address in (task, f"{task}/update", f"{task}/delete", run):
        assert bob.go(address).status == 404
        assert "Not found" in bob.text
        assert SECRET not in bob.text

    for person in (bob, ann):
        for action in (f"{task}/pause", f"{task}/run", f"{task}/delete", "/task/create", "/logout", "/login"):
            elsewhere.html = forging(person.home + action)
            person.go(elsewhere.url)
            person.page.wait_for_url(person.home + action)
            assert "This form was sent from another site, so nothing was done" in person.text

    ann.go("/tasks")
    assert SECRET in ann.text
    kept = world.store.task(task.removeprefix("/task/"))
    assert kept is not None
    assert kept.definition.state is State.ACTIVE
    assert [found.id for found in world.store.last_runs([kept.id], 5)[kept.id]] == [run.removeprefix("/run/")]


def test_every_page_keeps_to_its_policy_and_obeys_nothing_that_was_written(somebody: Arriving, world: World) -> None:
    ann = somebody()
    ann.go("/")
    assert ann.url.startswith("/login")
    ann.register("ann")
    task = create(ann, HOSTILE[:60])
    user = world.store.user_named("ann")
    assert user is not None
    attempt = Attempt(number=1, started_at=NOW, status=AttemptStatus.SUCCEEDED, output=HOSTILE)
    run = ended_run(task.removeprefix("/task/"), user.id, NOW, task_name=HOSTILE[:60], attempts=(attempt,))
    world.store.insert_run(run)
    pages = ("/dashboard", "/tasks", "/task/create", task, f"{task}/update", f"{task}/delete", f"/run/{run.id}")
    for page in (*pages, "/run/none-1", "/logout", "/static/none.css"):
        ann.go(page)
        assert ann.page.title() != "obeyed"
        assert ann.page.locator("img, script:not([src])").count() == 0
        assert ann.page.evaluate("getComputedStyle(document.body).margin") == "0px", "the style sheet was not loaded"


def test_after_logging_out_nothing_is_left_to_see(somebody: Arriving) -> None:
    ann = somebody()
    ann.register("ann")
    task = create(ann, SECRET)
    ann.go("/tasks")
    ann.go(task)
    ann.log_out()
    assert "session" not in ann.kept()
    for _ in range(3):
        ann.page.go_back()
        assert SECRET not in ann.text
        assert ann.url.startswith(("/login", "/logout"))
    ann.page.reload()
    assert SECRET not in ann.text
    ann.go(task)
    assert re.match(r"/login\?next=", ann.url)
    ann.log_in("ann")
    assert ann.url == task
    assert SECRET in ann.text


def test_the_session_is_out_of_reach_of_scripts(somebody: Arriving) -> None:
    ann = somebody()
    ann.register("ann")
    kept = {name: (cookie["httpOnly"], cookie["sameSite"]) for name, cookie in ann.kept().items()}
    assert kept["session"] == kept["form"] == (True, "Lax")
    assert ann.page.evaluate("document.cookie") == ""


def test_a_form_of_an_earlier_session_is_shown_again_and_loses_nothing(somebody: Arriving) -> None:
    ann = somebody()
    ann.register("ann")
    ann.go("/task/create")
    ann.fill(name=SECRET, command="echo precious")
    other = ann.another()
    other.log_out()
    other.log_in("ann")
    ann.press("Create the task")
    assert "This form was made for an earlier visit" in ann.text
    assert all("403" in said for said in ann.complaints()), "what it means is not told to an earlier session either"
    ann.press("Create the task")
    assert "The task was created." in ann.text
    assert "echo precious" in ann.text


def test_a_page_that_breaks_its_policy_is_noticed(somebody: Arriving, elsewhere: OtherSite) -> None:
    elsewhere.html = "<!doctype html><body><script>document.title = 'obeyed'</script>"
    elsewhere.policy = "default-src 'none'"
    person = somebody()
    person.go(elsewhere.url)
    assert person.page.title() == ""
    assert "Content Security Policy" in "".join(person.complaints())


def test_a_script_that_fails_and_a_file_that_is_missing_are_noticed(somebody: Arriving, elsewhere: OtherSite) -> None:
    person = somebody()
    elsewhere.html = "<!doctype html><body><script>oops()</script>"
    person.go(elsewhere.url)
    person.go("/login")
    person.page.evaluate("fetch('/static/none.css')")
    said = "".join(person.complaints())
    assert "oops is not defined" in said
    assert "404: GET" in said
