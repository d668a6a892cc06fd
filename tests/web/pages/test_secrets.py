"""The pages of secrets: a value is taken, and is on no page, in no address, in no log and in no audit log."""

from __future__ import annotations

import pytest

from chalicelib.bootstrap import whole
from tests.engine.place import listening
from tests.web.building import Caller, World, json_of
from tests.web.pages.browser import OWN_FORM, Browser

VALUE = "s3cret-of-ann"
CALL = {"type": "http", "method": "GET", "url": "https://example.com/", "headers": {"X-Key": {"secret": "api.key"}}}


def kept(world: World, caller: Caller) -> dict[str, str]:
    """The caller's secrets as whoever runs their tasks gets them."""
    names = [one["name"] for one in json_of(caller.get("/api/secrets"))["items"]]
    return whole.system().secrets.secrets.values(caller.id, names)


def test_a_value_is_kept_and_never_seen_again(anns: Browser, ann: Caller, world: World) -> None:
    with listening() as said:
        page = anns.submit(anns.get("/secrets"), "/secrets", name="api.key", value=VALUE)
    assert page.url == "/secrets/api.key?done=kept"
    assert kept(world, ann) == {"api.key": VALUE}
    pages = [page.html, *(anns.get(path).html for path in ("/secrets", "/secrets/api.key", "/secrets/api.key/delete"))]
    acts = ann.get("/api/audit").body.decode()
    assert not any(VALUE in text for text in [*pages, acts, anns.get("/audit").html, str(said)])
    assert "/secrets/api.key" in acts


@pytest.mark.parametrize(
    ("name", "value", "field", "words"),
    [
        ("", VALUE, "name", "1 to 64"),
        ("a b", VALUE, "name", "1 to 64"),
        ("...", VALUE, "name", "1 to 64"),
        ("key", "", "value", "must not be empty"),
        ("key", "é" * 2049, "value", "4,096 bytes"),
        ("key", "a\0b", "value", "NUL"),
    ],
)
def test_what_cannot_be_kept_is_said_and_the_value_has_to_be_typed_again(
    anns: Browser, ann: Caller, world: World, name: str, value: str, field: str, words: str
) -> None:
    page = anns.post("/secrets", {"name": name, "value": value})
    assert page.status == 422
    assert words.lower() in page.said(field).lower()
    assert page.form("/secrets").fields["name"] == name
    assert page.form("/secrets").fields["value"] == ""
    assert kept(world, ann) == {}


def test_a_value_of_several_lines_keeps_them(anns: Browser, ann: Caller, world: World) -> None:
    anns.post("/secrets", {"name": "pem", "value": "one\r\ntwo\r\n"})
    assert kept(world, ann) == {"pem": "one\ntwo\n"}


def test_the_list_says_which_tasks_name_a_secret(anns: Browser, ann: Caller) -> None:
    anns.post("/secrets", {"name": "api.key", "value": VALUE})
    task = ann.created(action=CALL)
    assert f"/task/{task['id']}" in anns.get("/secrets").reader.links
    assert f"/task/{task['id']}" in anns.get("/secrets/api.key").reader.links


def test_another_value_takes_the_former_ones_place(anns: Browser, ann: Caller, world: World) -> None:
    anns.post("/secrets", {"name": "api.key", "value": VALUE})
    anns.submit(anns.get("/secrets/api.key"), "/secrets", value="another")
    assert kept(world, ann) == {"api.key": "another"}


def test_deleting_asks_first_and_is_refused_while_a_task_names_it(anns: Browser, ann: Caller, world: World) -> None:
    anns.post("/secrets", {"name": "api.key", "value": VALUE})
    task = ann.created(action=CALL, name="caller")
    asked = anns.get("/secrets/api.key/delete")
    assert "/secrets/api.key/delete" not in [form.action for form in asked.reader.forms]
    refused = anns.post("/secrets/api.key/delete")
    assert (refused.status, "caller" in refused.text) == (409, True)
    ann.delete(f"/api/tasks/{task['id']}")
    done = anns.submit(anns.get("/secrets/api.key/delete"), "/secrets/api.key/delete")
    assert done.url == "/secrets?done=deleted"
    assert kept(world, ann) == {}


def test_nobody_learns_of_somebody_elses(anns: Browser, bobs: Browser, ann: Caller, world: World) -> None:
    anns.post("/secrets", {"name": "api.key", "value": VALUE})
    assert "api.key" not in bobs.get("/secrets").text
    for path in ("/secrets/api.key", "/secrets/api.key/delete", "/secrets/missing"):
        assert bobs.get(path).status == 404
    assert bobs.post("/secrets/api.key/delete").status == 404
    assert kept(world, ann) == {"api.key": VALUE}


def test_a_form_of_an_earlier_visit_comes_back_without_the_value(anns: Browser, ann: Caller, world: World) -> None:
    page = anns.ask("POST", "/secrets", f"csrf_token=old&name=api.key&value={VALUE}", OWN_FORM)
    assert (page.status, VALUE in page.html) == (403, False)
    assert page.form("/secrets").fields["name"] == "api.key"
    assert kept(world, ann) == {}
