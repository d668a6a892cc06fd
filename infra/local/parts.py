"""The parts of the local stack, one at a time: each through the very handlers of app.py."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import settings
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.logs import log
from infra import resources
from infra.local.choices import Choices, Refused
from infra.local.standins import event_rule, lambdas
from infra.local.standins.event_source import EventSource
from infra.local.standins.gateway import Gateway
from infra.local.standins.sandbox_process import SandboxProcesses
from infra.local.stopping import Stopping

COORDINATOR, DISPATCHER, AUDITOR = "coordinator", "dispatcher", "auditor"
CONNECTIONS = 100
"""Enough for every batch that can be in flight to delete its messages at the same moment."""
FAILED = 1


class System:
    """The application of this process, with sandboxes that are child processes."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.sandboxes = SandboxProcesses()
        self.application = lambdas.load()
        given = settings.from_environment(os.environ)
        bootstrap.use(bootstrap.build(given, invoke_sandbox=self.sandboxes.invoke))

    def bring_schedules(self) -> None:
        """Make tasks of the schedules in code, as a deployment does."""
        bootstrap.system().in_code.sync_if_possible()

    def sources(self, *, only: Iterable[str] = (), but: Iterable[str] = ()) -> list[EventSource]:
        """The deliveries of every queue, or of the functions of these names, or of those not named."""
        wanted = {self._deployed(name) for name in only}
        unwanted = {self._deployed(name) for name in but}
        sqs = _client("sqs")
        return [
            EventSource(sqs, subscription)
            for subscription in lambdas.subscriptions(self.application, self.choices.stage)
            if subscription.function.name not in unwanted and (not wanted or subscription.function.name in wanted)
        ]

    def rule(self, name: str) -> lambdas.Rule | None:
        """The rule that fires a function, if there is such a function."""
        found = lambdas.rules(self.application, self.choices.stage)
        return next((rule for rule in found if rule.name == name), None)

    def _deployed(self, name: str) -> str:
        return f"punctual-{self.choices.stage}-{name}"


def provision(choices: Choices) -> int:
    """Creates the tables and queues that are missing."""
    resources.create(resources.load(choices.stage), _client("dynamodb"), _client("sqs"))
    return 0


def api(choices: Choices) -> int:
    """Serves the API and the console until told to stop."""
    stopping = Stopping()
    stopping.listen()
    gateway = Gateway(choices.port)
    _require_resources(choices)
    system = System(choices)
    system.bring_schedules()
    gateway.serve(system.application)
    print(f"The API is ready at {gateway.url}", flush=True)
    stopping.asked.wait()
    gateway.stop()
    stopping.finish(gateway.wait)
    return 0


def tick(choices: Choices) -> int:
    """Fires the coordinator once."""
    _require_resources(choices)
    return _fire(System(choices), COORDINATOR)


def audit(choices: Choices) -> int:
    """Fires the auditor once."""
    _require_resources(choices)
    return _fire(System(choices), AUDITOR)


def handle_passes(choices: Choices, duration: timedelta) -> int:
    """Handles the passes that are waiting, or that come while the duration lasts."""
    _require_resources(choices)
    system = System(choices)
    return _deliver(system, system.sources(only=[DISPATCHER]), duration)


def work(choices: Choices, duration: timedelta) -> int:
    """Handles the runs that are waiting, or that come while the duration lasts."""
    _require_resources(choices)
    system = System(choices)
    return _deliver(system, system.sources(but=[DISPATCHER]), duration)


def region() -> str:
    """The region that clients of this process use."""
    return os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]


def _fire(system: System, name: str) -> int:
    rule = system.rule(name)
    if rule is None:
        raise Refused(f"There is no {name} in this version.")
    try:
        event_rule.fire(rule, region())
    except Exception as error:
        log("function_failed", logging.ERROR, failure=error, function=rule.function.name)
        return FAILED
    return 0


def _deliver(system: System, sources: list[EventSource], duration: timedelta) -> int:
    stopping = Stopping()
    stopping.listen()
    if duration:
        for source in sources:
            Thread(target=source.poll, args=(stopping.asked,), daemon=True).start()
        stopping.asked.wait(duration.total_seconds())
        stopping.asked.set()
    else:
        with ThreadPoolExecutor(len(sources)) as pool:
            list(pool.map(EventSource.drain, sources))
    if not stopping.finish(*(source.wait for source in sources)):
        system.sandboxes.end_all()
    return FAILED if any(source.failures for source in sources) else 0


def _require_resources(choices: Choices) -> None:
    missing = resources.missing(resources.load(choices.stage), _client("dynamodb"), _client("sqs"))
    if missing:
        raise Refused(f"{missing[0]} does not exist at {choices.endpoint}: run provision first.")


def _client(service: str) -> Any:
    return boto3.client(service, config=Config(max_pool_connections=CONNECTIONS, retries={"mode": "standard"}))
