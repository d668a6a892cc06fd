"""The local stack as a person starts and stops it, with the application that it is for."""

from __future__ import annotations

import http.server
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

from infra.local.engines import RunningEngine
from tests.infra.stacks import alive, part, running

PERSON = {"username": "ada", "password": "correct horse battery", "email": "ada@example.org"}


def assert_refused(ended: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.startswith(sentence)
    assert ended.stderr.count("\n") == 1


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = part(PORT=str(port), STATE_DIR=str(tmp_path))
    assert_refused(ended, f"Port {port} of 127.0.0.1 is taken: ")


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = part(PORT="0", STATE_DIR=str(tmp_path / "file" / "folder"))
    assert_refused(ended, f"The folder {tmp_path}/file/folder cannot be written: ")


def test_an_unknown_engine_is_refused() -> None:
    assert_refused(part(ENGINE="dynamite"), "ENGINE must be moto or ministack, not 'dynamite'.")


def test_an_endpoint_where_nothing_answers_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for arguments in ((), ("provision",)):
        ended = part(*arguments, PORT="0", STATE_DIR=str(tmp_path), AWS_ENDPOINT_URL=endpoint)
        assert_refused(ended, f"No AWS endpoint answers at {endpoint}: ")


def test_an_endpoint_that_is_something_else_is_refused() -> None:
    class Shop(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(404)

        def log_message(self, *said: Any) -> None:
            """Says nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Shop) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{shop.server_port}"
        assert_refused(part("tick", AWS_ENDPOINT_URL=endpoint), f"{endpoint} refuses to list its tables: 404.")
        shop.shutdown()


def test_a_part_needs_to_know_what_to_work_with() -> None:
    assert_refused(part("work"), "AWS_ENDPOINT_URL is not set: ")


def test_a_part_without_resources_says_how_to_get_them(emulator: RunningEngine) -> None:
    ended = part("pass", AWS_ENDPOINT_URL=emulator.endpoint, STAGE="nowhere")
    assert_refused(ended, f"punctual-nowhere-tasks does not exist at {emulator.endpoint}: run provision first.")


def test_the_parts_work_one_at_a_time(emulator: RunningEngine) -> None:
    chosen = {"AWS_ENDPOINT_URL": emulator.endpoint, "STAGE": "parts"}
    for arguments in (("provision",), ("provision",), ("tick",), ("pass",), ("work",), ("work", "--for", "0.5")):
        ended = part(*arguments, **chosen)
        assert ended.returncode == 0, (arguments, ended.stderr)


def test_the_api_alone_serves_until_it_is_stopped(emulator: RunningEngine) -> None:
    with running("api", AWS_ENDPOINT_URL=emulator.endpoint) as api:
        assert api.ask("GET", "/api/health")
        assert api.stop(signal.SIGTERM) == 0


def test_an_account_survives_a_restart(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)) as stack:
        token = stack.ask("POST", "/api/register", PERSON)["token"]
        children = stack.children()
        assert stack.stop(signal.SIGINT) == 0
    assert children
    assert not any(alive(child) for child in children)
    with running(STATE_DIR=str(tmp_path)) as stack:
        assert stack.ask("GET", "/api/me", token=token)["username"] == "ada"


def test_kill_9_loses_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)) as stack:
        token = stack.ask("POST", "/api/register", PERSON)["token"]
        children = stack.children()
        os.kill(stack.process.pid, signal.SIGKILL)
    with running(STATE_DIR=str(tmp_path)) as stack:
        assert not any(alive(child) for child in children)
        assert stack.ask("GET", "/api/me", token=token)["username"] == "ada"


def test_whatever_account_the_environment_is_set_up_for_is_left_alone(tmp_path: Path) -> None:
    elsewhere = {"AWS_PROFILE": "no-such-profile", "AWS_REGION": "eu-west-1", "AWS_SESSION_TOKEN": "real"}
    with running(STATE_DIR=str(tmp_path), **elsewhere) as stack:
        assert stack.ask("POST", "/api/register", PERSON)["token"]


def test_two_stacks_do_not_share_a_folder(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)):
        ended = part(PORT="0", STATE_DIR=str(tmp_path))
    assert_refused(ended, f"The folder {tmp_path} is in use by another Punctual: ")


def test_the_stack_runs_on_ministack_as_well(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path), ENGINE="ministack") as stack:
        token = stack.ask("POST", "/api/register", PERSON)["token"]
        assert stack.stop() == 0
    with running(STATE_DIR=str(tmp_path), ENGINE="ministack") as stack:
        assert stack.ask("GET", "/api/me", token=token)["username"] == "ada"


def test_the_whole_stack_runs_on_an_endpoint_that_is_given(tmp_path: Path, emulator: RunningEngine) -> None:
    chosen = {"AWS_ENDPOINT_URL": emulator.endpoint, "STAGE": "given", "STATE_DIR": str(tmp_path)}
    with running(**chosen) as stack:
        assert stack.ask("GET", "/api/health")
        assert stack.children() == set()
        assert stack.stop() == 0
    assert not emulator.has_ended()


def test_it_is_quiet_on_the_terminal_and_talkative_in_its_log(tmp_path: Path) -> None:
    with running(STATE_DIR=str(tmp_path)) as stack:
        stack.ask("GET", "/api/health")
        stack.stop()
    assert ["ready" in line for line in stack.lines] == [True, False], stack.lines
    assert '"action":"tick"' in (tmp_path / "punctual.log").read_text(encoding="utf-8")
