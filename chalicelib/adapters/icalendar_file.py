"""iCalendar files (RFC 5545): their events, for the core to expand.

The `icalendar` library takes lines and values apart. Its components are not used: they would work out the clock changes
of a file's own VTIMEZONEs, which may be made to take for ever. A TZID is looked up by its name instead.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.core.calendars.recurrence import Frequency, Recurrence
from chalicelib.core.calendars.spans import Event, Repeat, Span, spans_of
from chalicelib.core.errors import FieldError, Invalid

DAY = timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FIRST_YEAR, LAST_YEAR = 1900, 2200
LONGEST = timedelta(days=3660)
MOST_INTERVAL = 1000
MOST_EXDATES = 20_000
DEEPEST = 8
LINES = frozenset(
    {"UID", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"}
)
UNKNOWN_PARTS = ("BYHOUR", "BYMINUTE", "BYSECOND", "BYWEEKNO", "BYEASTER", "RSCALE", "SKIP")


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One property of an event: name, parameters and value."""

    name: str
    params: Mapping[str, Any]
    value: str


_Moment = tuple[datetime, ZoneInfo, bool]
"""A local time, its zone, and whether it is a whole day."""


def spans_in(raw: bytes, now: datetime) -> tuple[Span, ...]:
    """The spans of an iCalendar file; `Invalid` says in a sentence why there are none."""
    return spans_of(_events(_text(raw)), now)


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(f"is no iCalendar file: byte {error.start} is not UTF-8") from error
    if "\0" in text or not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise _wrong("is no iCalendar file: it has to begin with BEGIN:VCALENDAR")
    return text


def _events(text: str) -> list[Event]:
    """Every event that takes place; those that replace one occurrence of another take it away there."""
    zone, found = ZoneInfo("UTC"), list[list[_Line]]()
    for parts, name, line in _placed(text):
        if parts == ["VCALENDAR", "VEVENT"] and name == "BEGIN":
            found.append([])
        elif parts == ["VCALENDAR", "VEVENT"] and name in LINES:
            found[-1].append(_line(name, line))
        elif parts == ["VCALENDAR"] and name == "X-WR-TIMEZONE":
            zone = _zone(_value_of(line))
    return _without_replaced([lines for lines in found if not _cancelled(lines)], found, zone)


def _placed(text: str) -> Iterator[tuple[list[str], str, str]]:
    """Each line with the parts of the file that it stands in, and its property's name."""
    parts: list[str] = []
    for line in _unfolded(text):
        name = line.partition(":")[0].partition(";")[0].strip().upper()
        if name == "BEGIN":
            parts = [*parts, _value_of(line).upper()]
            if len(parts) > DEEPEST:
                raise _wrong(f"is nested deeper than {DEEPEST} levels")
        yield parts, name, line
        if name == "END":
            if parts[-1:] != [_value_of(line).upper()]:
                raise _wrong(f"is no iCalendar file: {line[:40]!r} closes nothing")
            parts = parts[:-1]
    if parts:
        raise _wrong(f"is cut off: {parts[-1][:40]} has no end")


def _value_of(line: str) -> str:
    return line.partition(":")[2].strip()


def _unfolded(text: str) -> Iterator[str]:
    return (str(line) for line in _library().parser.Contentlines.from_ical(text) if line)


def _line(name: str, line: str) -> _Line:
    try:
        _, params, value = _library().parser.Contentline(line).parts()
    except ValueError as error:
        raise _wrong(f"cannot be read at {line[:60]!r}") from error
    return _Line(name=name, params=params, value=str(value))


def _cancelled(lines: list[_Line]) -> bool:
    return any(line.name == "STATUS" and line.value.upper() == "CANCELLED" for line in lines)


def _without_replaced(wanted: list[list[_Line]], every: list[list[_Line]], zone: ZoneInfo) -> list[Event]:
    """The events, without the occurrences that another event with the same UID replaces or cancels."""
    replaced: dict[str, list[_Line]] = {}
    for lines in every:
        replaced.setdefault(_uid(lines), []).extend(line for line in lines if line.name == "RECURRENCE-ID")
    events = []
    for lines in wanted:
        replaces = any(line.name == "RECURRENCE-ID" for line in lines)
        events.append(_event(lines, [] if replaces else replaced.pop(_uid(lines), []), zone))
    return events


def _uid(lines: list[_Line]) -> str:
    return next((line.value for line in lines if line.name == "UID"), "")


