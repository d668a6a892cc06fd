"""Events of an iCalendar file: when they begin, how long they last, and what of their recurrence is taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.adapters.icalendar_file.lines import Line, line_of, placed, text_of, value_of, wrong
from chalicelib.adapters.icalendar_file.moments import Moment, in_zone, moment_of, moments, value_in, zone_called
from chalicelib.adapters.icalendar_file.rules import repeat_of
from chalicelib.core.calendars.spans import Event, Span, spans_of

DAY = timedelta(days=1)
LONGEST = timedelta(days=3660)
LINES = frozenset(
    {"UID", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"}
)


def spans_in(raw: bytes, now: datetime) -> tuple[Span, ...]:
    """The spans of an iCalendar file; `Invalid` says in a sentence why there are none."""
    return spans_of(_events(text_of(raw)), now)


def _events(text: str) -> list[Event]:
    """Every event that takes place; those that replace one occurrence of another take it away there."""
    zone, found = ZoneInfo("UTC"), list[list[Line]]()
    for parts, name, line in placed(text):
        if parts == ["VCALENDAR", "VEVENT"] and name == "BEGIN":
            found.append([])
        elif parts == ["VCALENDAR", "VEVENT"] and name in LINES:
            found[-1].append(line_of(name, line))
        elif parts == ["VCALENDAR"] and name == "X-WR-TIMEZONE":
            zone = zone_called(value_of(line))
    return _without_replaced([lines for lines in found if not _cancelled(lines)], found, zone)


def _cancelled(lines: list[Line]) -> bool:
    return any(line.name == "STATUS" and line.value.upper() == "CANCELLED" for line in lines)


def _without_replaced(wanted: list[list[Line]], every: list[list[Line]], zone: ZoneInfo) -> list[Event]:
    """The events, without the occurrences that another event with the same UID replaces or cancels."""
    replaced: dict[str, list[Line]] = {}
    for lines in every:
        replaced.setdefault(_uid(lines), []).extend(line for line in lines if line.name == "RECURRENCE-ID")
    events = []
    for lines in wanted:
        replaces = any(line.name == "RECURRENCE-ID" for line in lines)
        events.append(_event(lines, [] if replaces else replaced.pop(_uid(lines), []), zone))
    return events


def _uid(lines: list[Line]) -> str:
    return next((line.value for line in lines if line.name == "UID"), "")


def _event(lines: list[Line], replaced: list[Line], default: ZoneInfo) -> Event:
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        by_name.setdefault(line.name, []).append(line)
    if "DTSTART" not in by_name:
        raise wrong("has an event without DTSTART")
    if "EXRULE" in by_name:
        raise wrong("has an EXRULE, which is not taken: list the dates as EXDATE")
    start, zone, whole_days = moment_of(by_name["DTSTART"][0], default)
    length = _length(by_name, start, zone, whole_days, default)
    event = Event(start=start, length=length, zone=zone, whole_days=whole_days)
    event = replace(event, repeats=tuple(repeat_of(line, event) for line in by_name.get("RRULE", ())))
    event = replace(event, also=tuple(x for line in by_name.get("RDATE", ()) for x in _also(line, event, default)))
    taken = [moment for line in by_name.get("EXDATE", ()) for moment in moments(line, default)]
    taken += [moment_of(line, default) for line in replaced if _is_single(line)]
    if event.also and not event.repeats:
        event = replace(event, also=((start, length), *event.also), repeats=())
    return _taking_away(event, taken)


def _is_single(line: Line) -> bool:
    if "RANGE" in line.params:
        raise wrong("changes an event and all after it (RANGE), which is not taken: end its rule and begin another")
    return True


def _taking_away(event: Event, taken: list[Moment]) -> Event:
    return replace(
        event,
        without=frozenset(in_zone(local, zone, event.zone) for local, zone, whole in taken if not whole),
        days_without=frozenset(local.date() for local, _, whole in taken if whole),
    )


def _length(
    by_name: Mapping[str, list[Line]], start: datetime, zone: ZoneInfo, whole_days: bool, default: ZoneInfo
) -> timedelta:
    if "DTEND" in by_name:
        end, end_zone, _ = moment_of(by_name["DTEND"][0], default)
        exact = end.replace(tzinfo=end_zone).astimezone(UTC) - start.replace(tzinfo=zone).astimezone(UTC)
        return _checked(end - start if whole_days else exact)
    if "DURATION" in by_name:
        length = value_in(by_name["DURATION"][0].value, "a duration")
        if not isinstance(length, timedelta):
            raise wrong(f"has a DURATION that is none: {by_name['DURATION'][0].value[:40]!r}")
        return _checked(length)
    return DAY if whole_days else timedelta(0)


def _checked(length: timedelta) -> timedelta:
    if not timedelta(0) <= length <= LONGEST:
        raise wrong("has an event that ends before it begins, or lasts longer than ten years")
    return length


def _also(line: Line, event: Event, default: ZoneInfo) -> Iterator[tuple[datetime, timedelta]]:
    """Further times of RDATE, as they begin, or with a length of their own."""
    for text in line.value.split(","):
        begin, slash, rest = text.partition("/")
        local, zone, _ = moment_of(replace(line, value=begin), default)
        length = event.length
        if slash:
            end = value_in(rest, "a period")
            if not isinstance(end, timedelta):
                end_local, end_zone, _ = moment_of(replace(line, value=rest), default)
                end = end_local.replace(tzinfo=end_zone).astimezone(UTC) - local.replace(tzinfo=zone).astimezone(UTC)
            length = _checked(end)
        yield in_zone(local, zone, event.zone), length
