"""The root of a process that does everything: the local stack, `chalice local`, and tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import botocore.session

from chalicelib.adapters.no_secrets import NoSecrets
from chalicelib.bootstrap import auditor, coordinator, dispatcher, requests, worker
from chalicelib.bootstrap.letters import NO_NOTIFIERS, Notifiers, notifiers
from chalicelib.bootstrap.once import Once
from chalicelib.bootstrap.ports import over_aws
from chalicelib.bootstrap.requests import Requests, WholePorts
from chalicelib.bootstrap.worker import InvokeSandbox
from chalicelib.engine.audit.auditor import Auditor
from chalicelib.engine.coordinator import Coordinator
from chalicelib.engine.dispatcher import Dispatcher
from chalicelib.engine.worker import Worker
from chalicelib.ports import Action, Clock, Queue, Secrets
from chalicelib.ports.whole import WholeStore
from chalicelib.settings import Settings, from_environment

NO_SECRETS = NoSecrets()
"""Where nobody says where secrets are kept."""


@dataclass(frozen=True, kw_only=True)
class System(Requests):
    """Everything that the front door hands requests, ticks and messages to."""

    coordinator: Coordinator
    dispatcher: Dispatcher
    worker: Worker
    auditor: Auditor


def assemble(
    settings: Settings,
    *,
    store: WholeStore,
    queue: Queue,
    clock: Clock,
    actions: Mapping[str, Action],
    secrets: Secrets = NO_SECRETS,
    ways: Notifiers = NO_NOTIFIERS,
) -> System:
    """A system over given ports."""
    return _together(
        WholePorts(settings=settings, store=store, queue=queue, clock=clock, secrets=secrets), actions, ways
    )


def build(settings: Settings, *, invoke_sandbox: InvokeSandbox | None = None) -> System:
    """The system of a stage, over DynamoDB, SQS and Parameter Store. `invoke_sandbox` replaces the deployed sandbox."""
    session = botocore.session.get_session()
    invoke_sandbox = invoke_sandbox or worker.deployed_sandbox(settings, session)
    ports = requests.whole(over_aws(settings, session), session)
    return _together(ports, worker.actions(ports, invoke_sandbox), notifiers(settings, session))


def _together(ports: WholePorts, actions: Mapping[str, Action], ways: Notifiers) -> System:
    return System(
        **vars(requests.assemble(ports)),
        coordinator=coordinator.assemble(ports),
        dispatcher=dispatcher.assemble(ports),
        worker=worker.assemble(ports, actions, ways),
        auditor=auditor.assemble(ports, ways),
    )


def use(given: System) -> None:
    """Install a system for the handlers of this process, in place of the one from the environment."""
    system.use(given)
    requests.system.use(given)
    coordinator.the_coordinator.use(given.coordinator)
    dispatcher.the_dispatcher.use(given.dispatcher)
    worker.the_worker.use(given.worker)
    auditor.the_auditor.use(given.auditor)


system = Once(lambda: build(from_environment(os.environ)))
"""The system of this process."""