def _event(lines: list[_Line], replaced: list[_Line], default: ZoneInfo) -> Event:
    by_name: dict[str, list[_Line]] = {}
    for line in lines:
        by_name.setdefault(line.name, []).append(line)
    if "DTSTART" not in by_name:
        raise _wrong("has an event without DTSTART")
    if "EXRULE" in by_name:
        raise _wrong("has an EXRULE, which is not taken: list the dates as EXDATE")
    start, zone, whole_days = _moment(by_name["DTSTART"][0], default)
    length = _length(by_name, start, zone, whole_days, default)
    event = Event(start=start, length=length, zone=zone, whole_days=whole_days)
    event = replace(event, repeats=tuple(_repeat(line, event) for line in by_name.get("RRULE", ())))
    event = replace(event, also=tuple(x for line in by_name.get("RDATE", ()) for x in _also(line, event, default)))
    taken = [moment for line in by_name.get("EXDATE", ()) for moment in _moments(line, default)]
    taken += [_moment(line, default) for line in replaced if _is_single(line)]
    if event.also and not event.repeats:
        event = replace(event, also=((start, length), *event.also), repeats=())
    return _taking_away(event, taken)


def _is_single(line: _Line) -> bool:
    if "RANGE" in line.params:
        raise _wrong("changes an event and all after it (RANGE), which is not taken: end its rule and begin another")
    return True


def _taking_away(event: Event, taken: list[_Moment]) -> Event:
    return replace(
        event,
        without=frozenset(_in_zone(local, zone, event.zone) for local, zone, whole in taken if not whole),
        days_without=frozenset(local.date() for local, _, whole in taken if whole),
    )


def _length(
    by_name: Mapping[str, list[_Line]], start: datetime, zone: ZoneInfo, whole_days: bool, default: ZoneInfo
) -> timedelta:
    if "DTEND" in by_name:
        end, end_zone, _ = _moment(by_name["DTEND"][0], default)
        exact = end.replace(tzinfo=end_zone).astimezone(UTC) - start.replace(tzinfo=zone).astimezone(UTC)
        return _checked(end - start if whole_days else exact)
    if "DURATION" in by_name:
        length = _value(by_name["DURATION"][0].value, "a duration")
        if not isinstance(length, timedelta):
            raise _wrong(f"has a DURATION that is none: {by_name['DURATION'][0].value[:40]!r}")
        return _checked(length)
    return DAY if whole_days else timedelta(0)


def _checked(length: timedelta) -> timedelta:
    if not timedelta(0) <= length <= LONGEST:
        raise _wrong("has an event that ends before it begins, or lasts longer than ten years")
    return length


def _also(line: _Line, event: Event, default: ZoneInfo) -> Iterator[tuple[datetime, timedelta]]:
    """Further times of RDATE, as they begin, or with a length of their own."""
    for text in line.value.split(","):
        begin, slash, rest = text.partition("/")
        local, zone, _ = _moment(replace(line, value=begin), default)
        length = event.length
        if slash:
            end = _value(rest, "a period")
            if not isinstance(end, timedelta):
                end_local, end_zone, _ = _moment(replace(line, value=rest), default)
                end = end_local.replace(tzinfo=end_zone).astimezone(UTC) - local.replace(tzinfo=zone).astimezone(UTC)
            length = _checked(end)
        yield _in_zone(local, zone, event.zone), length


def _moments(line: _Line, default: ZoneInfo) -> list[_Moment]:
    texts = line.value.split(",")
    if len(texts) > MOST_EXDATES:
        raise _wrong(f"takes more than {MOST_EXDATES:,} times away from one event")
    return [_moment(replace(line, value=text), default) for text in texts]


def _moment(line: _Line, default: ZoneInfo) -> _Moment:
    """The local time that a property gives, with its zone."""
    given = _value(line.value, f"a date or a time in {line.name}")
    if not isinstance(given, date) or not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise _wrong(f"has {line.value[:40]!r} in {line.name}, which is no date from {FIRST_YEAR} to {LAST_YEAR}")
    if not isinstance(given, datetime):
        return datetime.combine(given, time(0)), default, True
    if given.tzinfo is not None:
        return given.replace(tzinfo=None), ZoneInfo("UTC"), False
    name = line.params.get("TZID")
    return given, default if name is None else _zone(str(name)), False


