"""How commands end: one sentence and an exit code, whatever the server or the person does."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import click
import pytest

from punctual_cli.errors import KINDS, ExitCode
from punctual_cli.main import main
from tests.actions.serving import Server, answer, saying
from tests.cli.shell import Shell

PROBLEM = '{"code": "odd", "detail": "it was odd", "request_id": "req-1"}'


def at(stranger: Shell, server: Server) -> Shell:
    return stranger.having(PUNCTUAL_URL=f"http://127.0.0.1:{server.port}", PUNCTUAL_TOKEN="pct_a_b_c")


@pytest.mark.parametrize(
    ("came", "code", "said"),
    [
        (answer("401 Unauthorized", PROBLEM, Connection="close"), 4, "Log in again with `punctual login`"),
        (answer("403 Forbidden", PROBLEM, Connection="close"), 6, "it was odd"),
        (answer("404 Not Found", PROBLEM, Connection="close"), 5, "it was odd"),
        (answer("409 Conflict", PROBLEM, Connection="close"), 7, "it was odd"),
        (answer("422 Unprocessable Entity", PROBLEM, Connection="close"), 6, "it was odd"),
        (
            answer("429 Too Many Requests", PROBLEM, Retry_After="900", Connection="close"),
            8,
            "It may be sent again in 900 s.",
        ),
        (
            answer("500 Internal Server Error", PROBLEM, Connection="close"),
            9,
            "In the server's log it is request req-1.",
        ),
        (answer("502 Bad Gateway", "<html>", Connection="close"), 3, "is not the JSON of Punctual: '<html>'"),
        (
            answer("200 OK", "<html>", Content_Type="text/html", Connection="close"),
            3,
            "text/html that is not the JSON of Punctual",
        ),
        (answer("301 Moved", Location="https://else.example/", Connection="close"), 3, "a token is not sent on"),
        (b"", 3, "did not answer"),
    ],
    ids=lambda value: value.decode()[9:12] if isinstance(value, bytes) else "",
)
def test_every_answer_ends_with_its_exit_code_and_a_sentence(
    stranger: Shell, came: bytes, code: int, said: str
) -> None:
    with Server(saying(came)) as server:
        told = at(stranger, server).refused(code, "whoami")
    assert told.startswith("punctual: ")
    assert said in told


def test_a_server_that_is_not_there_is_a_sentence_with_a_remedy(stranger: Shell) -> None:
    told = stranger.having(PUNCTUAL_URL="http://127.0.0.1:1", PUNCTUAL_TOKEN="x").refused(3, "task", "list")
    assert told == (
        "punctual: http://127.0.0.1:1 cannot be reached: Connection refused\n"
        "Is the address right, and is it running? `punctual login` sets another one.\n"
    )


def test_an_address_that_is_none_is_a_usage_error(stranger: Shell) -> None:
    assert "'punctual.example' is no address" in stranger.having(PUNCTUAL_URL="punctual.example").refused(2, "whoami")
    assert "has to begin with https:// or http://" in stranger.refused(2, "login", "--url", "localhost:8000")


def test_a_word_that_steers_a_terminal_does_not_reach_it(stranger: Shell) -> None:
    with Server(saying(answer("403 Forbidden", '{"detail": "\\u001b]0;title\\u0007x"}'))) as server:
        assert "\x1b" not in at(stranger, server).refused(6, "whoami")


def test_a_command_that_there_is_not_is_a_usage_error(stranger: Shell) -> None:
    assert "No such command" in stranger.refused(2, "tusk")
    assert "Usage: punctual task [OPTIONS]" in stranger.run("task").output


def test_every_command_that_prints_what_there_is_prints_it_as_json_too() -> None:
    lacking = [path for path, command in _commands(main, "") if "form" not in {one.name for one in command.params}]
    assert lacking == ["login", "logout", "completion"]


def _commands(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{name} ")
        else:
            yield before + name, command


def test_every_error_has_an_exit_code_and_no_two_meanings_share_one() -> None:
    assert isinstance(ExitCode.DONE, enum.IntEnum)
    assert len({int(code) for code in ExitCode}) == len(ExitCode)
    assert {code for _, code in KINDS} <= set(ExitCode)


def test_the_version_is_told(stranger: Shell) -> None:
    assert stranger.told("--version") == "punctual, version 0.1.0\n"
