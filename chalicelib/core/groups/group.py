"""A group: which tasks run for it, in which order, how far it has come, and what follows it.

Its members stand in sections, so that ten thousand of them are written, started and counted in bounded steps.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.attempts.refusal import Refusal
from chalicelib.core.errors import IllegalMove
from chalicelib.core.instant import MILLISECOND
from chalicelib.core.run import ON_FAILURE, THEN, Part, Run, RunError, RunStatus, Trigger
from chalicelib.core.task import Channel, Priority

MOST_MEMBERS = 10_000
SECTION = 40
"""Members that are started in one transaction, each with its entry: it takes a hundred items. The marks of as many
that have ended are less than one write unit."""
APART = timedelta(seconds=10, milliseconds=7)
"""Between two due times that are tried for one member, where a run of its task has the first: more than there can be
members of the same task, a millisecond each; and no whole seconds, or all would be due times of the same interval."""
KEPT_BEYOND = timedelta(days=1)
"""Kept beyond the retention: whoever is told a group's id can still look at it."""
FIRST_LOOK = timedelta(minutes=1)
LOOKS_GROW = 4
LONGEST_LOOK = timedelta(hours=1)
"""When it is looked whether a group needs help: a minute after it began, then each time a quarter later."""


class Order(enum.StrEnum):
    """How the members of a group run."""

    PARALLEL = "parallel"
    """All at once. One that fails keeps no other from running."""
    CHAIN = "chain"
    """One after the other, each with the result of the one before. The first that fails is the last that runs."""


class GroupState(enum.StrEnum):
    """Where a group stands."""

    RUNNING = "running"
    """Members are to run, or at it. Their ends move it out, or its owner's cancelling."""
    SUCCEEDED = "succeeded"
    """All members have succeeded; what is to follow then was started with this move. Final."""
    FAILED = "failed"
    """All that ran have ended, not all with success; what is to follow a failure was started with this move. Final,
    until the owner retries it."""
    CANCELLED = "cancelled"
    """Its owner cancelled it: nothing of it starts any more, and nothing follows. Final, until the owner retries it."""


class Handing(enum.StrEnum):
    """How the results before it reach what comes after."""

    CONTEXT = "context"
    """As `results` of the context; as body of an http request or standard input of a command that has none."""
    FIRST_ARGUMENT = "first_argument"
    """As the first argument of a function, as Celery hands them on."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A task that runs for a group. `nth` counts the earlier members of the same task; `shard`, `name`,
    `channel` and `priority` are the task's when the group was made."""

    task_id: str
    shard: int
    name: str
    channel: Channel
    nth: int = 0
    handing: Handing = Handing.CONTEXT
    priority: Priority = Priority.NORMAL


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group. Every write of it sets another `token` and compares the last, so that each move is made once.

    `rounds` counts how often it was begun, at `began_at` for the last time. `position` is how many sections of a round
    have been started; of a chain, the index of the member whose turn it is, due at `turn_at`. `then_at` and
    `on_failure_at` are the due times of what followed. `swept`: of a cancelled one nothing is left on its way.
    """

    id: str
    owner: str
    name: str
    order: Order
    total: int
    created_at: datetime
    began_at: datetime
    retention: timedelta
    token: str
    then: Member | None = None
    on_failure: Member | None = None
    state: GroupState = GroupState.RUNNING
    rounds: int = 1
    position: int = 0
    turn_at: datetime | None = None
    finished_at: datetime | None = None
    then_at: datetime | None = None
    on_failure_at: datetime | None = None
    swept: bool = False

    @property
    def chain(self) -> bool:
        return self.order is Order.CHAIN

    @property
    def sections(self) -> int:
        """How many sections its members stand in."""
        return -(-self.total // SECTION)

    @property
    def expires_at(self) -> datetime:
        """When everything of it may be removed."""
        return self.created_at + self.retention + KEPT_BEYOND

    def size(self, section: int) -> int:
        """How many members a section has.

        >>> from chalicelib.core.instant import EPOCH
        >>> group = Group(id="g", owner="o", name="n", order=Order.PARALLEL, total=90, created_at=EPOCH, token="t",
        ...               began_at=EPOCH, retention=timedelta(days=1))
        >>> [group.size(number) for number in range(group.sections)]
        [40, 40, 10]
        """
        return size_of(section, self.total)

    def part(self, index: int) -> Part:
        """What a run of this round is to the group."""
        return Part(group_id=self.id, round=self.rounds, index=index, total=self.total, chain=self.chain)

    def follower(self, state: GroupState) -> tuple[int, Member] | None:
        """What follows this end of the group, if anything does."""
        index, member = {
            GroupState.SUCCEEDED: (THEN, self.then),
            GroupState.FAILED: (ON_FAILURE, self.on_failure),
        }.get(state, (0, None))
        return None if member is None else (index, member)

    def ended(self, state: GroupState, token: str, now: datetime, followed_at: datetime | None) -> Group:
        """This group at its end, with the due time of what follows."""
        if self.state is not GroupState.RUNNING:
            raise IllegalMove(f"has ended, and nothing of it is left to be {state}")
        ended = replace(self, state=state, token=token, finished_at=now, swept=False)
        if followed_at is None:
            return ended
        if state is GroupState.SUCCEEDED:
            return replace(ended, then_at=followed_at)
        return replace(ended, on_failure_at=followed_at)

    def begun_again(self, token: str, now: datetime) -> Group:
        """This group in its next round; those of its members that have succeeded stay as they are."""
        if self.state not in (GroupState.FAILED, GroupState.CANCELLED):
            raise IllegalMove("has nothing to retry")
        return replace(
            self,
            state=GroupState.RUNNING,
            token=token,
            rounds=self.rounds + 1,
            began_at=max(now, self.began_at + MILLISECOND),
            position=0,
            turn_at=None,
            finished_at=None,
            swept=False,
        )

    def queued(self, member: Member, index: int, due_at: datetime, token: str) -> Run:
        """The run of a member, or of what follows, as it waits for its worker."""
        return Run(
            task_id=member.task_id,
            due_at=due_at,
            owner=self.owner,
            task_name=member.name,
            trigger=Trigger.GROUP,
            status=RunStatus.QUEUED,
            token=token,
            retention=self.retention,
            part=self.part(index),
        )

    def due_times(self, member: Member, tries: int) -> list[datetime]:
        """The due times at which a member of a parallel round may stand: the first that no other run of its task has.
        None lies ahead of the round's beginning, so that nothing waits."""
        first = self.began_at - member.nth * MILLISECOND
        return [first - number * APART for number in range(tries)]

    def next_look(self, now: datetime) -> datetime:
        """When to look after it next. The instants follow from its beginning, so that those who look agree on them."""
        at, apart = self.began_at, FIRST_LOOK
        while at <= now:
            at += apart
            apart = min(apart + apart // LOOKS_GROW, LONGEST_LOOK)
        return at


CANCELLED = Refusal(
    status=RunStatus.CANCELLED, error=RunError(code="group_cancelled", detail="its group was cancelled before it began")
)
"""For a claimed run whose group was cancelled meanwhile."""


def section_of(index: int) -> int:
    """The section that a member stands in."""
    return index // SECTION


def size_of(section: int, total: int) -> int:
    """How many of a group's members stand in a section."""
    return min(SECTION, total - section * SECTION)
