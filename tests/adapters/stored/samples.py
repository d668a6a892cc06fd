"""What is stored of every kind, with every attribute that there can be: how it is written, and what is read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.core import task as definitions
from chalicelib.core.alerting.cues import Cue, Hint
from chalicelib.core.alerting.policy import Happening, Way
from chalicelib.core.alerting.state import Alert, AlertState
from chalicelib.core.attempts.overlap import Slot
from chalicelib.core.calendars.spans import Calendar
from chalicelib.core.groups.group import SECTION
from chalicelib.core.in_code import Kept
from chalicelib.core.people.account import Answer, Invitation, Overlapping, Role, Scope, Token, User
from chalicelib.core.people.acts import Act, Origin
from chalicelib.core.people.rates import RUNS, Counter
from chalicelib.core.people.usage import Usage
from chalicelib.core.run import AttemptStatus, Coalesced, Part, Run, RunError, RunStatus, Trigger
from chalicelib.core.task import State, Task
from chalicelib.core.window import Kind
from chalicelib.ports import Audited, Control, Hinting, Page
from chalicelib.ports.whole import WholeStore
from tests.adapters.building import DAY, START, at, attempt, entry, in_window, late, make_run, make_task, make_user
from tests.adapters.test_groups import FULL as FULL_GROUP
from tests.adapters.test_groups import MEMBERS, mark

SPANS = ((at(0), at(3600)), (at(86_400), at(90_000)))
LEASE = at(30)
FULL: dict[str, Any] = {
    "name": "nightly report",
    "description": "all of yesterday",
    "tags": ["billing"],
    "metadata": {"team": "a"},
    "action": {"type": "http", "method": "POST", "url": "https://example.com/", "headers": {"X": {"secret": "key"}}},
    "schedule": {
        "type": "interval",
        "every": 7,
        "unit": "minutes",
        "max_runs": 9,
        "jitter_seconds": 5,
        "end_at": "2027-01-01T00:00:00Z",
        "exclude": [{"calendar": "holidays"}],
    },
    "timeout_seconds": 61,
    "retry": {"max_attempts": 4, "backoff": "exponential", "delay_seconds": 3, "max_age_seconds": 90},
    "overlap": "queue",
    "misfire": {"grace_seconds": 9, "catch_up": "all"},
    "delivery": "at_most_once",
    "priority": "high",
    "retention_days": 3,
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Something stored: `write` stores it, `read` finds `value` again. The file of its items is called `name`."""

    name: str
    write: Callable[[WholeStore], object]
    read: Callable[[WholeStore], object]
    value: object


def _changed_task() -> Task:
    """A task that says all that a task can say, and was paused."""
    made = definitions.from_json(FULL, START, seed="task", calendars={"holidays": SPANS})
    task = replace(make_task(shard=3), definition=made)
    return task.redefined(replace(made, state=State.PAUSED), at(9), "too loud")


