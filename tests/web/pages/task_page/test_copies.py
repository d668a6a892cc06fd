"""The page of a task: what makes it again."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.browser.serving import served
from tests.web.building import Caller, json_of
from tests.web.pages.browser import Browser, Page
from tests.web.pages.reader import Reader
from tests.web.pages.task_page.reading import CRON, path_of

SDK = Path(__file__).parents[4] / "sdk" / "src"
HOSTILE = "it's $HOME `id` $(id) \"x\" \\ \n'; rm -rf / #"


def test_the_command_line_sends_the_task_as_it_is_whatever_it_holds(anns: Browser, ann: Caller, tmp_path: Path) -> None:
    action = {"type": "command", "command": HOSTILE, "env": {"A": "'"}}
    made = ann.created(name='back "at" it\'s', action=action, schedule=CRON)
    fake = tmp_path / "curl"
    fake.write_text('#!/bin/sh\nfor one in "$@"; do printf "%s\\0" "$one"; done\n')
    fake.chmod(0o755)
    line = text_of(anns.get(f"/task/{made['id']}"), "as-curl")
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "PUNCTUAL_URL": "https://p.example/dev",
        "PUNCTUAL_TOKEN": "t k",
    }
    done = subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, check=True, timeout=10)
    *options, body, _ = done.stdout.decode().split("\0")
    assert "https://p.example/dev/api/tasks" in options
    assert "Authorization: Token t k" in options
    again = json_of(ann.post("/api/tasks", json.loads(body)))
    assert {name: again[name] for name in ("name", "action", "schedule")} == {
        name: made[name] for name in ("name", "action", "schedule")
    }


def test_the_command_makes_the_task_as_it_is(anns: Browser, ann: Caller, tmp_path: Path) -> None:
    action = {"type": "command", "command": HOSTILE, "env": {"A": "'"}}
    made = ann.created(name='back "at" it\'s 100%', action=action, schedule=CRON)
    line = text_of(anns.get(f"/task/{made['id']}"), "as-punctual")
    program = tmp_path / "punctual"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m punctual_cli "$@" -o json\n')
    program.chmod(0o755)
    with served() as url:
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": str(SDK), "HOME": str(tmp_path)}
        environment |= {"PUNCTUAL_URL": url, "PUNCTUAL_TOKEN": ann.token or ""}
        done = subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, check=True, timeout=30)
    again = json.loads(done.stdout)
    assert again["id"] != made["id"]
    assert {name: again[name] for name in ("name", "action", "schedule")} == {
        name: made[name] for name in ("name", "action", "schedule")
    }


def test_the_program_sends_the_task_as_it_is(anns: Browser, ann: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ann.created(action={"type": "command", "command": HOSTILE}, metadata={"a": None, "b": True}, schedule=CRON)
    program = text_of(anns.get(f"/task/{made['id']}"), "as-python")
    sent: list[urllib.request.Request] = []

    def urlopen(request: urllib.request.Request) -> Any:
        sent.append(request)
        raise ConnectionError

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setenv("PUNCTUAL_URL", "https://p.example")
    monkeypatch.setenv("PUNCTUAL_TOKEN", "token")
    with pytest.raises(ConnectionError):
        exec(compile(program, "program", "exec"), {})
    [request] = sent
    assert (request.get_method(), request.full_url) == ("POST", "https://p.example/api/tasks")
    assert request.get_header("Authorization") == "Token token"
    assert isinstance(request.data, bytes)
    data = json.loads(request.data)
    assert {name: data[name] for name in ("action", "metadata", "schedule")} == {
        name: made[name] for name in ("action", "metadata", "schedule")
    }


def text_of(page: Page, element: str) -> str:
    """The text of an element, as a browser copies it."""
    start = page.html.index(f'id="{element}"')
    return "".join(Reader(page.html[page.html.index(">", start) + 1 : page.html.index("</pre>", start)]).words)


def test_the_copies_name_no_values_of_secrets(anns: Browser, ann: Caller) -> None:
    assert ann.put("/api/secrets/key", {"value": "s3cret-value"}).status_code == 204
    action = {"type": "http", "method": "GET", "url": "https://example.com/", "headers": {"A": {"secret": "key"}}}
    page = anns.get(path_of(ann, action=action))
    assert '"secret": "key"' in text_of(page, "as-curl")
    assert '"secret": "key"' in text_of(page, "as-punctual")
    assert "s3cret-value" not in page.html
