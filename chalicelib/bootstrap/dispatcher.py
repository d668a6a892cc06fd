"""The root of the function `dispatcher`."""

from __future__ import annotations

from chalicelib.bootstrap.once import Once
from chalicelib.bootstrap.ports import Ports, deployed
from chalicelib.engine.dispatcher import Dispatcher


def assemble(ports: Ports) -> Dispatcher:
    """The dispatcher over given ports."""
    return Dispatcher(store=ports.store, queue=ports.queue, clock=ports.clock)


the_dispatcher = Once(lambda: assemble(deployed()))
"""This process's."""