TASK, PLAIN = _changed_task(), make_task("plain")
ERROR = RunError(code="http_status", detail="503", permanent=True)
RUN: Run = make_run(
    status=RunStatus.FAILED,
    lease_until=at(60),
    finished_at=at(4),
    attempts=(
        attempt(1, "short", exit_code=3, output_truncated=True, error=ERROR),
        attempt(2, "x" * 2000, http_status=503, status=AttemptStatus.FAILED),
    ),
    result={"status": 503},
    error=ERROR,
    coalesced=Coalesced(first=at(-60), last=START, count=3),
)
TIMED = make_run(
    at(2),
    status=RunStatus.RUNNING,
    lease_until=at(60),
    attempts=(attempt(1, dispatched_at=at(-43), begun_at=at(1.012)), attempt(2, dispatched_at=at(2.5))),
)
QUEUED = make_run(at(1), status=RunStatus.QUEUED)
CONTROL = Control(
    through=at(-30),
    cursor=entry().key,
    hinting=Hinting(since=at(-9000), after="task"),
    skipped=(at(-9000), at(-60)),
    token="me",
    lease_until=LEASE,
)
AUDITED = Audited(recorded=at(-300), ended=at(-72_000), chains_at=at(-600), chains_after="task")
SLOT = Slot(task_id="task", due_at=START, token="t", lease_until=LEASE, waiting=at(60))
ADMIN = replace(make_user(), role=Role.ADMIN, can_run_commands=True, can_call_aws=True, epoch=2, version=4)
TOKEN = Token(
    id="t1",
    owner="u1",
    digest="d2",
    scopes=frozenset({Scope.READ, Scope.RUN}),
    created_at=START,
    expires_at=at(60.5),
    epoch=2,
    name="script",
    last_used_at=at(5),
    previous=Overlapping(digest="d1", until=at(30)),
)
INVITATION = Invitation(
    id="i1",
    digest="d",
    invited_by="u1",
    can_run_commands=True,
    can_call_aws=False,
    created_at=START,
    expires_at=at(3600),
)
USED = replace(INVITATION, used_by="u1")
CALENDAR = Calendar(owner="u1", name="holidays", spans=SPANS, updated_at=START)
ANSWER = Answer(key="k", digest="d", status=201, begun_at=START, body="{}", headers={"ETag": '"1"'})
COUNTER = Counter(rate=RUNS.name, of="u1", begins=START, ends=at(60))
CUE = Cue(at=at(5), task_id="task", hint=Hint.FAILED, due_at=START, number=2, shard=3)
ALERT = Alert(
    id="alert_task_failed_1",
    kind=Happening.FAILED,
    first_due=at(-60),
    last_due=START,
    count=2,
    made_at=at(4),
    run_id="task-1",
    status="failed",
    error=ERROR,
    output="the end",
    recovered_at=at(60),
    left=frozenset(Way),
    tries=1,
    next_try=at(300),
)
ALERTED = AlertState(
    version=1,
    failing_since=at(-60),
    told_at=at(4),
    held=replace(ALERT, id="task", left=frozenset(), next_try=None),
    pending=(ALERT,),
    seen=("failed#1#2",),
    again_at=at(300),
    delivered_at=at(-9),
    refused_at=at(4),
    refusal="no answer",
)
USAGE = Usage(tasks=1, stored_bytes=2, hourly_runs=3)
PLENTY = Usage(tasks=10, stored_bytes=10, hourly_runs=10)
ACT = Act(
    id="a1",
    at=START,
    owner="u1",
    actor="u1",
    actor_name="ann",
    action="POST /api/tasks",
    target="task",
    status=201,
    origin=Origin(source="192.0.2.1", by="token", request_id="r1", token_id="t1"),
)

PART = make_run(
    at(3), trigger=Trigger.GROUP, part=Part(group_id="g1", round=2, index=3, total=42), status=RunStatus.QUEUED
)
GROUP = replace(FULL_GROUP, total=len(MEMBERS))
FIRST_PAGE: dict[str, Any] = {"limit": 9, "after": None}


def _grouped(store: WholeStore) -> None:
    store.put_members(GROUP, MEMBERS, ())
    store.create_group(GROUP, late(entry(task_id="g1", kind=Kind.GROUP)))
    store.mark("g1", 0, [mark(1)])


def _control(store: WholeStore) -> None:
    store.take_lease(3, "me", now=START, until=LEASE)
    store.move(3, CONTROL)


def _invited(store: WholeStore) -> User | None:
    store.put_invitation(INVITATION)
    store.create_user(make_user(), invitation=INVITATION)
    return None


