"""Expressions as AWS writes them, `cron(…)` and `rate(…)`, in the words that the rest of Punctual understands.

AWS counts weekdays from Sunday = 1, needs a `?` in one of the day fields, and ends with a year. Source: the EventBridge
Scheduler user guide, "Schedule types".
"""

from __future__ import annotations

import re

_CALL = re.compile(r"\s*(?P<name>cron|rate)\s*\((?P<inside>[^()]*)\)\s*", re.IGNORECASE)
_RATE = re.compile(r"\s*(?P<every>[1-9]\d{0,9})\s+(?P<unit>minute|hour|day)s?\s*", re.ASCII)
_FIELDS = 6
_WEEKDAY_NUMBER = re.compile(r"(?<![#/\d])[1-7](?![\d])", re.ASCII)
_LAST_WEEKDAY = re.compile(r"(?P<day>\d|[A-Z]{3})L")


def rate_of(expression: str) -> tuple[int, str] | None:
    """The interval, in a unit of the contract, that `rate(…)` stands for; None for anything else.

    >>> rate_of("rate(5 minutes)"), rate_of("rate(1 day)"), rate_of("* * * * *")
    ((5, 'minutes'), (1, 'days'), None)
    """
    call = _CALL.fullmatch(expression)
    if call is None or call["name"].lower() != "rate":
        return None
    rate = _RATE.fullmatch(call["inside"])
    return None if rate is None else (int(rate["every"]), rate["unit"] + "s")


def cron_of(expression: str) -> str | None:
    """Seven fields (seconds first, year last) that mean what `cron(…)` means to AWS; None for anything else.

    >>> cron_of("cron(15 10 ? * 6L 2026-2030)")
    '0 15 10 * * L5 2026-2030'
    >>> cron_of("cron(0 18 ? * MON-FRI *)"), cron_of("cron(0 8 1 * ? *)"), cron_of("cron(0 9 ? * 2#1 *)")
    ('0 0 18 * * MON-FRI *', '0 0 8 1 * * *', '0 0 9 * * 1#1 *')
    """
    call = _CALL.fullmatch(expression)
    if call is None or call["name"].lower() != "cron":
        return None
    fields = call["inside"].upper().split()
    if len(fields) != _FIELDS or (fields[2], fields[4]).count("?") != 1:
        return None
    minute, hour, day, month, weekday, year = ("*" if field == "?" else field for field in fields)
    counted_from_zero = _WEEKDAY_NUMBER.sub(lambda found: str(int(found[0]) - 1), weekday)
    weekday = _LAST_WEEKDAY.sub(lambda found: f"L{found['day']}", counted_from_zero)
    return f"0 {minute} {hour} {day} {month} {weekday} {year}"
