"""`login`, `logout`, `whoami`: a token is kept where only its owner reads it, and nothing else of the password."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from chalicelib.core.people.account import Scope
from tests.actions.serving import Server, answer, saying
from tests.cli.shell import Shell
from tests.sdk.place import Place
from tests.web.building import in_

PASSWORD = "correct horse battery"


@pytest.fixture
def dan(here: Place, stranger: Shell) -> Shell:
    """Who has an account and has not logged in."""
    here.client(None).account.register("dan", PASSWORD, "dan@example.com")
    return stranger


def test_whoever_logs_in_is_asked_and_then_known(here: Place, dan: Shell) -> None:
    result = dan.run("login", typed=f"{here.url}\ndan\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert f"Logged in at {here.url} as dan." in result.stderr
    assert PASSWORD not in result.stderr
    assert stat.S_IMODE(dan.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(dan.config.parent.stat().st_mode) == 0o700
    assert PASSWORD not in dan.config.read_text()
    assert "username          dan" in dan.told("whoami")
    assert dan.json("whoami")["url"] == here.url


def test_logging_out_ends_the_token_and_forgets_it(here: Place, dan: Shell) -> None:
    dan.told("login", "--url", here.url, "-u", "dan", typed=f"{PASSWORD}\n")
    token = json.loads(dan.config.read_text())["token"]
    dan.told("logout")
    assert not dan.config.exists()
    assert "unknown, expired or revoked" in dan.having(PUNCTUAL_URL=here.url, PUNCTUAL_TOKEN=token).refused(4, "whoami")
    assert "log in with `punctual login`" in dan.refused(4, "whoami")


def test_logging_out_ends_the_token_that_is_kept_and_not_one_of_the_environment(here: Place, dan: Shell) -> None:
    dan.told("login", "--url", here.url, "-u", "dan", typed=f"{PASSWORD}\n")
    kept, other = json.loads(dan.config.read_text())["token"], here.token("ann")
    ended = dan.having(PUNCTUAL_URL=here.url, PUNCTUAL_TOKEN=other).run("logout")
    assert "PUNCTUAL_TOKEN is set, and goes on" in ended.stderr
    assert not dan.config.exists()
    dan.having(PUNCTUAL_URL=here.url, PUNCTUAL_TOKEN=other).told("whoami")
    dan.having(PUNCTUAL_URL=here.url, PUNCTUAL_TOKEN=kept).refused(4, "whoami")


def test_a_named_token_is_made_for_the_command_line(here: Place, dan: Shell) -> None:
    dan.told("login", "--url", here.url, "-u", "dan", "--named", "laptop", typed=f"{PASSWORD}\n")
    own = here.client(json.loads(dan.config.read_text())["token"])
    [token] = own.tokens.list()
    assert (token["name"], token["expires_at"]) == ("laptop", None)
    assert token["scopes"] == ["read", "run", "write"]


def test_a_token_is_taken_from_standard_input(here: Place, stranger: Shell) -> None:
    stranger.told("login", "--url", here.url, "--token", typed=here.token("ann") + "\n")
    assert stranger.json("whoami")["username"] == "ann"
    assert "no token came on standard input" in stranger.refused(2, "login", "--url", here.url, "--token", typed="")


def test_a_token_that_is_not_good_is_not_kept(here: Place, stranger: Shell) -> None:
    assert "log in again" in stranger.refused(4, "login", "--url", here.url, "--token", typed="pct_a_b_c\n")
    assert not stranger.config.exists()


def test_a_wrong_password_is_told_and_nothing_kept(here: Place, dan: Shell) -> None:
    told = dan.refused(4, "login", "--url", here.url, "-u", "dan", typed="wrong password\n")
    assert "wrong password" not in told
    assert not dan.config.exists()


def test_an_expired_token_is_told_with_the_remedy(here: Place, stranger: Shell) -> None:
    ann = here.caller("ann")
    token = here.world.scoped(ann, Scope.READ, expires_at=here.world.clock.now()).token
    assert token is not None
    told = stranger.having(PUNCTUAL_URL=here.url, PUNCTUAL_TOKEN=token).refused(4, "task", "list")
    assert told == (
        "punctual: this token is unknown, expired or revoked: log in again\n"
        "Log in again with `punctual login`, or give another PUNCTUAL_TOKEN.\n"
    )
    assert in_(0)


def test_a_file_that_others_could_read_is_made_private_with_a_sentence(here: Place, stranger: Shell) -> None:
    stranger.told("login", "--url", here.url, "--token", typed=here.token("ann") + "\n")
    stranger.config.chmod(0o644)
    result = stranger.run("whoami")
    assert result.exit_code == 0
    assert "could be read by others, and now only by you" in result.stderr
    assert stat.S_IMODE(stranger.config.stat().st_mode) == 0o600
    assert stranger.run("whoami").stderr == ""


def test_the_environment_wins_over_the_file(here: Place, stranger: Shell) -> None:
    stranger.told("login", "--url", here.url, "--token", typed=here.token("ann") + "\n")
    bob = stranger.having(PUNCTUAL_TOKEN=here.token("bob"))
    assert bob.json("whoami")["username"] == "bob"
    result = bob.run("login", "--url", here.url, "--token", typed=here.token("cyd") + "\n")
    assert "PUNCTUAL_TOKEN is set, and wins over what was just kept." in result.stderr


def test_a_kept_token_is_not_sent_to_another_address(here: Place, stranger: Shell) -> None:
    stranger.told("login", "--url", here.url, "--token", typed=here.token("ann") + "\n")
    with Server(saying(answer("200 OK", "{}"))) as elsewhere:
        other = stranger.having(PUNCTUAL_URL=f"http://127.0.0.1:{elsewhere.port}")
        assert "there is no token for" in other.refused(4, "whoami")
        assert elsewhere.requests == []


def test_logging_out_while_the_server_is_away_forgets_all_the_same(stranger: Shell, here: Place) -> None:
    stranger.told("login", "--url", here.url, "--token", typed=here.token("ann") + "\n")
    kept = json.loads(stranger.config.read_text())
    stranger.config.write_text(json.dumps({**kept, "url": "http://127.0.0.1:1"}))
    assert "cannot be reached" in stranger.refused(3, "logout")
    assert not stranger.config.exists()


def test_a_place_that_cannot_be_written_is_told(here: Place, stranger: Shell, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where a folder should be")
    told = stranger.refused(4, "login", "--url", here.url, "--token", typed=here.token("ann") + "\n")
    assert "cannot be written" in told


def test_http_to_another_machine_is_told_before_anything_is_sent(stranger: Shell) -> None:
    told = stranger.having(PUNCTUAL_URL="http://192.0.2.1:9", PUNCTUAL_TOKEN="two words").refused(4, "whoami")
    assert "192.0.2.1 is asked by http: whoever is on the way can read passwords and tokens. Use https." in told


@pytest.mark.parametrize("words", [(), ("--url", "http://127.0.0.1:1"), ("--url", "http://127.0.0.1:1", "-u", "ann")])
@pytest.mark.filterwarnings("ignore:Can not control echo")
def test_where_nobody_can_be_asked_that_is_said(stranger: Shell, words: tuple[str, ...]) -> None:
    assert "nobody is there to answer" in stranger.refused(2, "login", *words, typed="")
