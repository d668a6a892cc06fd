"""The session: which installation a command talks to, as whom."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import click

from punctual_client import Client, NotConfigured, NotEncrypted, NotPrivate, configuration
from punctual_client.clock import Clock, SystemClock
from punctual_client.configuration import Configuration, make_private, place

OF_ENVIRONMENT = ("PUNCTUAL_URL", "PUNCTUAL_TOKEN")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a command meets of the world besides the environment; tests give it other things."""

    clock: Clock = field(default_factory=SystemClock)


def connected() -> Client:
    """The client of who is logged in; a sentence where nobody is."""
    kept = configured()
    if kept.token is None:
        raise NotConfigured(f"there is no token for {kept.url}: {configuration.LOGIN}")
    return client(kept.url, kept.token)


def client(url: str, token: str | None) -> Client:
    """A client of an installation; what it warns of is said as a sentence."""
    context = click.get_current_context(silent=True)
    met = None if context is None else context.find_object(Surroundings)
    with warnings.catch_warnings():
        warnings.simplefilter("always", NotEncrypted)
        warnings.showwarning = _say_warning
        return Client(url, token, clock=None if met is None else met.clock)


def kept() -> Configuration | None:
    """What `punctual login` kept, whatever the environment says besides."""
    own = {name: value for name, value in os.environ.items() if name not in OF_ENVIRONMENT}
    try:
        return configured(own)
    except NotConfigured:
        return None


def configured(environment: Mapping[str, str] = os.environ) -> Configuration:
    """What environment and file say. A file that others may read is made private first, and that is said."""
    try:
        return configuration.found(environment)
    except NotPrivate:
        make_private(place())
        said = f"{place()} could be read by others, and now only by you: if somebody did, log out and in again"
        click.echo(f"punctual: {said}.", err=True)
    return configuration.found(environment)


def _say_warning(message: Warning | str, *where: object, **more: object) -> None:
    click.echo(f"punctual: {message}", err=True)
