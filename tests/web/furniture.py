"""The tasks of an installation that is lived in, and texts that are as hostile and as long as they may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HOSTILE = "</textarea><script>document.title='obeyed'</script>\"'><img src=x onerror=alert(1)>"
LONG = "a-name-without-any-space-that-is-as-long-as-a-name-may-be-and-goes-on-and-on-until-there-is-no-room-x"[:100]
WIDE = "x" * 400
ICS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20261224\r\n"
    b"DTEND;VALUE=DATE:20261227\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:New Year\r\nDTSTART;VALUE=DATE:20270101\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)
DUMPED = "\n".join(
    (
        "\x1b[1mpg_dump\x1b[0m: dumping contents of table \x1b[36morders\x1b[0m",
        *(f"\x1b[32mok\x1b[0m   chunk {number:03d} of 060  \x1b[2m{number * 17} MB\x1b[0m" for number in range(1, 61)),
    )
)
COLOURED = "\n".join(
    (
        DUMPED,
        "\x1b[33mwarning\x1b[0m: table \x1b[36mevents\x1b[0m grew by 41 % since yesterday",
        "\x1b[1;31merror\x1b[0m: could not upload: \x1b[4mconnection reset by peer\x1b[0m",
        "\x1b[41;37m FAILED \x1b[0m after 59.8 s\x1b]0;a title\x07\x1b[2J",
    )
)

HOURLY = {"type": "interval", "every": 1, "unit": "hours", "start_at": "2026-01-01T00:00:00Z"}
MINUTELY = {"type": "interval", "every": 3, "unit": "minutes", "start_at": "2026-01-01T00:00:00Z"}
NIGHTLY = {"type": "cron", "expression": "30 2 * * *", "time_zone": "Europe/Paris"}
WEEKDAYS = {"type": "cron", "expression": "0 9 * * 1-5", "time_zone": "America/New_York"}
ONCE = {"type": "once", "at": "2026-11-20T09:00:00Z"}

TASKS: Mapping[str, Mapping[str, Any]] = {
    "report": {
        "name": "Nightly report",
        "description": "Sums up yesterday's orders and mails them to the team.",
        "tags": ["billing", "daily"],
        "action": {"type": "function", "name": "print_hello", "args": ["billing"]},
        "schedule": HOURLY,
    },
    "orders": {
        "name": "Sync orders with the warehouse",
        "tags": ["billing", "warehouse"],
        "action": {
            "type": "http",
            "method": "POST",
            "url": "https://warehouse.example.com/orders/sync",
            "headers": {"Authorization": {"secret": "warehouse-key"}},
            "body": '{"full": false}',
        },
        "schedule": MINUTELY,
        "retry": {"max_attempts": 5, "backoff": "exponential", "delay_seconds": 60},
    },
    "backup": {
        "name": "Back up the database",
        "description": "Dumps every table and uploads the file.",
        "tags": ["operations"],
        "action": {"type": "command", "command": "pg_dump orders | gzip > dump.gz", "env": {"REGION": "eu-west-1"}},
        "schedule": NIGHTLY,
        "overlap": "skip",
        "timeout_seconds": 600,
    },
    "invoices": {
        "name": "Send invoices",
        "tags": ["billing"],
        "action": {
            "type": "aws",
            "service": "sqs",
            "operation": "send_message",
            "parameters": {"QueueUrl": "invoices"},
        },
        "schedule": WEEKDAYS,
    },
    "launch": {
        "name": "Announce the launch",
        "action": {"type": "command", "command": "echo launched"},
        "schedule": ONCE,
    },
    "cache": {
        "name": "Warm the cache",
        "tags": ["operations"],
        "action": {"type": "http", "method": "GET", "url": "https://shop.example.com/warm"},
        "schedule": {"type": "interval", "every": 30, "unit": "seconds", "exclude": [{"calendar": "holidays"}]},
        "priority": "high",
        "overlap": "queue",
    },
    "clean": {
        "name": "Clean up old sessions",
        "action": {"type": "command", "command": ["find", "/srv/sessions", "-mtime", "+7", "-delete"]},
        "schedule": {"type": "cron", "expression": "*/20 * * * *"},
    },
}
"""What Ann has, by what tests call it."""

MALLORYS: Mapping[str, Mapping[str, Any]] = {
    "hostile": {
        "name": HOSTILE[:100],
        "description": HOSTILE * 20,
        "tags": [HOSTILE[:50], "x" * 50, *(f"tag {number}" for number in range(18))],
        "metadata": {HOSTILE: HOSTILE, "wide": WIDE},
        "action": {"type": "command", "command": f"{HOSTILE} {WIDE}", "env": {"A": HOSTILE, "W": WIDE}, "stdin": WIDE},
        "schedule": MINUTELY,
    },
    "long": {
        "name": LONG,
        "description": WIDE,
        "action": {"type": "http", "method": "GET", "url": f"https://example.com/{WIDE}", "headers": {"X": WIDE}},
        "schedule": NIGHTLY | {"exclude": [{"date": "2026-12-25"}]},
    },
}
