"""The package runs: every function of it, driven by Lambda's own runtime, with events as they come in Lambda."""

from __future__ import annotations

import copy
import json
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from infra.packaging.building import Built
from tests.deploy.conftest import Deployed
from tests.deploy.lambdas import Function, FunctionFailed, Place

EVENTS = Path(__file__).parent / "events"
HANDLERS = ("app", "coordinator", "auditor", "dispatcher", "light", "urgent", "commands", "sandbox")
PASSWORD = "correct horse battery"


def event(name: str) -> Any:
    """One of the events that are kept beside this file."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def request(method: str, resource: str, body: Any = None, token: str = "", **parameters: str) -> Any:
    """A request as API Gateway hands it over, below the path of its stage."""
    asked = event("request")
    path = resource.format(**parameters)
    headers = {"Authorization": f"Token {token}"} if token else {}
    asked["headers"] |= headers
    asked["multiValueHeaders"] |= {name: [value] for name, value in headers.items()}
    asked |= {"resource": resource, "path": path, "httpMethod": method, "pathParameters": parameters or None}
    asked["requestContext"] |= {"httpMethod": method, "resourcePath": resource, "path": f"/api{path}"}
    return asked | {"body": None if body is None else json.dumps(body)}


def messages(*bodies: str) -> Any:
    """What an event source mapping hands over: each message under an id of its own."""
    batch = event("messages")
    [record, _] = batch["Records"]
    records = [copy.deepcopy(record) | {"body": body, "messageId": str(uuid.uuid4())} for body in bodies]
    return batch | {"Records": records}


def of(task: str) -> Callable[[str], bool]:
    """Says of a message whether it is one of this task."""
    return lambda body: json.loads(body).get("task") == task


class Person:
    """Somebody with an account, who asks the API's function."""

    def __init__(self, deployed: Deployed) -> None:
        self._app = deployed.function("app")
        name = f"p{uuid.uuid4().hex[:10]}"
        account = {"username": name, "password": PASSWORD, "email": f"{name}@example.com"}
        self.token = ""
        self.token = self.ask(201, "POST", "/api/register", account)["token"]

    def ask(self, status: int, method: str, resource: str, body: Any = None, **parameters: str) -> Any:
        """The API's answer, which has this status."""
        answer = self._app.invoke(request(method, resource, body, self.token, **parameters))
        assert answer["statusCode"] == status, answer["body"]
        return json.loads(answer["body"] or "null")

    def create(self, action: dict[str, Any], **more: Any) -> str:
        """A task that is due in a moment."""
        at = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
        task = {"name": "one of the package", "action": action, "schedule": {"type": "once", "at": at}} | more
        return str(self.ask(201, "POST", "/api/tasks", task)["id"])

    def runs(self, task_id: str) -> list[dict[str, Any]]:
        """The runs of a task, as its history has them."""
        found: list[dict[str, Any]] = self.ask(200, "GET", "/api/tasks/{task_id}/runs", task_id=task_id)["items"]
        return found


@pytest.fixture(scope="module")
def person(deployed: Deployed) -> Person:
    """The first account, which is the admin's: registration closes behind it."""
    return Person(deployed)


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_starts(handler: str, deployed: Deployed, cold: Callable[[Function], None]) -> None:
    function = deployed.function(handler)
    cold(function)
    assert function.api.failures == []


def test_the_api_serves_requests_and_pages(deployed: Deployed, person: Person) -> None:
    answer = deployed.function("app").invoke(request("GET", "/login"))
    assert (answer["statusCode"], "<form" in answer["body"]) == (200, True)
    assert '"/api/static/' in answer["body"], "links stay below the path of the stage"
    task = person.create({"type": "function", "name": "print_hello"})
    assert task in [each["id"] for each in person.ask(200, "GET", "/api/tasks")["items"]]
    wrong = person.ask(422, "POST", "/api/tasks", {"name": "x"})
    assert {each["pointer"] for each in wrong["errors"]} == {"/action", "/schedule"}
    weekly = {"type": "cron", "expression": "30 2 * * 1", "time_zone": "Europe/Paris"}
    described = person.ask(200, "POST", "/api/preview", {"schedule": weekly})
    assert "02:30" in described["description"]


