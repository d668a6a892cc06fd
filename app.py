"""The front door: registers routes and event sources, and hands over to the system behind them.

Chalice runs this file when it packages and deploys as well, so nothing here needs AWS; a queue's name depends on the
stage, whose environment variables are set then too.
"""

from __future__ import annotations

import os
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib.actions import machine
from chalicelib.bootstrap import system
from chalicelib.core.task import Channel
from chalicelib.engine.deliveries import Delivery, PassedOver, WorkedOff, pass_over, work_off
from chalicelib.logs import ensure_lines, log, with_invocation
from chalicelib.metrics import Measures, Metric, emit
from chalicelib.settings import from_environment
from chalicelib.web import api, pages
from chalicelib.web.headers import headers_middleware

app = Chalice(app_name="punctual", configure_logs=False)
settings = from_environment(os.environ)
ensure_lines()

for blueprint in (*api.blueprints, *pages.blueprints):
    app.register_blueprint(blueprint)
app.register_middleware(with_invocation, "all")
app.register_middleware(headers_middleware, "http")
app.register_middleware(api.problems_middleware, "http")


@app.schedule(Rate(1, unit=Rate.MINUTES), name="coordinator")
def coordinator(event: CloudWatchEvent) -> None:
    """Once a minute: say which shards to look at."""
    log("tick", passes=system().coordinator.tick())
    _measured({Metric.TICKS: [1]})


@app.schedule(Rate(5, unit=Rate.MINUTES), name="auditor")
def auditor(event: CloudWatchEvent) -> None:
    """Every five minutes: look for what should be there and is not."""
    audit = system().auditor.audit()
    log("audit", found=audit.found)
    _measured(audit.measures())


@app.on_sqs_message(queue=settings.queue("passes"), batch_size=1, name="dispatcher")
def dispatcher(event: SQSEvent) -> dict[str, Any]:
    """Handle what has come near in a shard."""
    return _answer(pass_over(system().dispatcher, _deliveries(event)))


@app.on_sqs_message(queue=settings.queue("light"), batch_size=10, name="light")
def light(event: SQSEvent) -> dict[str, Any]:
    """Run http calls, functions and AWS calls."""
    return _answer(work_off(system().worker, Channel.LIGHT, _deliveries(event)))


@app.on_sqs_message(queue=settings.queue("urgent"), batch_size=10, name="urgent")
def urgent(event: SQSEvent) -> dict[str, Any]:
    """Run those of high priority."""
    return _answer(work_off(system().worker, Channel.URGENT, _deliveries(event)))


@app.on_sqs_message(queue=settings.queue("commands"), batch_size=10, name="commands")
def commands(event: SQSEvent) -> dict[str, Any]:
    """Run commands, and whatever may take long."""
    return _answer(work_off(system().worker, Channel.COMMANDS, _deliveries(event)))


@app.lambda_function(name="sandbox")
def sandbox(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run one command, away from everything that holds credentials."""
    return machine.perform(event)


def _deliveries(event: SQSEvent) -> list[Delivery]:
    return [
        Delivery(
            id=record["messageId"],
            body=record["body"],
            times=int(record["attributes"]["ApproximateReceiveCount"]),
        )
        for record in event.to_dict()["Records"]
    ]


def _measured(measures: Measures) -> None:
    if settings.metrics:
        emit(settings.stage, measures)


def _answer(done: PassedOver | WorkedOff) -> dict[str, Any]:
    _measured(done.measures())
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in done.again]}
