"""Ports: what the engine needs from the world, in its own verbs. Adapters implement them; one contract suite tests all.

Every verb either does what it says or raises `Unavailable` after its own retries. Partial answers of a batch never come
out of here: what was refused was asked again, or the verb raises and may be called again as a whole. A conditional verb
that lost says so by its result; that is normal and quiet.
"""

from __future__ import annotations

from typing import Protocol

from chalicelib.ports.accounts import Accounts, Acts, Counters, Installation, Tokens, Usages, Users
from chalicelib.ports.alerts import Alerts, Told
from chalicelib.ports.outside import Action, CalendarFile, Clock, Notifier, Queue, Secrets
from chalicelib.ports.tables import Agenda, Runs, Slots, Tasks
from chalicelib.ports.values import Audited, Control, DeadLetter, Hinting, LatePartition, Page, Placed

__all__ = [
    "Accounts",
    "Action",
    "Acts",
    "Agenda",
    "Alerts",
    "Audited",
    "CalendarFile",
    "Clock",
    "Control",
    "Counters",
    "DeadLetter",
    "Hinting",
    "Installation",
    "LatePartition",
    "Notifier",
    "Page",
    "Placed",
    "Queue",
    "Runs",
    "Secrets",
    "Slots",
    "Store",
    "Tasks",
    "Tokens",
    "Told",
    "Usages",
    "Users",
]


class Store(Tasks, Agenda, Runs, Slots, Accounts, Counters, Installation, Acts, Usages, Alerts, Protocol):
    """The four tables."""
