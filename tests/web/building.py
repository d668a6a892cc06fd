"""Requests to the real application, and the people, tasks and runs that tests of the API need."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from chalice.test import Client, HTTPResponse

from app import app
from chalicelib.adapters.memory import ManualClock, MemoryQueue, MemorySecrets, MemoryStore
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.core.instant import to_text
from chalicelib.core.people.account import Role, Scope, Token, TokenKind, User
from chalicelib.core.run import Attempt, AttemptStatus, Run, RunStatus, Trigger
from chalicelib.functions import registry
from chalicelib.settings import Settings

NOW = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)
"""What every test's clock shows at first."""
SLOW_HASH = "scrypt$15$8$3$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""Of a password that nobody knows: making a hash takes a quarter of a second, which few tests need."""
HOURLY = {"type": "interval", "every": 1, "unit": "hours"}
HELLO = {"type": "function", "name": "print_hello"}


def task(**changes: Any) -> dict[str, Any]:
    """A task that can be stored."""
    return {"name": "nightly report", "action": HELLO, "schedule": HOURLY} | changes


def in_(seconds: float) -> str:
    """An instant so many seconds after the clock's first."""
    return to_text(NOW + timedelta(seconds=seconds))


def json_of(response: HTTPResponse) -> Any:
    """The JSON of an answer, which must be well-formed."""
    return json.loads(response.body)


def faults(response: HTTPResponse) -> dict[str, str]:
    """What a problem says is wrong: codes by pointer."""
    return {error["pointer"]: error["code"] for error in json_of(response)["errors"]}


def header(response: HTTPResponse, name: str) -> str | None:
    """A header of an answer, in whatever case it was written."""
    return {known.lower(): value for known, value in response.headers.items()}.get(name.lower())


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody with a token (or nobody), who sends requests."""

    client: Client
    token: str | None = None
    user: User | None = None

    @property
    def id(self) -> str:
        assert self.user is not None
        return self.user.id

    def send(
        self, method: str, path: str, data: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> HTTPResponse:
        """The answer to a request; what is not bytes is sent as JSON."""
        given = {} if self.token is None else {"Authorization": f"Token {self.token}"}
        if data is not None and not isinstance(data, bytes):
            given["Content-Type"] = "application/json"
            data = json.dumps(data).encode()
        return self.client.http.request(method, path, headers=given | dict(headers or {}), body=data or b"")

    def get(self, path: str, **more: Any) -> HTTPResponse:
        return self.send("GET", path, **more)

    def post(self, path: str, data: Any = None, **more: Any) -> HTTPResponse:
        return self.send("POST", path, data, **more)

    def put(self, path: str, data: Any = None, **more: Any) -> HTTPResponse:
        return self.send("PUT", path, data, **more)

    def patch(self, path: str, data: Any = None, **more: Any) -> HTTPResponse:
        return self.send("PATCH", path, data, **more)

    def delete(self, path: str, **more: Any) -> HTTPResponse:
        return self.send("DELETE", path, **more)

    def created(self, **changes: Any) -> dict[str, Any]:
        """A new task of this caller."""
        response = self.post("/api/tasks", task(**changes))
        assert response.status_code == 201, response.body
        return dict(json_of(response))


@dataclass(frozen=True, kw_only=True)
class World:
    """An installation in memory, and the client that sends requests to it."""

    client: Client
    store: MemoryStore
    queue: MemoryQueue
    clock: ManualClock
    numbers: Iterator[int] = field(default_factory=count)

    def caller(self, name: str, *, role: Role = Role.MEMBER, **more: Any) -> Caller:
        """A new account with a token, which may do everything but what only admins may, unless told otherwise."""
        rights: dict[str, Any] = {"can_run_commands": True, "can_call_aws": True}
        given = rights | {"password_hash": SLOW_HASH, "created_at": NOW} | more
        user = User(
            id=name,
            username=name,
            email=f"{name}@example.com",
            role=role,
            **given,
        )
        assert self.store.create_user(user, first=role is Role.ADMIN and not self.store.has_accounts())
        return Caller(client=self.client, token=self.token_of(user), user=user)

    def token_of(self, user: User, kind: TokenKind = TokenKind.LOGIN, *scopes: Scope, **more: Any) -> str:
        """The text of a new token of an account, good for everything unless scopes are given."""
        prefix = "pcs" if kind is TokenKind.SESSION else "pct"
        token_id = f"{kind}{next(self.numbers)}"
        text = f"{prefix}_{user.id}_{token_id}_{'s' * 43}"
        token = Token(
            id=token_id,
            owner=user.id,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            scopes=frozenset(scopes or Scope),
            created_at=NOW,
            epoch=None if kind is TokenKind.NAMED else user.epoch,
            **{"expires_at": NOW + timedelta(days=30), "name": "script" if kind is TokenKind.NAMED else ""} | more,
        )
        self.store.put_token(token)
        return text

    def scoped(self, caller: Caller, *scopes: Scope, **more: Any) -> Caller:
        """The same person with a named token of some scopes."""
        assert caller.user is not None
        return replace(caller, token=self.token_of(caller.user, TokenKind.NAMED, *scopes, **more))

    def session_of(self, caller: Caller) -> str:
        """The text of a new session, for a person's browser."""
        assert caller.user is not None
        return self.token_of(caller.user, TokenKind.SESSION)

    def nobody(self) -> Caller:
        """Who sends no token."""
        return Caller(client=self.client)

    def holds_nothing(self, owner: Caller) -> bool:
        """Whether nothing at all has been stored for an account or sent to a queue."""
        tasks = self.store.tasks_of(owner.id, limit=1, after=None).items
        runs = self.store.feed(owner.id, limit=1, after=None).items
        sent = [message for queue in ("light", "urgent", "commands") for message in self.queue.waiting(queue)]
        return not (tasks or runs or sent or self.store.late(0, 1).entries)


