"""The page of functions: how each is called, what it says of itself, and a way to a task that calls it."""

from __future__ import annotations

import pytest

from app import app
from chalicelib.core.people.account import Role
from chalicelib.functions import registry
from chalicelib.functions.registry import function
from tests.web.building import World
from tests.web.pages.browser import Browser


def test_each_is_told_as_it_is_called(anns: Browser) -> None:
    page = anns.get("/functions")
    assert "print_hello(name: str = 'world') -> None" in page.text
    assert "Append a line to a file in the temporary folder" in page.text
    assert "Each worker of a deployed stage has a temporary folder of its own" in page.text
    for known in registry.registered():
        assert f"/task/create?action_type=function&function={known.name}" in page.reader.links


def test_what_has_to_be_given_is_marked(anns: Browser) -> None:
    text = anns.get("/functions?q=add").text
    assert ("x float needed" in text, "y float needed" in text) == (True, True)


def test_the_way_to_a_task_leads_to_a_form_that_calls_it_as_it_says(
    anns: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_registered", dict(vars(registry)["_registered"]))

    @function(timeout=300, retries=0, overlap="skip")
    def nightly() -> None: ...

    typed = anns.get("/task/create?action_type=function&function=nightly").form("/task/create").fields
    shown = {name: typed[name] for name in ("action_type", "function", "timeout_seconds", "max_attempts", "overlap")}
    assert shown == {
        "action_type": "function",
        "function": "nightly",
        "timeout_seconds": "300",
        "max_attempts": "1",
        "overlap": "skip",
    }
    assert anns.get("/task/create?function=no_such").form("/task/create").fields["timeout_seconds"] == "60"


def test_functions_can_be_searched(anns: Browser) -> None:
    page = anns.get("/functions?q=temporary+folder")
    assert ("write_to_file" in page.text, "print_hello" in page.text) == (True, False)
    assert "No function is called like that" in anns.get("/functions?q=nothing+like+this").text


def test_a_module_that_could_not_be_loaded_is_told_to_admins(
    anns: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(registry)["_broken"], "chalicelib.functions.mine", "SyntaxError: <b>line 3</b>")
    roots = Browser(app, session=world.session_of(world.caller("root", role=Role.ADMIN)))
    page = roots.get("/functions")
    assert "SyntaxError: <b>line 3</b>" in page.text
    assert "<b>line 3" not in page.html
    assert "SyntaxError" not in anns.get("/functions").text
