"""Fakes: store, queues, secrets and clock in memory, with the meaning of the real ones. Safe for several threads."""

from __future__ import annotations

from chalicelib.adapters.memory.agenda import MemoryAgenda
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.groups import MemoryGroups
from chalicelib.adapters.memory.in_code import MemoryInCode
from chalicelib.adapters.memory.outside.clock import ManualClock
from chalicelib.adapters.memory.outside.mailbox import Mailbox
from chalicelib.adapters.memory.outside.queue import MemoryQueue
from chalicelib.adapters.memory.outside.secrets import MemorySecrets
from chalicelib.adapters.memory.outside.waiting import Received
from chalicelib.adapters.memory.people.accounts import MemoryAccounts
from chalicelib.adapters.memory.people.acts import MemoryActs
from chalicelib.adapters.memory.people.counters import MemoryCounters
from chalicelib.adapters.memory.people.installation import MemoryInstallation
from chalicelib.adapters.memory.people.usages import MemoryUsages
from chalicelib.adapters.memory.runs import MemoryRuns
from chalicelib.adapters.memory.slots import MemorySlots
from chalicelib.adapters.memory.tasks import MemoryTasks

__all__ = ["Mailbox", "ManualClock", "MemoryQueue", "MemorySecrets", "MemoryStore", "Received"]


class MemoryStore(
    MemoryTasks,
    MemoryAgenda,
    MemoryRuns,
    MemorySlots,
    MemoryGroups,
    MemoryAccounts,
    MemoryCounters,
    MemoryInstallation,
    MemoryInCode,
    MemoryActs,
    MemoryUsages,
    MemoryAlerts,
):
    """The four tables as dictionaries. What is written together is written under one lock."""
