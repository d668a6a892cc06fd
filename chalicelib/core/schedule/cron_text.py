"""The text of cron expressions: its normal form, and what is wrong with it that croniter would let pass.

croniter takes wrapped ranges for their opposite, draws `R` by lot at every look, and reads AWS's six fields as seconds.
"""

from __future__ import annotations

import re

from chalicelib.core.schedule.aws_text import cron_of

LONGEST = 256
ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
MONTHS = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
WEEKDAYS = {name: n for n, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
NUMBERS = {name: n for n, name in enumerate(MONTHS, start=1)} | {name: n for n, name in enumerate(WEEKDAYS)}

_RANGE = re.compile(r"(?P<low>\w+)-(?P<high>\w+)(/\d+)?", re.ASCII)
_ONE_VALUE = re.compile(r"\b(\w+)-\1(?:/\d+)?(?=[\s,]|$)", re.ASCII)
_RANDOM = re.compile(r"(^|[\s,/-])r([\s,/(]|$)", re.IGNORECASE)
HASHED = re.compile(r"(^|[\s,])h([\s,/(]|$)", re.IGNORECASE)
"""`H`, a number that is chosen by a hash of the task's id, so that tasks spread over the hour."""
_AWS_CALL = re.compile(r"\s*(cron|rate)\s*\(", re.IGNORECASE)


def normal_form(expression: str) -> str:
    """Single blanks between the fields; a name like @daily, or AWS's cron(…), written out.

    >>> normal_form("@Daily"), normal_form(" 5  4 * * * ")
    ('0 0 * * *', '5 4 * * *')
    >>> normal_form("0 0 1 11-11 *")  # croniter takes a range of one value for all values
    '0 0 1 11 *'
    """
    text = cron_of(expression) or " ".join(expression.split())
    return _ONE_VALUE.sub(r"\1", ALIASES.get(text.lower(), text))


def text_problem(expression: str) -> str | None:
    """What is wrong with the text of an expression and what would be right, or None.

    >>> text_problem("50-10 * * * *")
    'the range 50-10 is the wrong way round: write it as two, like 50-59,0-10 for minutes'
    """
    if len(expression) > LONGEST:
        return f"longer than {LONGEST} characters"
    text = normal_form(expression)
    if _AWS_CALL.match(text):
        return "not what AWS writes: cron(minute hour day month weekday year) with one `?`, or rate(5 minutes)"
    if "?" in text:
        return _without_question_mark(text)
    if _RANDOM.search(text):
        return "`R` is random, and a due time has to be the same whenever it is asked for: write a number"
    if len(text.split(" ")) not in (5, 6) and cron_of(expression) is None:
        names = ", ".join(sorted(ALIASES))
        count = len(text.split())
        forms = f"five (minute hour day month weekday), six (seconds first) or one of {names}"
        return f"{count} fields where {forms} may be" if count else f"no fields yet: write {forms}"
    return next((problem for field in text.split(" ") if (problem := _range_problem(field))), None)


def _without_question_mark(text: str) -> str:
    fields = ["*" if field == "?" else field for field in text.split(" ")]
    hint = " ".join(fields[:5])
    return f"`?` is AWS's form, which also has another order of fields: write five fields, like `{hint}`"


def _range_problem(field: str) -> str | None:
    for part in field.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        low, high = _number(found["low"]), _number(found["high"])
        if low is not None and high is not None and low > high:
            whole = f"{found['low']}-{found['high']}"
            return f"the range {whole} is the wrong way round: write it as two, like 50-59,0-10 for minutes"
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else NUMBERS.get(text.lower())
