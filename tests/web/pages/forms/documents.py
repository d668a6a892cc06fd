"""Tasks of every kind that the contract knows, as they are stored: for tests of what the form makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from chalicelib.core import task as tasks
from chalicelib.core.alerting.policy import Happening
from chalicelib.core.errors import Invalid
from chalicelib.core.instant import to_text
from chalicelib.core.schedule.exclusions import WEEKDAYS
from chalicelib.settings import Settings
from chalicelib.web.checks.tasks import task_errors

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SETTINGS = Settings(aws_actions_allowed=frozenset({"*"}))
ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
CALENDARS = {"holidays": (), "closed.days-1": ()}

secrets = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
references = st.fixed_dictionaries({"secret": secrets})
signs = st.characters(exclude_categories=["Cc", "Cs"])
words = st.text(signs, min_size=1, max_size=20).filter(lambda text: text == text.strip() != "")
"""Without control characters, and without blanks at their ends."""
texts = st.sampled_from(["one\ntwo", '"quoted"', '{"secret": "x"}', " a ", "a=b: c", "\n", '"', "{"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=40
)
"""Whatever can be typed into a text area."""
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
header_names = st.from_regex(r"X-[A-Za-z0-9-]{1,10}", fullmatch=True)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).filter(
    lambda text: text == text.strip() and not text.startswith("{")
)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32)
leaves: st.SearchStrategy[Any] = st.none() | st.booleans() | numbers | texts
json: st.SearchStrategy[Any] = st.recursive(
    leaves, lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=3), max_leaves=6
)
objects = st.dictionaries(words, json, min_size=1, max_size=4)


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of some members."""
    return st.fixed_dictionaries({}, optional=members)


