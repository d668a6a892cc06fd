"""An installation that is lived in: tasks of every kind and state, runs of every status, and people who share it.

Ann has what a careful person would have, and is who screenshots show. Mallory has what nobody should write: the longest
and most hostile texts that are taken. Bob has nothing, and Root is the admin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chalicelib.core.groups.group import Group, GroupState, Member, Order
from chalicelib.core.groups.marks import Mark
from chalicelib.core.message import dead
from chalicelib.core.people.account import Role
from chalicelib.core.run import Run, RunStatus
from chalicelib.core.task import Channel
from chalicelib.core.trials import WITHIN
from chalicelib.core.window import WINDOW, Entry, Kind, window_of
from chalicelib.ports import Placed
from chalicelib.settings import Settings
from chalicelib.web.frame.endpoint import CALENDAR
from tests.web.building import NOW, Caller, World, in_, installed, json_of
from tests.web.furniture import HOSTILE, ICS, MALLORYS, TASKS, WIDE
from tests.web.past import PASTS, Past

EVERYTHING = ["read", "run", "write"]


@dataclass(frozen=True, kw_only=True)
class Furnished:
    """The installation and what stands in it: ids by what tests call them."""

    world: World
    ann: Caller
    bob: Caller
    mallory: Caller
    root: Caller
    tasks: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """Of a token of each and an invitation; and the names of what has no id."""

    @property
    def things(self) -> dict[str, str]:
        """All of them."""
        return self.tasks | self.runs | self.ids

    def session(self, name: str) -> str:
        """What the browser of a person keeps once they are logged in."""
        people = {person.id: person for person in (self.ann, self.bob, self.mallory, self.root)}
        return self.world.session_of(people[name])


def furnished() -> Furnished:
    """A new installation with everything in it, in use in this process."""
    world = installed(Settings(aws_actions_allowed=frozenset({"sqs:send_message"})))
    root = world.caller("root", role=Role.ADMIN)
    ann, bob, mallory = (world.caller(name) for name in ("ann", "bob", "mallory"))
    made = Furnished(world=world, root=root, ann=ann, bob=bob, mallory=mallory)
    for owner in (ann, mallory):
        _possessions(made, owner)
    _tasks(made)
    for key, run in _runs(made):
        world.store.insert_run(run)
        made.runs[key] = run.id
    _groups(made)
    ann.delete(f"/api/tasks/{made.tasks['clean']}")
    _around(made)
    return made


def _possessions(made: Furnished, owner: Caller) -> None:
    """Calendars, secrets and tokens."""
    asked = [
        owner.put("/api/calendars/holidays", ICS, headers={"Content-Type": CALENDAR}),
        owner.put("/api/secrets/warehouse-key", {"value": "s3cret"}),
        owner.post("/api/tokens", {"name": "ci", "scopes": EVERYTHING, "expires_at": in_(86_400)}),
        owner.post("/api/tokens", {"name": "x" * 64, "scopes": ["read"]}),
    ]
    assert all(answer.status_code in (200, 201, 204) for answer in asked), [answer.body for answer in asked]
    made.ids[f"token of {owner.id}"] = str(json_of(asked[2])["id"])


def _tasks(made: Furnished) -> None:
    """Made two months ago, so that one that runs once has nothing left."""
    made.world.clock.set(NOW - timedelta(days=60))
    for owner, tasks in ((made.ann, TASKS), (made.mallory, MALLORYS)):
        for key, task in tasks.items():
            made.tasks[key] = str(owner.created(**task)["id"])
    made.world.clock.set(NOW)
    made.ann.post(f"/api/tasks/{made.tasks['invoices']}/pause", {"reason": "The bank's interface changes this week."})
    made.mallory.post(f"/api/tasks/{made.tasks['hostile']}/pause", {"reason": f"{HOSTILE} {WIDE}"})


def _runs(made: Furnished) -> Iterator[tuple[str, Run]]:
    for key, past in PASTS.items():
        task = made.world.store.task(made.tasks[key])
        assert task is not None
        yield from past(Past(key, task.id, task.owner, task.definition.name))


def _groups(made: Furnished) -> None:
    """One that failed, as it stands, and one with texts that nobody should write."""
    for key, owner, name, group_id in (
        ("month", "ann", "Close the month", "01kjpwd6m0yajw4gkab5vde81b"),
        ("hostile group", "mallory", HOSTILE[:100], "01kjpwd6m0yajw4gkab5vde81c"),
    ):
        follows = Member(task_id=f"{WITHIN}{group_id}then", shard=0, name=name, channel=Channel.LIGHT)
        members = [replace(follows, task_id=f"{WITHIN}{group_id}{number:05d}") for number in range(4)]
        group = Group(
            id=group_id,
            owner=owner,
            name=name,
            order=Order.CHAIN,
            total=len(members),
            created_at=NOW - timedelta(hours=1),
            began_at=NOW - timedelta(hours=1),
            retention=timedelta(days=30),
            token="token",
            then=follows,
            state=GroupState.FAILED,
            position=2,
            turn_at=NOW - timedelta(minutes=50),
            finished_at=NOW - timedelta(minutes=49),
        )
        made.world.store.put_members(group, members, ())
        look = Entry(start=NOW, task_id=group_id, kind=Kind.GROUP, due_at=group.created_at)
        assert made.world.store.create_group(group, Placed(entry=look, shard=0, late=False))
        ends = (RunStatus.SUCCEEDED, RunStatus.SUCCEEDED, RunStatus.FAILED)
        marks = [Mark(index=at, round=1, due_at=group.began_at, status=end) for at, end in enumerate(ends)]
        made.world.store.mark(group_id, 0, marks)
        made.ids[key] = group_id


def _around(made: Furnished) -> None:
    """What belongs to nobody in particular: passes that are on time, an invitation, letters that could not be
    delivered, and somebody who asks for what is another's."""
    begun = made.world.store.take_lease(0, "pass", now=NOW, until=NOW)
    assert begun is not None
    assert made.world.store.move(0, replace(begun, through=window_of(NOW) + WINDOW, lease_until=None))
    invited = made.root.post("/api/invitations", {"can_run_commands": True})
    assert invited.status_code == 201, invited.body
    made.ids["invitation"] = str(json_of(invited)["id"])
    for body in ("{}", f'{{"v": 1, "task": "{made.tasks["report"]}"}}', f"{HOSTILE}{WIDE}"):
        made.world.queue.send(dead("light"), body)
    made.ann.patch(f"/api/tasks/{made.tasks['report']}", {"description": "Sums up yesterday's orders."})
    made.bob.get(f"/api/tasks/{made.tasks['report']}")
