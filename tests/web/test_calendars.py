"""Named calendars: put as iCalendar files, listed, left out by tasks, deleted."""

from __future__ import annotations

import pytest

from tests.web.building import Caller, World, faults, json_of, task

HOLIDAYS = [("20261225", "20261226"), ("20261226", "20261228"), ("20270101", "20270102")]
DAILY = {"type": "cron", "expression": "0 9 * * *"}
PATH = "/api/calendars/holidays"


def ics(*events: str, head: str = "") -> bytes:
    inside = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{inside}END:VCALENDAR\r\n".encode()


def days(*pairs: tuple[str, str]) -> bytes:
    return ics(*(f"DTSTART;VALUE=DATE:{first}\r\nDTEND;VALUE=DATE:{end}\r\nSUMMARY:free" for first, end in pairs))


def put(caller: Caller, raw: bytes, path: str = PATH) -> dict[str, object]:
    response = caller.put(path, raw, headers={"Content-Type": "text/calendar; charset=utf-8"})
    assert response.status_code in (200, 201), response.body
    return dict(json_of(response))


def spans(caller: Caller, raw: bytes) -> list[tuple[str, str]]:
    shown = put(caller, raw)["next"]
    assert isinstance(shown, list)
    return [(one["from"], one["to"]) for one in shown]


def test_a_calendar_is_put_read_listed_and_deleted(ann: Caller) -> None:
    response = ann.put(PATH, days(*HOLIDAYS), headers={"Content-Type": "text/calendar"})
    shown = json_of(response)
    assert response.status_code == 201
    assert shown == {
        "name": "holidays",
        "updated_at": "2026-11-21T12:00:00.250Z",
        "spans": 2,
        "next": [
            {"from": "2026-12-25T00:00:00.000Z", "to": "2026-12-28T00:00:00.000Z"},
            {"from": "2027-01-01T00:00:00.000Z", "to": "2027-01-02T00:00:00.000Z"},
        ],
    }
    assert json_of(ann.get(PATH)) == shown
    assert json_of(ann.get("/api/calendars")) == {"items": [shown], "next_cursor": None}
    assert ann.put(PATH, days(HOLIDAYS[0])).status_code == 200
    assert ann.delete(PATH).status_code == 204
    assert ann.get(PATH).status_code == ann.delete(PATH).status_code == 404


@pytest.mark.parametrize(
    ("event", "head", "expected"),
    [
        ("DTSTART:20261201T080000Z\r\nDTEND:20261201T093000Z", "", ("2026-12-01T08:00", "2026-12-01T09:30")),
        ("DTSTART:20261201T080000\r\nDURATION:PT1H", "", ("2026-12-01T08:00", "2026-12-01T09:00")),
        (
            "DTSTART:20261201T080000\r\nDURATION:PT1H",
            "X-WR-TIMEZONE:Europe/Paris\r\n",
            ("2026-12-01T07:00", "2026-12-01T08:00"),
        ),
        (
            "DTSTART;TZID=America/New_York:20261201T080000\r\nDTEND;TZID=Europe/Paris:20261201T153000",
            "",
            ("2026-12-01T13:00", "2026-12-01T14:30"),
        ),
        (
            'DTSTART;TZID="W. Europe Standard Time":20261201T080000\r\nDURATION:PT1H',
            "BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n"
            "RRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
            ("2026-12-01T07:00", "2026-12-01T08:00"),
        ),
        ("DTSTART;VALUE=DATE:20261201", "X-WR-TIMEZONE:Asia/Tokyo\r\n", ("2026-11-30T15:00", "2026-12-01T15:00")),
        ("DTSTART;VALUE=DATE:19001225\r\nRRULE:FREQ=YEARLY", "", ("2026-12-25T00:00", "2026-12-26T00:00")),
    ],
)
def test_what_an_event_says_about_its_time_counts(
    ann: Caller, event: str, head: str, expected: tuple[str, str]
) -> None:
    begin, end = spans(ann, ics(event, head=head))[0]
    assert (begin, end) == (f"{expected[0]}:00.000Z", f"{expected[1]}:00.000Z")


