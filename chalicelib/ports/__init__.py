"""Ports: what the engine needs from the world, in its own verbs. Adapters implement them; one contract suite tests all.

Every verb either does what it says or raises `Unavailable` after its own retries. Partial answers of a batch never come
out of here: what was refused was asked again, or the verb raises and may be called again as a whole. A conditional verb
that lost says so by its result; that is normal and quiet.
"""

from __future__ import annotations

from typing import Protocol

from chalicelib.ports.alerts import Alerts, Told
from chalicelib.ports.groups import Groups, Occurrence
from chalicelib.ports.outside import Action, Clock, Notifier, Queue, Secrets
from chalicelib.ports.owners import Owners
from chalicelib.ports.tables import Agenda, Runs, Slots, Tasks
from chalicelib.ports.values import Audited, Control, DeadLetter, Depth, Hinting, LatePartition, Page, Placed

__all__ = [
    "Action",
    "Agenda",
    "Alerts",
    "Audited",
    "Clock",
    "Control",
    "DeadLetter",
    "Depth",
    "Groups",
    "Hinting",
    "LatePartition",
    "Notifier",
    "Occurrence",
    "Owners",
    "Page",
    "Placed",
    "Queue",
    "Runs",
    "Secrets",
    "Slots",
    "Store",
    "Tasks",
    "Told",
]


class Store(Tasks, Agenda, Runs, Slots, Groups, Alerts, Owners, Protocol):
    """The four tables, as far as the engine uses them. `whole` has the rest."""