def one(given: dict[str, Any], **members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """What is given, with any of some members."""
    return some(**members).map(lambda drawn: given | drawn)


commands = st.fixed_dictionaries(
    {
        "type": st.just("command"),
        "command": texts.filter(lambda text: text.strip() != "")
        | st.lists(texts, min_size=1, max_size=3).filter(lambda parts: parts[0].strip() != ""),
    },
    optional={
        "env": st.dictionaries(names, texts | references, min_size=1, max_size=3),
        "stdin": texts,
    },
)
statuses = st.integers(100, 599)
calls = st.fixed_dictionaries(
    {
        "type": st.just("http"),
        "method": st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        "url": st.sampled_from(["https://example.com/", "http://example.com:81/a?b=%20&c=d"]),
    },
    optional={
        "headers": st.dictionaries(header_names, header_values | references, min_size=1, max_size=3),
        "body": texts | objects | st.lists(json, max_size=3) | references,
        "expect_status": statuses | st.lists(statuses, min_size=1, max_size=3),
        "signing": references | st.lists(references, min_size=1, max_size=2),
    },
)
functions = st.just({"type": "function", "name": "write_to_file"}) | st.builds(
    lambda kwargs: {"type": "function", "name": "write_to_file", "kwargs": kwargs},
    st.fixed_dictionaries({"path": texts}),
)
aws = st.fixed_dictionaries(
    {"type": st.just("aws"), "service": st.just("sqs"), "operation": st.just("send_message")},
    optional={"parameters": objects},
)

days = st.dates(date(2027, 1, 1), date(2031, 1, 1))
instants = st.builds(lambda day, at: to_text(datetime.combine(day, at.replace(fold=0), UTC)), days, st.times())
clocks = st.times().map(lambda at: f"{at:%H:%M}")
weekdays = st.sets(st.sampled_from(WEEKDAYS), min_size=1, max_size=6).map(
    lambda chosen: [day for day in WEEKDAYS if day in chosen]
)
exclusions = st.one_of(
    days.map(lambda day: {"date": day.isoformat()}),
    st.builds(
        lambda a, n: {"from": a.isoformat(), "to": (a + timedelta(days=n)).isoformat()}, days, st.integers(1, 40)
    ),
    st.fixed_dictionaries({"weekly": weekdays, "from": clocks, "to": clocks}),
    st.sampled_from([{"calendar": name} for name in CALENDARS]),
)
bounds = some(
    start_at=instants,
    end_at=instants,
    max_runs=st.integers(1, 5),
    jitter_seconds=st.integers(1, 50),
    exclude=st.lists(exclusions, min_size=1, max_size=3),
)
intervals = st.builds(
    lambda own, shape: {"type": "interval"} | own | shape,
    st.fixed_dictionaries(
        {
            "every": st.integers(1, 100),
            "unit": st.sampled_from(["minutes", "hours", "days", "weeks", "months"]),
        },
        optional={"time_zone": ZONES, "short_months": st.sampled_from(["last_day", "skip"])},
    ),
    bounds,
)
expressions = st.sampled_from(
    [
        *("30 2 * * *", "0 0 * * 0", "15 0 8 * * 1,3,5", "5 4 * * 1-5", "59 23 * * 0,6", "0 12 * * 1-4,6"),
        *("*/5 * * * *", "0 0 13 * 5", "@hourly", "H 3 * * *", "cron(15 10 ? * 6L 2028-2030)", "0 9 1-7 * *"),
    ]
)
"""Some of a time of the day on days of the week, as the form writes them itself, and some that only cron can say."""
crons = st.builds(
    lambda own, shape: {"type": "cron"} | own | shape,
    st.fixed_dictionaries(
        {"expression": expressions, "time_zone": ZONES},
        optional={"dst_gap": st.sampled_from(["run", "skip"]), "dst_fold": st.sampled_from(["once", "twice"])},
    ),
    bounds,
)
once = instants.map(lambda at: {"type": "once", "at": at})

seconds = st.integers(1, 604_800) | st.floats(1, 604_800).map(lambda value: round(value, 3))
notifications = st.fixed_dictionaries(
    {
        "on": st.sets(st.sampled_from([str(kind) for kind in Happening]), min_size=1)
        .filter(lambda on: on != {"recovered"})
        .map(sorted),
        "webhook": st.just("https://example.com/hook"),
    },
    optional={"cooldown_seconds": st.integers(60, 86_400), "grace_seconds": st.integers(300, 86_400)},
)


def written(data: dict[str, Any]) -> dict[str, Any]:
    """A task as the store has it: everything that was left out filled in. What the API would refuse is none."""
    assume(not list(task_errors(data, SETTINGS)))
    try:
        return tasks.to_json(tasks.from_json(data, NOW, seed="task", calendars=CALENDARS))
    except Invalid:
        assume(False)
        raise


documents = st.fixed_dictionaries(
    {"name": words, "action": commands | calls | functions | aws, "schedule": intervals | crons | once},
    optional={
        "description": words,
        "tags": st.lists(words, max_size=4, unique=True),
        "metadata": objects,
        "state": st.sampled_from(["active", "paused"]),
        "timeout_seconds": st.integers(1, 120) | st.floats(1, 120).map(lambda value: round(value, 3)),
        "retry": some(
            max_attempts=st.integers(1, 20),
            backoff=st.sampled_from(["next_window", "fixed", "exponential"]),
            delay_seconds=seconds,
            max_delay_seconds=seconds,
            max_age_seconds=seconds,
        ),
        "overlap": st.sampled_from(["allow", "skip", "queue", "replace"]),
        "misfire": some(grace_seconds=seconds, catch_up=st.sampled_from(["all", "latest", "none"])),
        "delivery": st.sampled_from(["at_least_once", "at_most_once"]),
        "priority": st.sampled_from(["high", "normal", "low"]),
        "retention_days": st.integers(1, 365),
        "notify": notifications,
    },
).map(written)
"""What a browser can hold as it is: nothing in it depends on blanks at the ends of a line or on carriage returns."""
