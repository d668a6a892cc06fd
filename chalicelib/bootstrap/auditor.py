"""The root of the function `auditor`."""

from __future__ import annotations

from chalicelib.bootstrap.letters import Notifiers, notifiers, telling
from chalicelib.bootstrap.once import Once
from chalicelib.bootstrap.ports import Ports, deployed, session
from chalicelib.engine.audit.auditor import Auditor


def assemble(ports: Ports, notifiers: Notifiers) -> Auditor:
    """The auditor over given ports."""
    return Auditor(
        store=ports.store,
        queue=ports.queue,
        clock=ports.clock,
        shards=ports.settings.shards,
        telling=telling(ports, notifiers),
    )


def build(ports: Ports) -> Auditor:
    """The auditor of a stage, with its ways to tell owners."""
    return assemble(ports, notifiers(ports.settings, session()))


the_auditor = Once(lambda: build(deployed()))
"""This process's."""
