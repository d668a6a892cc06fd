"""Words: how states, times and durations are said on the pages. A state is always icon, word and colour together."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from chalicelib.core.errors import PunctualError
from chalicelib.core.groups.progress import ON_THEIR_WAY, WAITING
from chalicelib.core.people.account import Role
from chalicelib.core.run import AttemptStatus, RunStatus, Trigger
from chalicelib.core.task import Task
from chalicelib.web.pages.looks.colours import printable

SECOND = timedelta(seconds=1)
UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"), (SECOND, "s"))
EXCERPT = 160
"""Characters of output shown in a line of the history."""
_NAME = re.compile(r"\w[._/@]\w|^[./]")
"""Of a word that has to stay as it is written: a host, a file, a variable."""
LATE = timedelta(seconds=5)
"""A start later than this is marked: it is more than a busy minute explains."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a state looks: the name of an icon, a word, and a tone that the style sheet turns into a colour."""

    icon: str
    word: str
    tone: str


RUN_LOOKS: dict[RunStatus, Look] = {
    RunStatus.QUEUED: Look(icon="clock", word="queued", tone="quiet"),
    RunStatus.RUNNING: Look(icon="play", word="running", tone="busy"),
    RunStatus.RETRYING: Look(icon="again", word="retrying", tone="warn"),
    RunStatus.SUCCEEDED: Look(icon="check", word="succeeded", tone="good"),
    RunStatus.FAILED: Look(icon="cross", word="failed", tone="bad"),
    RunStatus.TIMED_OUT: Look(icon="hourglass", word="timed out", tone="bad"),
    RunStatus.CANCELLED: Look(icon="stop", word="cancelled", tone="quiet"),
    RunStatus.SKIPPED: Look(icon="skip", word="skipped", tone="quiet"),
    RunStatus.MISSED: Look(icon="bell", word="missed", tone="bad"),
    RunStatus.LOST: Look(icon="question", word="lost", tone="bad"),
}

GROUP_LOOKS: dict[str, Look] = {
    **{str(status): look for status, look in RUN_LOOKS.items()},
    WAITING: Look(icon="clock", word="waiting", tone="quiet"),
    ON_THEIR_WAY: Look(icon="play", word="on their way", tone="busy"),
}
"""Of groups and of their members."""

ATTEMPT_LOOKS: dict[AttemptStatus, Look] = {status: RUN_LOOKS[RunStatus(str(status))] for status in AttemptStatus}

TRIGGER_WORDS: dict[Trigger, str] = {
    Trigger.SCHEDULE: "by its schedule",
    Trigger.MANUAL: "by hand",
    Trigger.BACKFILL: "by a backfill",
    Trigger.GROUP: "by a group",
}

ACTIVE = Look(icon="dot", word="active", tone="good")
PAUSED = Look(icon="pause", word="paused", tone="warn")
COMPLETED = Look(icon="flag", word="completed", tone="quiet")

ROLE_LOOKS: dict[Role, Look] = {
    Role.ADMIN: Look(icon="flag", word="admin", tone="busy"),
    Role.MEMBER: Look(icon="dot", word="member", tone="quiet"),
}
WELL = Look(icon="check", word="well", tone="good")
BEHIND = Look(icon="alert", word="behind", tone="bad")
CATCHING_UP = Look(icon="again", word="catching up", tone="warn")
UNSEEN = Look(icon="clock", word="not begun", tone="quiet")
OPEN = Look(icon="clock", word="open", tone="busy")
USED = Look(icon="check", word="used", tone="good")
ENDED = Look(icon="stop", word="ended", tone="quiet")
REFUSED = Look(icon="cross", word="refused", tone="bad")


def task_look(task: Task, next_due: datetime | None) -> Look:
    """How a task stands: paused, completed where nothing is left to run, active otherwise."""
    if not task.active:
        return PAUSED
    return COMPLETED if next_due is None else ACTIVE


def duration(length: timedelta) -> str:
    """A length of time in its two largest units.

    >>> [duration(timedelta(seconds=s)) for s in (0.012, 1.25, 42, 185, 7500, 90_000)]
    ['12 ms', '1.2 s', '42 s', '3 min 5 s', '2 h 5 min', '1 d 1 h']
    """
    if length < SECOND:
        return f"{length // timedelta(milliseconds=1)} ms"
    if length < 10 * SECOND:
        return f"{length // (SECOND / 10) / 10:g} s"
    for (unit, name), (below, below_name) in pairwise(UNITS):
        if length >= unit:
            rest = length % unit // below
            return f"{length // unit} {name}" + (f" {rest} {below_name}" if rest else "")
    return f"{length // SECOND} s"


