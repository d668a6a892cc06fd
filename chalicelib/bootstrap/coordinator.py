"""The root of the function `coordinator`."""

from __future__ import annotations

from chalicelib.bootstrap.once import Once
from chalicelib.bootstrap.ports import Ports, deployed
from chalicelib.engine.coordinator import Coordinator


def assemble(ports: Ports) -> Coordinator:
    """The coordinator over given ports."""
    return Coordinator(store=ports.store, queue=ports.queue, shards=ports.settings.shards)


the_coordinator = Once(lambda: assemble(deployed()))
"""This process's."""
