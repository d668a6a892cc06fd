"""Which installation and which token: the environment wins, the file is private, and no token goes astray."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from punctual_client import Client, NotConfigured, NotPrivate, configuration
from punctual_client.configuration import Configuration, found, place, read, write

URL, TOKEN = "https://punctual.example", "pct_a_b_c"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}


def kept(environment: dict[str, str], url: str = URL) -> Path:
    write(place(environment), Configuration(url=url, token=TOKEN))
    return place(environment)


def test_what_is_kept_is_for_its_owner_alone_and_found_again(environment: dict[str, str]) -> None:
    before = os.umask(0)
    try:
        path = kept(environment)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["config.json"]
    assert found(environment) == Configuration(url=URL, token=TOKEN)
    assert TOKEN not in repr(found(environment))


def test_it_is_where_xdg_says(tmp_path: Path) -> None:
    assert place({"HOME": "/home/ann"}) == Path("/home/ann/.config/punctual/config.json")
    assert place({"HOME": "/home/ann", "XDG_CONFIG_HOME": "/etc/ann"}) == Path("/etc/ann/punctual/config.json")
    assert place({"HOME": "/home/ann", "XDG_CONFIG_HOME": "relative"}) == Path("/home/ann/.config/punctual/config.json")


def test_the_environment_wins(environment: dict[str, str]) -> None:
    kept(environment)
    both = {"PUNCTUAL_URL": "https://other.example/prod/", "PUNCTUAL_TOKEN": "pct_other"}
    assert found(environment | both) == Configuration(url="https://other.example/prod", token="pct_other")
    assert found(environment | {"PUNCTUAL_TOKEN": "pct_other"}) == Configuration(url=URL, token="pct_other")
    assert found(environment | {"PUNCTUAL_URL": URL + "/"}) == Configuration(url=URL, token=TOKEN)


def test_a_kept_token_does_not_go_to_another_address(environment: dict[str, str]) -> None:
    kept(environment)
    assert found(environment | {"PUNCTUAL_URL": "https://evil.example"}).token is None


def test_a_file_that_others_may_read_is_not_used_before_it_is_private(environment: dict[str, str]) -> None:
    path = kept(environment)
    path.chmod(0o644)
    with pytest.raises(NotPrivate, match=f"others than you may read it: chmod 600 {path}"):
        found(environment)
    configuration.make_private(path)
    assert found(environment).token == TOKEN


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 5}', '{"token": "x"}', '{"url": "ftp://x"}'])
def test_a_file_that_is_broken_is_named(environment: dict[str, str], text: str) -> None:
    path = kept(environment)
    path.write_text(text)
    with pytest.raises(NotConfigured):
        read(path)


def test_a_write_that_fails_leaves_the_file_as_it_was(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept(environment)

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotConfigured, match="cannot be written: No space left on device"):
        write(path, Configuration(url=URL, token="pct_new"))
    assert json.loads(path.read_text())["token"] == TOKEN
    assert [entry.name for entry in path.parent.iterdir()] == ["config.json"]


def test_nothing_said_anywhere_is_a_sentence_that_says_what_to_do(environment: dict[str, str]) -> None:
    with pytest.raises(NotConfigured, match="log in with `punctual login`, or set PUNCTUAL_URL and PUNCTUAL_TOKEN"):
        found(environment)


@pytest.mark.parametrize(
    "url",
    ["punctual.example", "ftp://a.example", "https://", "https://u:p@a.example", "https://a.example:x", "https://a/?q"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(NotConfigured):
        Client(url)


@pytest.mark.parametrize("token", ["", "two words", "line\nfeed", "ü", "x" * 300])
def test_what_cannot_be_a_token_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(NotConfigured) as told:
        Client(URL, token)
    assert not token or token not in str(told.value)


def test_a_client_is_made_of_what_is_found(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    kept(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PUNCTUAL_URL", raising=False)
    monkeypatch.delenv("PUNCTUAL_TOKEN", raising=False)
    assert Client.from_environment(retries=0).url == URL
