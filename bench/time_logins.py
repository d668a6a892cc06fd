"""`python -m bench.time_logins`: whether the time of a failed log-in tells who has an account, as one JSON object.

Log-ins with a name that is known and with one that is not, in turns, each with a wrong password; the value is how far
the medians of the two lie apart, in per cent. Each name is asked for once, so that no rate limit answers instead.
"""

from __future__ import annotations

import json
import statistics
import sys
from datetime import UTC, datetime
from time import perf_counter

from chalice.test import Client

from app import app
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets, MemoryStore
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.people.account import Role, User
from chalicelib.engine.requests.people.passwords import hash_password
from chalicelib.settings import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAMPLES = 15
"""Of each. A log-in takes a quarter of a second."""
APART = 25.0
"""Per cent: the noise of a busy machine is less, and a hash that is not made is 100."""


def main() -> int:
    client = _installation()
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for n in range(SAMPLES):
        for kind, found in times.items():
            found.append(_log_in(client, f"{kind}{n}"))
    known, unknown = (statistics.median(found) for found in times.values())
    apart = abs(known - unknown) / max(known, unknown) * 100
    row = {"name": "log-in, known and unknown name", "value": round(apart, 1), "unit": "%", "must": APART}
    print(json.dumps(row | {"ok": apart <= APART, "known_ms": round(known * 1e3), "unknown_ms": round(unknown * 1e3)}))
    return int(apart > APART)


def _installation() -> Client:
    """One in memory, with the accounts that are known."""
    store, clock = MemoryStore(), ManualClock(NOW)
    secrets, queue = MemorySecrets(clock), MemoryQueue(clock)
    bootstrap.use(bootstrap.assemble(Settings(), store=store, queue=queue, clock=clock, actions={}, secrets=secrets))
    password_hash = hash_password("a password that nobody tries")
    for n in range(SAMPLES):
        name = f"known{n}"
        store.create_user(
            User(
                id=name,
                username=name,
                email=f"{name}@example.com",
                role=Role.MEMBER,
                can_run_commands=False,
                password_hash=password_hash,
                created_at=NOW,
            ),
            first=False,
        )
    return Client(app)


def _log_in(client: Client, name: str) -> float:
    body = json.dumps({"username": name, "password": "a wrong password"}).encode()
    began = perf_counter()
    answer = client.http.post("/api/login", body=body, headers={"Content-Type": "application/json"})
    took = perf_counter() - began
    if answer.status_code != 401:
        raise RuntimeError(f"answered {answer.status_code} instead of refusing: {answer.body!r}")
    return took


if __name__ == "__main__":
    sys.exit(main())