def relative(instant: datetime, now: datetime) -> str:
    """Where an instant lies, seen from now, in its largest unit.

    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> [relative(now + timedelta(seconds=s), now) for s in (0.4, 30, -90, 90_000)]
    ['now', 'in 30 s', '1 min ago', 'in 1 d']
    """
    distance = abs(instant - now)
    if distance < SECOND:
        return "now"
    size = next(f"{distance // unit} {name}" for unit, name in UNITS if distance >= unit)
    return f"in {size}" if instant > now else f"{size} ago"


def clock(instant: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """An instant in a zone, as short as today there allows; outside UTC it says the zone's short name.

    >>> from zoneinfo import ZoneInfo
    >>> now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> clock(now, now), clock(now + timedelta(days=3), now), clock(now + timedelta(days=400), now)
    ('12:00:00', '4 Jan 12:00:00', '5 Feb 2027 12:00:00')
    >>> clock(now, now, ZoneInfo("Europe/Paris"))
    '13:00:00 CET'
    """
    at, today = instant.astimezone(zone), now.astimezone(zone)
    short = "" if zone is UTC else f" {at:%Z}"
    if at.date() == today.date():
        return f"{at:%H:%M:%S}{short}"
    day = f"{at.day} {at:%b}" if at.year == today.year else f"{at.day} {at:%b %Y}"
    return f"{day} {at:%H:%M:%S}{short}"


def exact(instant: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """An instant as `clock` says it, with its milliseconds.

    >>> exact(datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    '12:00:00.250'
    """
    said = clock(instant, now, zone)
    seconds = re.compile(r"(\d\d:\d\d:\d\d)")
    return seconds.sub(rf"\1.{instant.microsecond // 1000:03}", said, count=1)


def signed(length: timedelta) -> str:
    """A length of time that may lie on either side of an instant.

    >>> signed(timedelta(seconds=1.2)), signed(timedelta(seconds=-45))
    ('+1.2 s', '−45 s')
    """
    return f"−{duration(-length)}" if length < timedelta(0) else f"+{duration(length)}"


def json_line(value: object) -> str:
    """A value as JSON on one line.

    >>> json_line({"exit_code": 0, "text": "é"})
    '{"exit_code": 0, "text": "é"}'
    """
    return json.dumps(value, ensure_ascii=False)


def dated(instant: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """An instant in a zone with its day, for a list whose head names the zone: seconds and year only where needed.

    >>> now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> dated(now, now), dated(datetime(2027, 2, 3, 4, 5, 6, tzinfo=UTC), now)
    ('Thu 1 Jan 12:00', 'Wed 3 Feb 2027 04:05:06')
    """
    at = instant.astimezone(zone)
    day = f"{at:%a} {at.day} {at:%b}" + ("" if at.year == now.astimezone(zone).year else f" {at.year}")
    return f"{day} {at:%H:%M:%S}" if at.second else f"{day} {at:%H:%M}"


def full(instant: datetime, zone: tzinfo = UTC) -> str:
    """An instant with everything known about it: in UTC, and in another zone as well.

    >>> from zoneinfo import ZoneInfo
    >>> full(datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC))
    '2026-01-01 12:00:00.250 UTC'
    >>> full(datetime(2026, 1, 1, 12, tzinfo=UTC), ZoneInfo("Europe/Paris"))
    '2026-01-01 12:00:00.000 UTC, which is 2026-01-01 13:00:00 +0100 in Europe/Paris'
    """
    said = instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds") + " UTC"
    return said if zone is UTC else f"{said}, which is {instant.astimezone(zone):%Y-%m-%d %H:%M:%S %z} in {zone}"


def lateness(late: timedelta) -> str:
    """How far after its due time something started.

    >>> lateness(timedelta(milliseconds=12))
    '12 ms late'
    """
    return f"{duration(late)} late"


def sentence(error: PunctualError) -> str:
    """What an error says, as a sentence."""
    said = capitalised(error.told)
    return said if said.endswith((".", "!", "?")) else f"{said}."


def capitalised(text: str) -> str:
    """A text that begins with a capital, the rest as it is; and all of it, where its first word is none, but a name.

    >>> capitalised("must be an RFC 3339 instant"), capitalised("db.example.com answered")
    ('Must be an RFC 3339 instant', 'db.example.com answered')
    """
    first = text.partition(" ")[0].rstrip(",.:;")
    return text if _NAME.search(first) else text[:1].upper() + text[1:]


def excerpt(text: str) -> str:
    r"""The last lines of an output on one line, cut at its front: the end says how it went.

    >>> excerpt("one\n\n two\n")
    'one two'
    """
    line = re.sub(r"\s+", " ", printable(text[-4 * EXCERPT :])).strip()
    return line if len(line) <= EXCERPT else "…" + line[-EXCERPT:]


def group_look(status: str) -> Look:
    """How a group, or one of its members, stands."""
    return GROUP_LOOKS[str(status)]
