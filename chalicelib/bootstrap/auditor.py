"""The root of the function `auditor`."""

from __future__ import annotations

from chalicelib.bootstrap.once import Once
from chalicelib.bootstrap.ports import Ports, deployed
from chalicelib.engine.audit.auditor import Auditor


def assemble(ports: Ports) -> Auditor:
    """The auditor over given ports."""
    return Auditor(store=ports.store, queue=ports.queue, clock=ports.clock, shards=ports.settings.shards)


the_auditor = Once(lambda: assemble(deployed()))
"""This process's."""
