"""What is exported is a file that a person can read, and that `apply` takes."""

from __future__ import annotations

import pytest

from chalicelib.functions import registry
from punctual_cli.errors import ExitCode
from tests.cli.bringing.serving import Person
from tests.cli.bringing.test_apply import TWO
from tests.web.building import HELLO, HOURLY

EXPORTED = """set: billing
tasks:
- key: nightly report
  name: nightly report
  state: active
  action:
    type: function
    name: print_hello
  schedule:
    type: cron
    expression: "30 2 * * *"
    time_zone: Europe/Paris
  timeout_seconds: 60
  retry:
    max_attempts: 3
    backoff: next_window
    delay_seconds: 30
    max_delay_seconds: 3600
  overlap: allow
  priority: normal
"""
SUMS = """set: billing
tasks:
- key: sums
  name: weekly sums
  state: active
  action:
    type: http
    method: GET
    url: "https://example.com/"
  schedule:
    type: interval
    every: 7
    unit: days
  retry:
    max_attempts: 5
"""


def test_a_set_is_exported_as_it_was_written(ann: Person) -> None:
    ann.applies(TWO[: TWO.index("  - key")])
    assert ann.says("export").out == EXPORTED
    assert ann.says("export", "--set", "billing").out == EXPORTED
    assert ann.says("export", "--set", "other").out == "set: exported\ntasks: []\n"


def test_what_has_its_default_is_left_out(ann: Person) -> None:
    ann.applies(f"set: billing\ntasks:\n{TWO[TWO.index('  - key') :]}")
    assert ann.says("export").out == SUMS


def test_a_default_that_a_function_would_replace_is_written(ann: Person, patient: str) -> None:
    """A task that wants the usual three attempts of a function that says one of itself."""
    given = {"name": "x", "action": {"type": "function", "name": patient}, "schedule": HOURLY}
    ann.client.tasks.create(given | {"retry": {"max_attempts": 3}, "timeout_seconds": 60})
    assert ann.applies(ann.says("export").out).out == "1 task: 1 unchanged.\n"


def test_what_a_function_says_of_its_tasks_is_no_difference(ann: Person, patient: str) -> None:
    text = f'- {{name: x, action: {{type: function, name: {patient}}}, schedule: {{type: cron, expression: "@daily"}}}}'
    ann.applies(text)
    assert (ann.tasks[0]["retry"]["max_attempts"], ann.tasks[0]["timeout_seconds"]) == (1, 30)
    assert ann.applies(text).out == "1 task: 1 unchanged.\n"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a function that says of itself how it is tried."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))

    def slow() -> None:
        """Takes its time."""

    registry.function(name="patient", retries=0, timeout=30)(slow)
    return "patient"


def test_tasks_of_several_sets_are_named_by_their_ids_and_can_be_moved(ann: Person) -> None:
    ann.applies(TWO)
    by_hand = ann.client.tasks.create({"name": "by hand", "action": HELLO, "schedule": HOURLY, "tags": ["x"]})
    text = ann.says("export").out
    assert text.startswith("set: exported\n")
    assert f'- key: "{by_hand["id"]}"' in text or f"- key: {by_hand['id']}" in text
    assert ann.applies(text).out == "3 tasks: 3 unchanged.\n"
    for task in ann.tasks:
        ann.client.tasks.delete(task["id"])
    assert "3 created" in ann.applies(text).out  # as though it were another installation
    assert ann.applies(text, "--prune").out == "3 tasks: 3 unchanged.\n"


def test_it_can_be_some_tasks_only(ann: Person) -> None:
    made = ann.client.tasks.create({"name": "by hand", "action": HELLO, "schedule": HOURLY, "tags": ["x", "y"]})
    ann.applies(TWO)
    for words in ([made["id"]], ["by hand"], ["--tag", "x"], ["--tag", "x", "--tag", "y"]):
        assert ann.says("export", *words).out.count("name: by hand") == 1
        assert "sums" not in ann.says("export", *words).out
    assert "by hand" not in ann.says("export", "--tag", "z").out


def test_it_goes_into_a_file(ann: Person) -> None:
    ann.applies(TWO)
    target = ann.folder / "out.yaml"
    assert ann.says("export", "--to", str(target)).out == ""
    assert target.read_text() == ann.says("export").out
    said = ann.says("export", "--to", str(ann.folder))
    assert (said.code, "cannot be written: Is a directory" in said.err) == (ExitCode.REFUSED, True)


def test_a_missing_task_is_a_sentence(ann: Person) -> None:
    said = ann.says("export", "nope")
    assert said.code == ExitCode.NOT_FOUND
    assert said.err.startswith("punctual: there is no task with the id or the name 'nope'.")


@pytest.mark.parametrize(
    "text", ["one\ntwo\n", " blank first\n", "tail \nx", "a: b", "yes", "# no", "\ttab\n", "é\u2028x", "x\n\n\n"]
)
def test_texts_come_back_as_they_are(ann: Person, text: str) -> None:
    action = {"type": "command", "command": ["printf", text], "stdin": text}
    ann.client.tasks.create({"name": "x", "action": action, "schedule": HOURLY})
    ann.applies(ann.says("export").out)
    assert ann.tasks[0]["action"] == action
    assert ann.tasks[0]["version"] == 1
