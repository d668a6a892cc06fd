"""The composition root: the only place where the parts of Punctual are put together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import botocore.session
from botocore.session import Session

from chalicelib.actions import aws, command, function, http
from chalicelib.adapters import icalendar_file
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamo import DynamoStore
from chalicelib.adapters.no_secrets import NoSecrets
from chalicelib.adapters.sqs import SqsQueue
from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.core.usage import Usage
from chalicelib.engine.audit.auditor import Auditor
from chalicelib.engine.coordinator import Coordinator
from chalicelib.engine.dispatcher import Dispatcher
from chalicelib.engine.requests.accounts import Accounts
from chalicelib.engine.requests.answers import Answers
from chalicelib.engine.requests.audit_log import AuditLog
from chalicelib.engine.requests.calendars import Calendars
from chalicelib.engine.requests.catalog import Catalog
from chalicelib.engine.requests.control import Control
from chalicelib.engine.requests.due_times import DueTimes
from chalicelib.engine.requests.invitations import Invitations
from chalicelib.engine.requests.limits import Limits
from chalicelib.engine.requests.quotas import Quotas
from chalicelib.engine.requests.reports import Reports
from chalicelib.engine.requests.secrets import OwnSecrets
from chalicelib.engine.requests.signatures import Signatures
from chalicelib.engine.requests.tokens import Tokens
from chalicelib.engine.secrets import Revealing
from chalicelib.engine.turns import Turns
from chalicelib.engine.worker import Worker
from chalicelib.ports import Action, Clock, Queue, Secrets, Store
from chalicelib.settings import Settings, from_environment

InvokeSandbox = Callable[[dict[str, Any], float], dict[str, Any]]
"""Runs a command's event in the sandbox function, waiting at most that many seconds for its answer."""
NO_SECRETS = NoSecrets()
"""Where nobody says where secrets are kept."""


@dataclass(frozen=True, kw_only=True)
class System:
    """Everything that the front door hands requests, ticks and messages to."""

    settings: Settings
    clock: Clock
    catalog: Catalog
    calendars: Calendars
    secrets: OwnSecrets
    due_times: DueTimes
    accounts: Accounts
    tokens: Tokens
    invitations: Invitations
    answers: Answers
    audit_log: AuditLog
    limits: Limits
    quotas: Quotas
    signatures: Signatures
    reports: Reports
    control: Control
    coordinator: Coordinator
    dispatcher: Dispatcher
    worker: Worker
    auditor: Auditor


def assemble(
    settings: Settings,
    *,
    store: Store,
    queue: Queue,
    clock: Clock,
    actions: Mapping[str, Action],
    secrets: Secrets = NO_SECRETS,
) -> System:
    """A system over given ports."""
    catalog = Catalog(store=store, queue=queue, clock=clock, secrets=secrets, shards=settings.shards)
    reports = Reports(store=store, run_feed=settings.run_feed)
    tokens, invitations = Tokens(store=store, clock=clock), Invitations(store=store, clock=clock)
    return System(
        settings=settings,
        clock=clock,
        catalog=catalog,
        calendars=Calendars(store=store, clock=clock, catalog=catalog, read=icalendar_file.spans_in),
        secrets=OwnSecrets(store=store, secrets=secrets),
        due_times=DueTimes(store=store, queue=queue, clock=clock, catalog=catalog),
        accounts=Accounts(
            store=store, clock=clock, registration=settings.registration, tokens=tokens, invitations=invitations
        ),
        tokens=tokens,
        invitations=invitations,
        answers=Answers(store=store, clock=clock),
        audit_log=AuditLog(store=store, clock=clock),
        limits=Limits(store=store, clock=clock),
        quotas=Quotas(store=store, clock=clock, catalog=catalog, quota=_quota(settings)),
        signatures=Signatures(store=store),
        reports=reports,
        control=Control(store=store, queue=queue, clock=clock, catalog=catalog, reports=reports),
        coordinator=Coordinator(store=store, queue=queue, shards=settings.shards),
        dispatcher=Dispatcher(store=store, queue=queue, clock=clock),
        worker=Worker(
            store=store,
            clock=clock,
            actions=actions,
            shards=settings.shards,
            turns=Turns(store=store, clock=clock),
            revealing=Revealing(secrets=secrets, clock=clock),
        ),
        auditor=Auditor(store=store, queue=queue, clock=clock, shards=settings.shards),
    )


def _quota(settings: Settings) -> Usage:
    return Usage(
        tasks=settings.max_tasks,
        stored_bytes=settings.max_stored_bytes,
        hourly_runs=settings.max_runs_per_minute * 60,
    )


def build(settings: Settings, *, invoke_sandbox: InvokeSandbox | None = None) -> System:
    """The system of a stage, over DynamoDB, SQS and Parameter Store. `invoke_sandbox` replaces the deployed sandbox."""
    function.discover()
    session = botocore.session.get_session()  # one: it keeps the descriptions of the services it has read
    return assemble(
        settings,
        store=DynamoStore(settings, session=session),
        queue=SqsQueue(settings, session=session),
        clock=SystemClock(),
        actions=actions(settings, invoke_sandbox or _deployed_sandbox(settings, session)),
        secrets=SsmSecrets(settings, session=session),
    )


def actions(settings: Settings, invoke_sandbox: InvokeSandbox) -> dict[str, Action]:
    """Who performs each type of action."""
    return {
        "command": command.Command(invoke_sandbox=invoke_sandbox).perform,
        "http": http.Http(allow_private_targets=settings.allow_private_targets).perform,
        "function": function.perform,
        "aws": aws.Aws(allowed=settings.aws_actions_allowed).perform,
    }


def _deployed_sandbox(settings: Settings, session: Session) -> InvokeSandbox:
    return command.lambda_invoker(
        settings.function("sandbox"), lambda config: session.create_client("lambda", config=config)
    )


_installed: list[System] = []
_installing = Lock()


def use(system: System) -> None:
    """Install a system for the handlers of this process, in place of the one from the environment."""
    _installed[:] = [system]


def system() -> System:
    """The system of this process; built from the environment when it is first asked for."""
    with _installing:
        if not _installed:
            use(build(from_environment(os.environ)))
        return _installed[0]