def test_recurring_events_are_expanded_without_what_is_taken_away_and_with_what_was_moved(ann: Caller) -> None:
    weekly = (
        "UID:standup\r\nDTSTART;TZID=Europe/Paris:20261123T090000\r\nDTEND;TZID=Europe/Paris:20261123T091500\r\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261209T235959Z\r\nEXDATE;TZID=Europe/Paris:20261125T090000\r\n"
        "RDATE;TZID=Europe/Paris:20261127T100000"
    )
    moved = "UID:standup\r\nRECURRENCE-ID:20261130T080000Z\r\nDTSTART:20261130T120000Z\r\nDTEND:20261130T123000Z"
    gone = "UID:standup\r\nRECURRENCE-ID:20261202T080000Z\r\nSTATUS:CANCELLED\r\nDTSTART:20261202T080000Z"
    alarm = weekly + "\r\nBEGIN:VALARM\r\nDURATION:P9D\r\nEND:VALARM"
    assert [begin[:16] for begin, _ in spans(ann, ics(alarm, moved, gone))] == [
        "2026-11-23T08:00",
        "2026-11-27T09:00",
        "2026-11-30T12:00",
        "2026-12-07T08:00",
        "2026-12-09T08:00",
    ]


START = "DTSTART:20261201T080000Z\r\nDURATION:PT1H\r\n"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "BEGIN:VCALENDAR"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8"),
        (b"BEGIN:VCALENDAR\x00\r\nEND:VCALENDAR", "no iCalendar file"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "closes nothing"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "cut off"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 10_000, "nested"),
        (ics("SUMMARY:no start"), "without DTSTART"),
        (ics("DTSTART:100000101T000000Z"), "'100000101T000000Z'"),
        (ics("DTSTART:99990101T000000Z"), "1900 to 2200"),
        (ics("DTSTART:20260230"), "'20260230'"),
        (ics("DTSTART;TZID=Mars/Olympus:20261201T080000"), "Mars/Olympus"),
        (ics("DTSTART:20261201T080000Z\r\nDTEND:20261201T070000Z"), "ends before it begins"),
        (ics("DTSTART:20261201T080000Z\r\nDURATION:P99999999999W"), "P99999999999W"),
        *[
            (ics(f"{START}RRULE:{rule}"), says)
            for rule, says in [
                ("FREQ=SECONDLY", "not DAILY, WEEKLY, MONTHLY or YEARLY"),
                ("FREQ=HOURLY;COUNT=3", "not DAILY, WEEKLY, MONTHLY or YEARLY"),
                ("FREQ=DAILY;BYHOUR=1,2,3", "BYHOUR"),
                ("FREQ=DAILY", "separate spans"),
                ("FREQ=DAILY;INTERVAL=0", "out of range"),
                ("FREQ=DAILY;COUNT=" + "9" * 5000, "cannot be read"),
                ("FREQ=WEEKLY;BYDAY=1MO", "counts weekdays"),
                ("FREQ=NEVER", "cannot be read"),
                ("COUNT=1", "not DAILY"),
                ("FREQ=YEARLY;UNTIL=99990101", "ends outside"),
            ]
        ],
        (ics(*[f"{START}RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 2000), "too long"),
        (ics(*[f"{START}RRULE:FREQ=DAILY"] * 2000), "times in ten years"),
        (ics(START + "EXRULE:FREQ=DAILY"), "EXRULE"),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_in_a_sentence(ann: Caller, raw: bytes, says: str) -> None:
    response = ann.put(PATH, raw, headers={"Content-Type": "text/calendar"})
    assert response.status_code == 422, response.body
    assert says in json_of(response)["detail"]
    assert ann.get(PATH).status_code == 404


def test_a_file_that_is_too_large_or_none_is_refused_before_it_is_read(ann: Caller) -> None:
    assert ann.put(PATH, b"x" * 300_000, headers={"Content-Type": "text/calendar"}).status_code == 413
    assert ann.put(PATH, {"events": []}).status_code == 415
    assert json_of(ann.get("/api/calendars"))["items"] == []


@pytest.mark.parametrize("name", ["a b", "x" * 65, "..", "a/b", "%2e", "ä"])
def test_a_name_is_of_letters_digits_and_some_signs(ann: Caller, name: str) -> None:
    response = ann.put(f"/api/calendars/{name}", days(HOLIDAYS[0]))
    assert response.status_code in (403, 404, 422)
    assert ann.get(f"/api/calendars/{name}").status_code in (403, 404)
    assert json_of(ann.get("/api/calendars"))["items"] == []


def test_an_account_has_a_hundred_calendars_at_most(ann: Caller, bob: Caller) -> None:
    for n in range(100):
        put(ann, days(HOLIDAYS[0]), f"/api/calendars/c{n}")
    response = ann.put(PATH, days(HOLIDAYS[0]))
    assert (response.status_code, faults(response)) == (422, {"/name": "too_many"})
    put(ann, days(*HOLIDAYS), "/api/calendars/c7")
    put(bob, days(HOLIDAYS[0]))


def test_a_task_leaves_out_what_its_owners_calendar_says_and_follows_it(ann: Caller) -> None:
    put(ann, days(("20261122", "20261125")))
    shown = ann.created(schedule=DAILY | {"exclude": [{"calendar": "holidays"}]})
    assert shown["schedule"] == DAILY | {"time_zone": "UTC", "exclude": [{"calendar": "holidays"}]}
    assert shown["next_run_at"] == "2026-11-25T09:00:00.000Z"
    put(ann, days(("20261122", "20261124")))
    now = json_of(ann.get(f"/api/tasks/{shown['id']}"))
    assert (now["next_run_at"], now["version"]) == ("2026-11-24T09:00:00.000Z", 2)
    put(ann, days(("20261122", "20261124")))
    assert json_of(ann.get(f"/api/tasks/{shown['id']}"))["version"] == 2
    assert json_of(ann.post(f"/api/tasks/{shown['id']}/pause"))["state"] == "paused"


def test_a_calendar_in_use_is_not_deleted(ann: Caller) -> None:
    put(ann, days(*HOLIDAYS))
    shown = ann.created(name="monthly bill", schedule=DAILY | {"exclude": [{"calendar": "holidays"}]})
    response = ann.delete(PATH)
    assert (response.status_code, "monthly bill" in json_of(response)["detail"]) == (409, True)
    assert ann.patch(f"/api/tasks/{shown['id']}", {"schedule": {"exclude": None}}).status_code == 200
    assert ann.delete(PATH).status_code == 204


def test_somebody_elses_calendar_is_none(world: World, ann: Caller, bob: Caller) -> None:
    put(ann, days(*HOLIDAYS))
    excluding = DAILY | {"exclude": [{"date": "2026-12-24"}, {"calendar": "holidays"}]}
    foreign = bob.post("/api/tasks", task(schedule=excluding))
    assert (foreign.status_code, faults(foreign)) == (422, {"/schedule/exclude/1": "invalid_exclusion"})
    preview = bob.post("/api/preview", {"schedule": excluding})
    assert (preview.status_code, faults(preview)) == (422, {"/schedule/exclude/1": "invalid_exclusion"})
    assert bob.get(PATH).status_code == bob.delete(PATH).status_code == 404
    assert json_of(bob.get("/api/calendars"))["items"] == []
    assert world.holds_nothing(bob)
    assert json_of(ann.get(PATH))["spans"] == 2


def test_a_preview_shows_what_is_excluded_and_by_what(ann: Caller) -> None:
    put(ann, days(("20261123", "20261124")))
    schedule = DAILY | {"time_zone": "Europe/Paris", "exclude": [{"calendar": "holidays"}, {"date": "2026-11-24"}]}
    shown = json_of(ann.post("/api/preview", {"schedule": schedule, "count": 2}))
    assert shown["description"] == "At 09:00 (Europe/Paris)"
    assert [due["utc"][:10] for due in shown["next"]] == ["2026-11-22", "2026-11-25"]
    assert shown["excluded"] == [
        {
            "utc": "2026-11-23T08:00:00.000Z",
            "local": "2026-11-23T09:00:00.000+01:00",
            "by": "calendar holidays",
        },
        {
            "utc": "2026-11-24T08:00:00.000Z",
            "local": "2026-11-24T09:00:00.000+01:00",
            "by": "date 2026-11-24",
        },
    ]
    assert [warning["code"] for warning in shown["warnings"]] == ["excluded", "excluded"]
