"""The root of the functions `light`, `urgent` and `commands`: the worker, and who performs each type of action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from botocore.session import Session

from chalicelib.actions import aws, command, function, http
from chalicelib.bootstrap.groups import memberships
from chalicelib.bootstrap.letters import Notifiers, notifiers, telling
from chalicelib.bootstrap.once import Once
from chalicelib.bootstrap.ports import Ports, deployed, session
from chalicelib.engine.alerts.ends import Ends
from chalicelib.engine.calling import Calling
from chalicelib.engine.secrets import Revealing
from chalicelib.engine.turns import Turns
from chalicelib.engine.worker import Worker
from chalicelib.ports import Action
from chalicelib.settings import Settings

InvokeSandbox = Callable[[dict[str, Any], float], dict[str, Any]]
"""Runs a command's event in the sandbox function, waiting at most that many seconds for its answer."""


def assemble(ports: Ports, actions: Mapping[str, Action], notifiers: Notifiers) -> Worker:
    """The worker over given ports."""
    return Worker(
        store=ports.store,
        clock=ports.clock,
        actions=actions,
        shards=ports.settings.shards,
        turns=Turns(store=ports.store, clock=ports.clock),
        revealing=Revealing(secrets=ports.secrets, clock=ports.clock),
        ends=Ends(store=ports.store, clock=ports.clock, telling=telling(ports, notifiers)),
        memberships=memberships(ports),
    )


def actions(ports: Ports, invoke_sandbox: InvokeSandbox) -> dict[str, Action]:
    """Who performs each type of action. The functions that tasks may call are loaded."""
    function.discover()
    settings = ports.settings
    calling = Calling(store=ports.store, clock=ports.clock, shards=settings.shards)
    return {
        "command": command.Command(invoke_sandbox=invoke_sandbox).perform,
        "http": http.Http(allow_private_targets=settings.allow_private_targets).perform,
        "function": partial(function.perform, later=calling.call),
        "aws": aws.Aws(allowed=settings.aws_actions_allowed).perform,
    }


def deployed_sandbox(settings: Settings, session: Session) -> InvokeSandbox:
    """Asks the stage's own sandbox function."""
    return command.lambda_invoker(
        settings.function("sandbox"), lambda config: session.create_client("lambda", config=config)
    )


def build(ports: Ports, session: Session) -> Worker:
    """The worker of a stage, with its sandbox and its ways to tell owners."""
    settings = ports.settings
    return assemble(ports, actions(ports, deployed_sandbox(settings, session)), notifiers(settings, session))


the_worker = Once(lambda: build(deployed(), session()))
"""This process's."""
