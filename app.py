"""The front door: registers routes and event sources, and hands over to the system behind them.

Chalice runs this file when it packages and deploys as well, so nothing here needs AWS; a queue's name depends on the
stage, whose environment variables are set then too. Every function of the deployment runs it, and waits for what it
loads: only what a process is to serve is imported, behind an `if`, here and nowhere else.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from chalicelib.bootstrap.serving import loading, serves

with loading():
    from chalice.app import Chalice, CloudWatchEvent, Rate, SQSEvent

    from chalicelib.logs import ensure_lines, log, with_invocation
    from chalicelib.metrics import Metric, emit
    from chalicelib.settings import from_environment

    if serves("app"):
        from chalicelib.web.registering import register
    if serves("coordinator"):
        from chalicelib.bootstrap.coordinator import the_coordinator
    if serves("auditor"):
        from chalicelib.bootstrap.auditor import the_auditor
    if serves("dispatcher", "light", "urgent", "commands"):
        from chalicelib.engine.delivery import batch_answer, deliveries_of
    if serves("dispatcher"):
        from chalicelib.bootstrap.dispatcher import the_dispatcher
        from chalicelib.engine.passes import pass_over
    if serves("light", "urgent", "commands"):
        from chalicelib.bootstrap.worker import the_worker
        from chalicelib.core.task import Channel
        from chalicelib.engine.deliveries import work_off
    if serves("sandbox"):
        from chalicelib.actions import machine

app = Chalice(app_name="punctual", configure_logs=False)
settings = from_environment(os.environ)
measured = partial(emit, settings.stage, wanted=settings.metrics)
ensure_lines()
app.register_middleware(with_invocation, "all")
if serves("app"):
    register(app)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="coordinator")
def coordinator(event: CloudWatchEvent) -> None:
    """Once a minute: say which shards to look at."""
    log("tick", passes=the_coordinator().tick())
    measured({Metric.TICKS: [1]})


@app.schedule(Rate(5, unit=Rate.MINUTES), name="auditor")
def auditor(event: CloudWatchEvent) -> None:
    """Every five minutes: look for what should be there and is not."""
    audit = the_auditor().audit()
    log("audit", found=audit.found)
    measured(audit.measures())


@app.on_sqs_message(queue=settings.queue("passes"), batch_size=1, name="dispatcher")
def dispatcher(event: SQSEvent) -> dict[str, Any]:
    """Handle what has come near in a shard."""
    done = pass_over(the_dispatcher(), deliveries_of(event.to_dict()))
    measured(done.measures())
    return batch_answer(done.again)


@app.on_sqs_message(queue=settings.queue("light"), batch_size=10, name="light")
def light(event: SQSEvent) -> dict[str, Any]:
    """Run http calls, functions and AWS calls."""
    done = work_off(the_worker(), Channel.LIGHT, deliveries_of(event.to_dict()))
    measured(done.measures())
    return batch_answer(done.again)


@app.on_sqs_message(queue=settings.queue("urgent"), batch_size=10, name="urgent")
def urgent(event: SQSEvent) -> dict[str, Any]:
    """Run those of high priority."""
    done = work_off(the_worker(), Channel.URGENT, deliveries_of(event.to_dict()))
    measured(done.measures())
    return batch_answer(done.again)


@app.on_sqs_message(queue=settings.queue("commands"), batch_size=10, name="commands")
def commands(event: SQSEvent) -> dict[str, Any]:
    """Run commands, and whatever may take long."""
    done = work_off(the_worker(), Channel.COMMANDS, deliveries_of(event.to_dict()))
    measured(done.measures())
    return batch_answer(done.again)


@app.lambda_function(name="sandbox")
def sandbox(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run one command, away from everything that holds credentials."""
    return machine.perform(event)