IN_CODE = Kept(name="nightly", task_id="t1", said={"name": "nightly"}, gone=True)
SAMPLES = (
    Sample(name="task", write=lambda s: s.create_task(TASK, None), read=lambda s: s.task("task"), value=TASK),
    Sample(name="task_plain", write=lambda s: s.create_task(PLAIN, None), read=lambda s: s.task("plain"), value=PLAIN),
    Sample(
        name="entry",
        write=lambda s: s.put_entries([in_window(entry(kind=Kind.RETRY, number=2))]),
        read=lambda s: s.window(START, 0, after=None, limit=9),
        value=[entry(kind=Kind.RETRY, number=2)],
    ),
    Sample(
        name="late_entry",
        write=lambda s: s.put_entries([late(entry())]),
        read=lambda s: [one.entry for one in s.late(0, 9).entries],
        value=[entry()],
    ),
    Sample(
        name="lease",
        write=lambda s: s.take_lease(3, "me", now=START, until=LEASE),
        read=lambda s: s.late(3, 1).control,
        value=Control(token="me", lease_until=LEASE),
    ),
    Sample(name="control", write=_control, read=lambda s: s.late(3, 1).control, value=CONTROL),
    Sample(name="shards", write=lambda s: s.shards_in_use(7), read=lambda s: s.shards_in_use(2), value=7),
    Sample(name="audited", write=lambda s: s.put_audited(AUDITED), read=lambda s: s.audited(), value=AUDITED),
    Sample(name="run", write=lambda s: s.insert_run(RUN), read=lambda s: s.run("task", START), value=RUN),
    Sample(name="run_timed", write=lambda s: s.insert_run(TIMED), read=lambda s: s.run("task", at(2)), value=TIMED),
    Sample(
        name="run_queued",
        write=lambda s: s.enqueue_run(QUEUED, late(entry(at(1)))),
        read=lambda s: s.run("task", at(1)),
        value=QUEUED,
    ),
    Sample(name="run_of_group", write=lambda s: s.insert_run(PART), read=lambda s: s.run("task", at(3)), value=PART),
    Sample(
        name="group",
        write=_grouped,
        read=lambda s: (s.group("g1"), s.section("g1", 1), s.marks("g1", [0, 1])[0], s.groups_of("ann", **FIRST_PAGE)),
        value=(GROUP, tuple(MEMBERS[SECTION:]), {mark(1)}, Page(items=(GROUP,))),
    ),
    Sample(name="slot", write=lambda s: s.take_slot(SLOT), read=lambda s: s.slot("task"), value=SLOT),
    Sample(
        name="user",
        write=lambda s: s.create_user(ADMIN, first=True),
        read=lambda s: (s.user("u1"), s.user_named("Ann"), s.users(limit=9, after=None).items, s.admins()),
        value=(ADMIN, ADMIN, (ADMIN,), frozenset({"u1"})),
    ),
    Sample(
        name="user_seen",
        write=lambda s: s.create_user(make_user(), first=True),
        read=lambda s: (s.has_accounts(), s.rights("u1") is None),
        value=(True, False),
    ),
    Sample(name="token", write=lambda s: s.put_token(TOKEN), read=lambda s: s.token("u1", "t1"), value=TOKEN),
    Sample(name="invitation", write=_invited, read=lambda s: s.invitations(), value=[USED]),
    Sample(
        name="calendar",
        write=lambda s: s.put_calendar(CALENDAR),
        read=lambda s: s.calendars("u1"),
        value=[CALENDAR],
    ),
    Sample(
        name="answer_begun",
        write=lambda s: s.begin_answer("u1", ANSWER, START),
        read=lambda s: s.begin_answer("u1", ANSWER, at(1)),
        value=ANSWER,
    ),
    Sample(
        name="answer",
        write=lambda s: s.put_answer("u1", ANSWER, START),
        read=lambda s: s.begin_answer("u1", ANSWER, at(1)),
        value=ANSWER,
    ),
    Sample(
        name="installation_key",
        write=lambda s: s.installation_key(b"fresh"),
        read=lambda s: s.installation_key(b"later"),
        value=b"fresh",
    ),
    Sample(
        name="schedule_in_code",
        write=lambda s: s.put_schedule_in_code(IN_CODE),
        read=lambda s: s.schedules_in_code(),
        value=[IN_CODE],
    ),
    Sample(
        name="act",
        write=lambda s: s.put_act(ACT, START + 90 * DAY),
        read=lambda s: s.acts_of("u1", limit=9, after=None, since=at(-9), until=at(9)).items,
        value=(ACT,),
    ),
    Sample(name="counter", write=lambda s: s.count(COUNTER, 9), read=lambda s: s.count(COUNTER, 9), value=2),
    Sample(
        name="cue",
        write=lambda s: s.put_cues([CUE]),
        read=lambda s: s.cues(3, until=at(60), limit=9),
        value=[CUE],
    ),
    Sample(
        name="alert_state",
        write=lambda s: s.put_alert_state("u1", "task", ALERTED),
        read=lambda s: s.alert_states([("u1", "task")]),
        value={("u1", "task"): ALERTED},
    ),
    Sample(
        name="letter_key",
        write=lambda s: s.letter_key(b"fresh"),
        read=lambda s: s.letter_key(b"later"),
        value=b"fresh",
    ),
    Sample(
        name="usage",
        write=lambda s: s.put_usage("u1", USAGE, START, seen=None),
        read=lambda s: (s.counted_at("u1"), s.use("u1", USAGE, USAGE)),
        value=(START, False),
    ),
    Sample(
        name="usage_added",
        write=lambda s: s.use("u1", USAGE, PLENTY),
        read=lambda s: s.use("u1", USAGE, Usage(tasks=1, stored_bytes=9, hourly_runs=9)),
        value=False,
    ),
)
