"""The parts that bring groups on, for workers and for requests."""

from __future__ import annotations

from chalicelib.bootstrap.ports import Ports
from chalicelib.engine.groups.advancing import Advancing
from chalicelib.engine.groups.looking_after import LookingAfter
from chalicelib.engine.groups.memberships import Memberships
from chalicelib.engine.groups.starting import Starting


def looking_after(ports: Ports) -> LookingAfter:
    """What begins, mends and sweeps groups, over given ports."""
    advancing = Advancing(store=ports.store, queue=ports.queue, clock=ports.clock)
    starting = Starting(store=ports.store, clock=ports.clock, advancing=advancing)
    return LookingAfter(
        store=ports.store,
        clock=ports.clock,
        shards=ports.settings.shards,
        advancing=advancing,
        starting=starting,
    )


def memberships(ports: Ports) -> Memberships:
    """What a worker does for runs that belong to groups."""
    looking = looking_after(ports)
    return Memberships(store=ports.store, advancing=looking.advancing, looking_after=looking)