def _value(text: str, wanted: str) -> Any:
    try:
        return _library().prop.vDDDTypes.from_ical(text.strip())
    except (ValueError, OverflowError, TypeError) as error:
        raise _wrong(f"has {text[:40]!r} where {wanted} belongs") from error


def _in_zone(local: datetime, zone: ZoneInfo, other: ZoneInfo) -> datetime:
    return local if zone.key == other.key else local.replace(tzinfo=zone).astimezone(other).replace(tzinfo=None)


def _zone(name: str) -> ZoneInfo:
    """A zone by its name, as the time zone database has it, or Windows."""
    known = importlib.import_module("icalendar.timezone.windows_to_olson").WINDOWS_TO_OLSON
    plain = name.strip().strip('"')
    for key in (plain, known.get(plain, ""), "/".join(plain.split("/")[-2:])):
        try:
            return ZoneInfo(key)
        except (LookupError, ValueError, OSError):
            continue
    raise _wrong(f"names a time zone {plain[:60]!r} that nobody knows: use an IANA name like Europe/Paris")


def _repeat(line: _Line, event: Event) -> Repeat:
    try:
        parts = dict(_library().prop.vRecur.from_ical(line.value))
    except (ValueError, OverflowError, TypeError) as error:
        raise _wrong(f"has a rule that cannot be read: {line.value[:80]!r}") from error
    unknown = [name for name in UNKNOWN_PARTS if parts.get(name)]
    if unknown:
        raise _wrong(f"has a rule with {unknown[0]}, which is not taken: {line.value[:80]!r}")
    frequency = str(next(iter(parts.get("FREQ", ())), "")).upper()
    if frequency not in list(Frequency):
        raise _wrong(f"has a rule that is not DAILY, WEEKLY, MONTHLY or YEARLY: {line.value[:80]!r}")
    return Repeat(rule=_rule(parts, Frequency(frequency), line.value), until=_until(parts, event))


def _rule(parts: Mapping[str, list[Any]], frequency: Frequency, text: str) -> Recurrence:
    interval, count = _first(parts, "INTERVAL", 1), _first(parts, "COUNT", None)
    if not 1 <= interval <= MOST_INTERVAL or (count is not None and count < 1):
        raise _wrong(f"has a rule whose INTERVAL or COUNT is out of range: {text[:80]!r}")
    weekdays = tuple({_weekday(str(one)): None for one in parts.get("BYDAY", ())})
    if any(ordinal for ordinal, _ in weekdays) and frequency in (Frequency.DAILY, Frequency.WEEKLY):
        raise _wrong(f"has a rule that counts weekdays of a day or a week: {text[:80]!r}")
    return Recurrence(
        frequency=frequency,
        interval=interval,
        count=count,
        months=_numbers(parts, "BYMONTH"),
        month_days=_numbers(parts, "BYMONTHDAY"),
        year_days=_numbers(parts, "BYYEARDAY"),
        weekdays=weekdays,
        positions=_numbers(parts, "BYSETPOS"),
        week_start=WEEKDAYS.index(str(_first(parts, "WKST", "MO")).upper()),
    )


def _first(parts: Mapping[str, list[Any]], name: str, usual: Any) -> Any:
    return next(iter(parts.get(name, ())), usual)


def _numbers(parts: Mapping[str, list[Any]], name: str) -> tuple[int, ...]:
    return tuple({int(number): None for number in parts.get(name, ())})


def _weekday(text: str) -> tuple[int, int]:
    """-1FR is the last Friday: (-1, 4)."""
    day, ordinal = text[-2:].upper(), text[:-2]
    return int(ordinal) if ordinal else 0, WEEKDAYS.index(day)


def _until(parts: Mapping[str, list[Any]], event: Event) -> datetime | None:
    """The last local time of a rule; a date lets that whole day in."""
    given = _first(parts, "UNTIL", None)
    if given is None:
        return None
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise _wrong(f"has a rule that ends outside {FIRST_YEAR} to {LAST_YEAR}")
    if not isinstance(given, datetime):
        return datetime.combine(given, time.max)
    return given if given.tzinfo is None else given.astimezone(event.zone).replace(tzinfo=None)


def _library() -> Any:
    """Loaded when it is first needed: no worker should wait for it when it starts."""
    return importlib.import_module("icalendar")


def _wrong(detail: str) -> Invalid:
    return Invalid(FieldError(pointer="", code="invalid_calendar", detail=detail))