def installed(settings: Settings) -> World:
    """A new installation, behind the application of this process."""
    clock, store = ManualClock(NOW), MemoryStore()
    queue = MemoryQueue(clock)
    registry.load()
    secrets = MemorySecrets(clock)
    bootstrap.use(bootstrap.assemble(settings, store=store, queue=queue, clock=clock, actions={}, secrets=secrets))
    return World(client=Client(app), store=store, queue=queue, clock=clock)


def ended_run(task_id: str, owner: str, due: datetime, **changes: Any) -> Run:
    """A run that succeeded in its first attempt, 120 ms late."""
    attempt = Attempt(
        number=1,
        started_at=due + timedelta(milliseconds=120),
        finished_at=due + timedelta(milliseconds=340),
        status=AttemptStatus.SUCCEEDED,
        output="hello\n",
    )
    given: dict[str, Any] = {
        "task_id": task_id,
        "due_at": due,
        "owner": owner,
        "task_name": "nightly report",
        "trigger": Trigger.SCHEDULE,
        "status": RunStatus.SUCCEEDED,
        "token": f"{task_id}{due.timestamp()}",
        "retention": timedelta(days=30),
        "finished_at": due + timedelta(milliseconds=340),
        "attempts": (attempt,),
    }
    return Run(**(given | changes))


def check_refused(world: World, caller: Caller, body: Any, expected: Mapping[str, str]) -> None:
    """Post a task that is wrong: all that is wrong is told, in sentences, and nothing is stored."""
    response = caller.post("/api/tasks", json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    problem = json_of(response)
    assert response.status_code == 422, response.body
    assert faults(response) == expected
    assert (problem["status"], problem["code"], problem["title"]) == (422, "invalid", "Unprocessable Entity")
    assert all(len(error["detail"]) > 10 for error in problem["errors"])
    assert all(pointer in problem["detail"] for pointer in expected)
    assert world.holds_nothing(caller)
