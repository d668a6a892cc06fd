"""Whatever somebody writes, wherever it is shown: it stands there as written, and the page around it stays the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from app import app
from chalicelib.bootstrap.requests import system
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.people.account import Role, Scope, TokenKind, User
from chalicelib.core.people.acts import Act, Origin
from chalicelib.core.run import Attempt, AttemptStatus, RunError, RunStatus
from chalicelib.settings import Settings
from tests.web.building import NOW, SLOW_HASH, Caller, World, ended_run, installed
from tests.web.pages.browser import Browser, Page

PLAIN = "plain text"
HOSTILE = [
    "</title></textarea></pre></code><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover=alert(1) x='",
    "x onclick=alert(1)//",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{987654*345679}}{% raw %}${987654*345679}#{987654*345679}<%=987654*345679%>",
    "&lt;script&gt;alert(1)&#60;/script&#62;",
    "<!--",
    "]]><![CDATA[<svg onload=alert(1)>",
    "__proto__",
    "\u202egnp.exe\u2066\u200f\u2028",
    "//evil.example/\\evil.example",
    "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "; url=https://evil.example",
    "\ufeff\u00ad\u200b<u>\U0001f642",
]
CALCULATED = str(987654 * 345679)
SAME = frozenset({"sqs:send_message", "sns:*"})
"""What the other installations of these tests allow: the form lists it."""
CODE = ("class", "id", "href", "action", "src", "method", "name", "type", "http-equiv", "content", "for", "datetime")
"""Attributes that say what a page does; none of them may depend on what somebody wrote."""
OURS = re.compile(r"/static/[a-z.]+-[0-9a-f]{12}\.js")
"""A script that every page has."""
VARYING = re.compile(r"[0-9a-z]{26}(-\d+)?|W/\"[0-9a-f]{24}\"")
"""Ids of tasks and runs, and the tag of what a page says."""

Structure = list[tuple[str, list[tuple[str, str]]]]

ACTIONS: list[Any] = [
    lambda text: {"type": "command", "command": text, "env": {"A": text}, "stdin": text},
    lambda text: {"type": "command", "command": ["echo", text]},
    lambda text: {
        "type": "http",
        "method": "POST",
        "url": "http://a/?" + re.sub(r"[^!-~]|[\"<>\\^`{|}]", "", text),
        "headers": {"A": "".join(sign for sign in text if " " <= sign <= "~")},
        "body": text,
    },
    lambda text: {"type": "function", "name": "print_hello", "args": [text]},
    lambda text: {"type": "aws", "service": "sqs", "operation": "send_message", "parameters": {text: text}},
]


def person(world: World, text: str) -> Caller:
    """Somebody whose name and e-mail are a text, which no registration would take."""
    user = User(
        id="zoe",
        username=text,
        email=text,
        role=Role.MEMBER,
        can_run_commands=True,
        can_call_aws=True,
        password_hash=SLOW_HASH,
        created_at=NOW,
    )
    assert world.store.create_user(user)
    return Caller(client=world.client, token=world.token_of(user, TokenKind.LOGIN), user=user)


def everything(world: World, text: str) -> list[Page]:
    """Every page with a text in every place that takes one."""
    zoe = person(world, text)
    browser = Browser(app, session=world.session_of(zoe))
    shown = []
    for action in ACTIONS:
        made = zoe.created(
            name=text,
            description=text,
            tags=[text[:50]],
            metadata={text: text},
            action=action(text),
        )
        reason = zoe.post(f"/api/tasks/{made['id']}/pause", {"reason": text})
        assert reason.status_code == 200
        error = RunError(code=text, detail=text)
        attempt = Attempt(number=1, started_at=NOW, status=AttemptStatus.FAILED, error=error, output=text)
        attempts = (attempt, replace(attempt, number=2, error=RunError(code="x", detail=text * 2)))
        run = ended_run(made["id"], "zoe", NOW, task_name=text, attempts=attempts, error=error, result={"a": text})
        world.store.insert_run(replace(run, status=RunStatus.FAILED))
        paths = (f"/task/{made['id']}", f"/task/{made['id']}/update", f"/task/{made['id']}/delete", f"/run/{run.id}")
        shown += [browser.get(path) for path in paths]
    shown += [browser.get(path) for path in (*around(world, zoe, text), *of_account(made["id"], text))]
    root = Browser(app, session=world.session_of(world.caller("root", role=Role.ADMIN)))
    asked = ("/members", "/members/zoe", "/audit?owner=zoe", "/tasks?owner=zoe", "/runs?owner=zoe", "/system")
    shown += [root.get(path) for path in asked]
    zoe.delete(f"/api/tasks/{made['id']}")
    return [*shown, browser.get("/dashboard"), browser.get(f"/run/{run.id}")]


def of_one_part(text: str) -> str:
    """A text that stands between two slashes of an address."""
    return text.replace("/", "|")


def around(world: World, zoe: Caller, text: str) -> list[str]:
    """Give somebody a token, a calendar, a secret and acts whose names are a text; the pages that list
    them. No request takes such names, but what an older version stored may hold them."""
    world.scoped(zoe, Scope.READ, name=text)
    begin = NOW + timedelta(days=1)
    world.store.put_calendar(
        Calendar(owner=zoe.id, name=text, spans=((begin, begin + timedelta(days=1)),), updated_at=NOW)
    )
    system().secrets.secrets.put(zoe.id, text, text)
    origin = Origin(source=text, by=text, request_id=text)
    act = Act(
        id=f"{'0' * 25}1",
        at=NOW,
        owner=zoe.id,
        actor=zoe.id,
        actor_name=text,
        action=text,
        target=f"/task/{of_one_part(text)}",
        status=422,
        origin=origin,
    )
    world.store.put_act(act, NOW + timedelta(days=1))
    return ["/tokens", "/calendars", "/secrets", "/audit", "/settings"]


def of_account(task_id: str, text: str) -> list[str]:
    """The other pages that show what somebody has written, or asked for."""
    asked = quote(text, safe="", errors="surrogatepass")
    return [
        *(f"/task/{task_id}/{below}" for below in ("backfill", "duplicate")),
        *(f"/task/{task_id}/backfill?from={asked}&to={asked}", f"/tasks?q={asked}", f"/functions?q={asked}"),
        *("/tasks", "/runs", "/runs?status=failed", "/week", "/welcome"),
    ]


def structure(page: Page, text: str) -> Structure:
    """The page without what somebody wrote: its tags, which attributes they have, and those that say what it does. Of
    an address, what was written may be a part; how it begins and what else it says may not change with it."""

    def without(value: str) -> str:
        for written in (
            text,
            of_one_part(text),
            quote(text),
            quote(text, safe=""),
            quote_plus(text),
            quote_plus(text[:50]),
        ):
            value = value.replace(written, "it")
        return VARYING.sub("id", value)

    return [
        (tag, [(name, without(value) if name in CODE else "") for name, value in given.items()])
        for tag, given in page.reader.tags
    ]


@cache
def harmless() -> list[Structure]:
    """The same pages with a text that could do no harm anywhere."""
    world = installed(Settings(aws_actions_allowed=SAME))
    return [structure(page, PLAIN) for page in everything(world, PLAIN)]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_changes_nothing_but_the_text(world: World, text: str) -> None:
    pages = everything(world, text)
    for page in pages:
        written = [*page.reader.words, *(value for _, given in page.reader.tags for value in given.values())]
        assert any(text in one for one in written) or page.url == "/system"
        assert CALCULATED not in page.html
        assert {tag for tag, _ in page.reader.tags}.isdisjoint({"img", "u", "object", "iframe", "base"})
        scripts = [given.get("src", "") for tag, given in page.reader.tags if tag == "script"]
        assert all(OURS.fullmatch(src) for src in scripts)
    for page, plain in zip(pages, harmless(), strict=True):
        assert structure(page, text) == plain, page.url


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_typed_and_refused_is_only_text(anns: Browser, stranger: Browser, text: str) -> None:
    fields = anns.get("/task/create").form("/task/create").fields
    chosen = {"paused": "", "action_type": "command", "schedule_type": "interval"}
    account = {"username": text, "email": text, "password": text, "next": text}
    known = anns.get("/task/create").reader.tags
    pages = [anns.post("/task/create", dict.fromkeys(fields, text) | chosen | anns.proof())]
    pages += [stranger.post(path, account) for path in ("/register", "/login")]
    for page in pages:
        assert page.status in (401, 422)
        assert any(text in given.get("value", "") for _, given in page.reader.tags)
        assert CALCULATED not in page.html
        assert {tag for tag, _ in page.reader.tags} <= {tag for tag, _ in known}
        assert sum("autofocus" in given for _, given in page.reader.tags) <= 1  # the form's own
        for _, given in page.reader.tags:
            assert not [name for name in given if name.startswith("on") or name in ("style", "srcdoc")]
            assert all(given[name][0] in "/#" for name in ("href", "action", "src", "formaction") if name in given)


@pytest.mark.parametrize("path", ["/task/%3Cscript%3E", "/run/%22%3E%3Cimg%20src%3Dx%3E", "/static/%3Cscript%3E"])
def test_an_address_changes_nothing_but_the_text(anns: Browser, path: str) -> None:
    page = anns.get(path)
    assert page.status == 404
    assert not re.search(r"<script(?! defer src=\"/static/)|<img", page.html)


@pytest.mark.parametrize("cursor", ["x", '"><script>', "; url=https://evil.example", "javascript:alert(1)"])
def test_what_renews_a_page_stays_here(anns: Browser, ann: Caller, cursor: str) -> None:
    for path in ("/dashboard", f"/task/{ann.created()['id']}"):
        page = anns.ask("GET", f"{path}?refresh=on&done=<script>&cursor={cursor}")
        assert not re.search(r"<script(?! defer src=\"/static/)|url=h|url=j", page.html)


@pytest.mark.parametrize("output", ["\ud800", "\x00\x1b]0;title\x07", "\u202eecho harmless\u202c", "\u2067x\u2069"])
def test_output_can_neither_break_a_page_nor_pretend(anns: Browser, ann: Caller, world: World, output: str) -> None:
    made = ann.created()
    attempt = Attempt(number=1, started_at=NOW, status=AttemptStatus.SUCCEEDED, output=f"before {output} after")
    run = ended_run(made["id"], ann.id, NOW, attempts=(attempt,))
    world.store.insert_run(run)
    page = anns.get(f"/run/{run.id}")
    assert page.status == 200
    assert "before" in page.text
    assert not re.search("[\x00-\x08\x1b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", page.html)
