"""The whole system in one process and its emulator: what `make run` starts."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

from infra.local import engines, parts, state_folder
from infra.local.choices import Choices
from infra.local.standins import event_rule
from infra.local.standins.event_source import EventSource
from infra.local.standins.gateway import Gateway
from infra.local.standins.lambdas import rules
from infra.local.stopping import Stopping

ENDED_EARLY = 1


def run(choices: Choices) -> int:
    """Serves until told to stop; the exit status. `Refused` where it cannot begin."""
    stopping = Stopping()
    stopping.listen()
    gateway = Gateway(choices.port)
    with state_folder.held(choices.state_dir):
        engine = engines.start(choices)
        try:
            status = _serve(choices, gateway, engine, stopping)
        finally:
            engine.stop()
    return status


def _serve(choices: Choices, gateway: Gateway, engine: engines.RunningEngine, stopping: Stopping) -> int:
    parts.provision(choices)
    system = parts.System(choices)
    system.bring_schedules()
    sources = system.sources()
    _start(choices, system, gateway, sources, stopping)
    print(f"Punctual is ready at {gateway.url} (Ctrl-C stops it; log in {choices.state_dir}/punctual.log)", flush=True)
    while not stopping.asked.wait(0.5):
        if engine.has_ended():
            print(f"The emulator has ended; {choices.state_dir}/emulator.log may say why.", file=sys.stderr, flush=True)
            stopping.asked.set()
            _leave(system, ENDED_EARLY)
    print("Stopping: what is in hand is finished first (Ctrl-C again stops at once).", flush=True)
    gateway.stop()
    if not stopping.finish(gateway.wait, *(source.wait for source in sources)):
        engine.stop()  # first, so that nothing that is cut off now is recorded as having failed
        _leave(system, 0)
    return 0


def _start(
    choices: Choices, system: parts.System, gateway: Gateway, sources: Sequence[EventSource], stopping: Stopping
) -> None:
    for source in sources:
        threading.Thread(target=source.poll, args=(stopping.asked,), name="poll", daemon=True).start()
    for rule in rules(system.application, choices.stage):
        arguments = (rule, parts.region(), stopping.asked)
        threading.Thread(target=event_rule.repeat, args=arguments, name="rule", daemon=True).start()
    gateway.serve(system.application)


def _leave(system: parts.System, status: int) -> None:
    """Ends this process with threads still at work, and what they have started."""
    system.sandboxes.end_all()
    sys.stdout.flush()
    os._exit(status)
