"""`login`, `logout`, `whoami`: who the command line is, and where."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from punctual_cli.errors import ExitCode, Failed
from punctual_cli.printing import Form, output_option, say, show_facts, show_json
from punctual_cli.session import OF_ENVIRONMENT, client, configured, connected, kept
from punctual_client import Client, NotAuthenticated, NotConfigured, PunctualError
from punctual_client.configuration import Configuration, forget, place, write

LOCAL = "http://127.0.0.1:8000"
"""Where `make run` serves."""
SCRIPT_SCOPES = ("read", "run", "write")


@click.command()
@click.option("--url", help="Where the installation is; asked for otherwise.")
@click.option("--username", "-u", help="Who you are; asked for otherwise.")
@click.option("--named", metavar="NAME", help="Make a named token for the command line, which does not end by itself.")
@click.option("--token", is_flag=True, help="Keep a token that is read from standard input; no password is asked for.")
def login(url: str | None, username: str | None, named: str | None, token: bool) -> None:
    """Log in, and keep a token where only you can read it.

    The password is never kept. Without --named, the token is one that ends after thirty days.
    """
    if token and named:
        raise click.UsageError("--token keeps the token that is given: --named would make another")
    at = client(url or _asked_url(), None)
    text = _given_token() if token else _made_token(at, username, named)
    me = at.with_token(text).me()
    write(place(), Configuration(url=at.url, token=text))
    say(f"Logged in at {at.url} as {me['username']}. The token is kept in {place()}.")
    _warn_of_environment()


@click.command()
def logout() -> None:
    """End the token that is kept, and forget it. One of the environment is ended where none is kept."""
    ended = kept() or configured()
    if ended.token is None:
        raise NotConfigured(f"there is no token for {ended.url}: nobody is logged in")
    left: PunctualError | None = None
    try:
        client(ended.url, ended.token).account.logout()
    except NotAuthenticated:
        pass  # it was dead already
    except PunctualError as error:
        left = error
    forget(place())
    if left is not None:
        raise left
    say(f"Logged out of {ended.url}.")
    if os.environ.get("PUNCTUAL_TOKEN", ended.token) != ended.token:
        say("PUNCTUAL_TOKEN is set, and goes on: it is another token.")


@click.command()
@output_option
def whoami(form: Form) -> None:
    """Say who is logged in, and where."""
    at = connected()
    me: dict[str, Any] = {"url": at.url, **at.me()}
    if form is Form.JSON:
        show_json(me)
        return
    show_facts({name.replace("_", " "): value for name, value in me.items()})


def _asked_url() -> str:
    known = os.environ.get("PUNCTUAL_URL") or _kept_url() or LOCAL
    return str(click.prompt("Address of the installation", default=known, err=True))


def _kept_url() -> str | None:
    try:
        return configured().url
    except NotConfigured:
        return None


def _given_token() -> str:
    text = sys.stdin.readline().strip()
    if not text:
        raise Failed("no token came on standard input: punctual login --token < FILE", ExitCode.USAGE)
    return text


def _made_token(at: Client, username: str | None, named: str | None) -> str:
    who = username or str(click.prompt("Username", err=True))
    password = str(click.prompt("Password", hide_input=True, err=True))
    text = at.account.login(who, password)["token"]
    if named is None:
        return text
    own = at.with_token(text)
    made = own.tokens.create(named, SCRIPT_SCOPES)["token"]
    own.account.logout()
    if made is None:
        raise Failed("the token was made and its text lost on the way: log in once more", ExitCode.UNREACHABLE)
    return made


def _warn_of_environment() -> None:
    for name in OF_ENVIRONMENT:
        if os.environ.get(name):
            say(f"{name} is set, and wins over what was just kept.")
