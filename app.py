"""The front door: registers routes and event sources, and hands over to the system behind them.

Chalice runs this file when it packages and deploys as well, so nothing here needs AWS; a queue's name depends on the
stage, whose environment variables are set then too.

Every function of the deployment runs this same file. Each waits for what it loads when it starts, so only what a
process is to serve is loaded: the imports below that follow an `if`, and nowhere else.
"""

from __future__ import annotations

import os
from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

from chalicelib.bootstrap.serving import serves
from chalicelib.logs import ensure_lines, log
from chalicelib.settings import from_environment

app = Chalice(app_name="punctual", configure_logs=False)
settings = from_environment(os.environ)
ensure_lines()

if serves("app"):
    from chalicelib.web.registering import register

    register(app)
if serves("coordinator"):
    from chalicelib.bootstrap.coordinator import the_coordinator
if serves("auditor"):
    from chalicelib.bootstrap.auditor import the_auditor
if serves("dispatcher", "light", "urgent", "commands"):
    from chalicelib.engine.deliveries import batch_answer, deliveries_of, pass_over, work_off
if serves("dispatcher"):
    from chalicelib.bootstrap.dispatcher import the_dispatcher
if serves("light", "urgent", "commands"):
    from chalicelib.bootstrap.worker import the_worker
    from chalicelib.core.task import Channel
if serves("sandbox"):
    from chalicelib.actions import machine


@app.schedule(Rate(1, unit=Rate.MINUTES), name="coordinator")
def coordinator(event: CloudWatchEvent) -> None:
    """Once a minute: say which shards to look at."""
    log("tick", passes=the_coordinator().tick())


@app.schedule(Rate(5, unit=Rate.MINUTES), name="auditor")
def auditor(event: CloudWatchEvent) -> None:
    """Every five minutes: look for what should be there and is not."""
    log("audit", found=the_auditor().audit())


@app.on_sqs_message(queue=settings.queue("passes"), batch_size=1, name="dispatcher")
def dispatcher(event: SQSEvent) -> dict[str, Any]:
    """Handle what has come near in a shard."""
    return batch_answer(pass_over(the_dispatcher(), deliveries_of(event.to_dict())))


@app.on_sqs_message(queue=settings.queue("light"), batch_size=10, name="light")
def light(event: SQSEvent) -> dict[str, Any]:
    """Run http calls, functions and AWS calls."""
    return batch_answer(work_off(the_worker(), Channel.LIGHT, deliveries_of(event.to_dict())))


@app.on_sqs_message(queue=settings.queue("urgent"), batch_size=10, name="urgent")
def urgent(event: SQSEvent) -> dict[str, Any]:
    """Run those of high priority."""
    return batch_answer(work_off(the_worker(), Channel.URGENT, deliveries_of(event.to_dict())))


@app.on_sqs_message(queue=settings.queue("commands"), batch_size=10, name="commands")
def commands(event: SQSEvent) -> dict[str, Any]:
    """Run commands, and whatever may take long."""
    return batch_answer(work_off(the_worker(), Channel.COMMANDS, deliveries_of(event.to_dict())))


@app.lambda_function(name="sandbox")
def sandbox(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run one command, away from everything that holds credentials."""
    return machine.perform(event)