def test_a_calendar_is_read(person: Person) -> None:
    app = person._app
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", "DTSTART;VALUE=DATE:20271224", "END:VEVENT")
    asked = request("PUT", "/api/calendars/{name}", None, person.token, name="holidays")
    asked["headers"]["Content-Type"] = "text/calendar"
    asked["multiValueHeaders"]["Content-Type"] = ["text/calendar"]
    answer = app.invoke(asked | {"body": "\r\n".join((*lines, "END:VCALENDAR", ""))})
    assert answer["statusCode"] == 201, answer["body"]


def test_a_tick_asks_for_passes_and_a_pass_dispatches(deployed: Deployed, person: Person) -> None:
    assert deployed.function("coordinator").invoke(event("tick")) is None
    asked = deployed.received("passes")
    _, task = (person.create({"type": "function", "name": "print_hello"}, priority="high") for _ in range(2))
    sent_by_the_api = deployed.received("urgent", of(task))
    assert deployed.function("dispatcher").invoke(messages(asked)) == {"batchItemFailures": []}
    assert json.loads(deployed.received("urgent", of(task))) == json.loads(sent_by_the_api)


@pytest.mark.parametrize(("handler", "priority"), [("light", "normal"), ("urgent", "high")])
def test_a_worker_runs_a_function_and_drops_what_it_cannot_read(
    handler: str, priority: str, deployed: Deployed, person: Person
) -> None:
    task = person.create({"type": "function", "name": "print_hello"}, priority=priority)
    batch = messages(deployed.received(handler, of(task)), "{")
    assert deployed.function(handler).invoke(batch) == {"batchItemFailures": []}
    [run] = person.runs(task)
    assert run["status"] == "succeeded", run
    assert "hello" in run["attempts"][0]["output"].lower()


def test_a_worker_calls_the_services_that_the_package_describes(deployed: Deployed, person: Person) -> None:
    calls = [("sqs", "list_queues"), ("kinesis", "list_streams")]
    tasks = [person.create({"type": "aws", "service": one, "operation": other}) for one, other in calls]
    batch = messages(*(deployed.received("light", of(task)) for task in tasks))
    assert deployed.function("light").invoke(batch) == {"batchItemFailures": []}
    [called], [not_described] = (person.runs(task) for task in tasks)
    assert called["status"] == "succeeded", called
    assert not_described["error"]["code"] == "unknown_operation"
    assert "SERVICES=kinesis" in not_described["error"]["detail"]


def test_a_command_runs_in_the_sandbox(deployed: Deployed, person: Person) -> None:
    task = person.create({"type": "command", "command": "echo to $WHOM", "env": {"WHOM": "the world"}})
    batch = messages(deployed.received("commands", of(task)))
    assert deployed.function("commands").invoke(batch) == {"batchItemFailures": []}
    [run] = person.runs(task)
    assert (run["status"], run["attempts"][0]["output"]) == ("succeeded", "to the world\n")


def test_the_sandbox_performs_a_command_and_hides_what_it_has(deployed: Deployed) -> None:
    answer = deployed.function("sandbox").invoke(event("command"))
    assert (answer["output"], answer["error"]) == ("from the sandbox\n0\n", None)


def test_the_auditor_finds_nothing(deployed: Deployed) -> None:
    auditor = deployed.function("auditor")
    assert auditor.invoke(event("tick")) is None
    assert "audit_failed" not in auditor.said()
    assert "Traceback" not in auditor.said()


def test_no_function_compiles_anything(deployed: Deployed, built: Built, task: Path) -> None:
    """What a process compiles it would write into the folder, which takes it here."""
    for handler in HANDLERS:
        deployed.function(handler)
    with ZipFile(built.archive) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    found = {path.relative_to(task).as_posix(): path.read_bytes() for path in task.rglob("*") if path.is_file()}
    assert sorted(found.keys() ^ packed.keys()) == []
    assert [name for name, content in found.items() if packed[name] != content] == []


def test_a_function_without_what_it_needs_does_not_start(task: Path, runtime: Path, tmp_path: Path) -> None:
    """What is missing in the package is missing here: neither the repository nor its environment lends a hand."""
    lacking = tmp_path / "task"
    lacking.mkdir()
    for path in task.iterdir():
        if path.name != "pynamodb":
            os.symlink(path, lacking / path.name)
    function = Function(
        handler="light", name="light", place=Place(task=lacking, runtime=runtime, environment={"STAGE": "dev"})
    )
    try:
        with pytest.raises(FunctionFailed, match="No module named 'pynamodb'"):
            function.start()
    finally:
        function.stop()
