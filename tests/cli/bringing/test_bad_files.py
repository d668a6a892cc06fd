"""Files that are no sets of tasks, or have two readings: a sentence with file, line and remedy, and nothing is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from punctual_cli.applying import reading
from punctual_cli.applying.documents import document_of
from punctual_cli.applying.places import Unreadable
from punctual_cli.applying.reading import read_file, read_text
from punctual_cli.errors import ExitCode
from tests.cli.bringing.serving import Person
from tests.web.building import World

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A billion values in half a kilobyte."""
MERGED = "a: &a {x0: 1, x1: 1, x2: 1, x3: 1}\n" + "".join(
    f"{name}: &{name} {{{', '.join(f'{c}{n}: {{<<: *{before}}}' for n, c in enumerate('pqrstuvwyz'))}}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "f.yaml: holds nothing"),
        ("# nothing\n", "f.yaml: holds nothing"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: begins a second document: put each into a file of its own"),
        (BOMB, "f.yaml:1: its aliases make more than 200,000 values of it"),
        (MERGED, "its aliases make more than 200,000 values of it"),
        (DEEP, "f.yaml:1: is nested deeper than 32 levels"),
        ("a: " * 100_000, "f.yaml:1: is not YAML"),
        ("a: &a [*a]", "f.yaml:1: *a stands inside of what it names, which would never end"),
        ("a: &a {<<: *a}", "f.yaml:1: *a stands inside of what it names"),
        ("a: *b", "f.yaml:1: *b names no anchor above it"),
        ("a:\n  <<: 5", "f.yaml:2: `<<` takes in objects"),
        ("a: 1\nb: 2\na: 3", "f.yaml:3: 'a' is given twice, first on line 1: take one out"),
        (
            'a: !!python/object/apply:os.system ["true"]',
            "f.yaml:1: the tag !!python/object/apply:os.system is not read",
        ),
        ("a: !!timestamp 2026-01-01", "f.yaml:1: the tag !!timestamp is not read: leave it out"),
        ("a: !secret x", "f.yaml:1: the tag !secret is not read"),
        ("a: yes", 'f.yaml:1: yes is a truth value to some readers of YAML: write true, or "yes" for the text'),
        ("\na: [On]", "f.yaml:2: On is a truth value to some readers of YAML: write true"),
        ("a: NO", "write false"),
        ("at: 2026-12-25", "f.yaml:1: 2026-12-25 is a date to some readers of YAML and a text to others: write"),
        ("at: 2026-12-25T10:00:00Z", 'write "2026-12-25T10:00:00Z"'),
        ("at: 2026-12-25 10:00:00 +1", 'write "2026-12-25 10:00:00 +1"'),
        ("from: 22:00", 'f.yaml:1: 22:00 is a number in base 60 to some readers: write "22:00" if it is a text'),
        ("a: 0755", 'f.yaml:1: 0755 is octal to some readers of YAML: write "0755"'),
        ("a: 0o17", "is a number in another base"),
        ("a: 0x1F", "is a number in another base"),
        ("a: 1_000", "is a number to some readers of YAML only"),
        ("a: 1e3", "is a number to some readers of YAML only"),
        ("a: .5", "is a number to some readers of YAML only"),
        ("a: .nan", "is no number that JSON has"),
        ("a: -.Inf", "is no number that JSON has"),
        ("a: 1.0e+999", "is a number to some readers of YAML only"),
        ("a: 123456789012345678901", "has more digits than a number of 64 bits"),
        ("cron: * * * * *", 'must stand in quotes: "* * * * *"'),
        ("cron: */5 * * * *", 'must stand in quotes: "* * * * *"'),
        ("a: {cron: * * * * *}", 'must stand in quotes: "* * * * *"'),
        ("a: {type: cron, cron: @daily}", 'must stand in quotes: "@daily"'),
        ("- - @daily", 'must stand in quotes: "@daily"'),
        ("cron: @daily", 'f.yaml:1: is not YAML: a text that begins with @ must stand in quotes: "@daily"'),
        ("a: %H", "a text that begins with % must stand in quotes"),
        ("a:\n\tb: 1", "f.yaml:2: is not YAML: lines are indented by blanks, not by tabs"),
        ("a: [1, 2", "is not YAML"),
        ("a: 'x", "is not YAML"),
        ("a: \x07", "is not YAML"),
        ("? [a]\n: b", "f.yaml:1: a list or an object cannot be the name of a field"),
    ],
)
def test_what_is_no_yaml_or_more_than_one_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as told:
        read_text(text, "f.yaml")
    assert sentence in str(told.value)
    assert str(told.value).count("\n") == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("notify: {on: [failed]}", {"notify": {"on": ["failed"]}}),
        ("env: {NO: a, 1: b}", {"env": {"NO": "a", "1": "b"}}),
        ('a: "yes"', {"a": "yes"}),
        ("a: '010'", {"a": "010"}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: null\nb: ~\nc:\n", {"a": None, "b": None, "c": None}),
        ("a: [-5, 1.5, true, False]", {"a": [-5, 1.5, True, False]}),
        ("a: 1.4e+16", {"a": 1.4e16}),
        ("a: y", {"a": "y"}),
        ("a: Europe/Paris", {"a": "Europe/Paris"}),
        ("d: &d {x: 1, y: 2}\ne: {<<: *d, y: 3}", {"d": {"x": 1, "y": 2}, "e": {"x": 1, "y": 3}}),
        (
            "d: &d {x: 1}\nf: &f {x: 2, z: 0}\ne: {<<: [*d, *f]}",
            {"d": {"x": 1}, "f": {"x": 2, "z": 0}, "e": {"x": 1, "z": 0}},
        ),
        ("\ufeffa: 1", {"a": 1}),
        ('"<<": 1', {"<<": 1}),
        ('{"a": [1, "*"]}', {"a": [1, "*"]}),
    ],
)
def test_what_has_one_meaning_is_read(text: str, value: object) -> None:
    assert read_text(text.removeprefix("\ufeff"), "f.yaml").value == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "f.json:1: is not JSON"),
        ('{"a": 1, "a": 2}', "the key 'a' is given twice in one object"),
        ('{"a": NaN}', "NaN is no number that JSON has"),
        ("[" * 100_000, "f.json: is nested too deeply"),
        ("[" + "1" * 5_000 + "]", "f.json: is not JSON"),
    ],
)
def test_bad_json_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as told:
        read_text(text, "f.json", json_only=True)
    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("just words", "f.yaml:1: a list of tasks is expected: begin each with `- name: …`"),
        ("name: x\naction: {}", "f.yaml:1: 'name' is unknown here: a file has `set` and `tasks`"),
        ("set: a", "f.yaml:1: there are no `tasks`"),
        ("tasks: {}", "f.yaml:1: a list of tasks is expected"),
        ("tasks: [5]", "f.yaml:1: a task is an object with `name`, `action` and `schedule`"),
        ("tasks:\n- action: {}", "f.yaml:2: a task needs a `name`"),
        ("tasks:\n- name: 5", "f.yaml:2: `name` is a text of 1 to 200 characters on one line; put it in quotes"),
        ('- {name: x, key: "a\\nb"}', "f.yaml:1: `key` is a text"),
        ("set: [a]\ntasks: []", "f.yaml:1: `set` is a text"),
        ("- {name: x, metadata: 5}", "f.yaml:1: `metadata` is an object"),
        ("- name: x\n- name: x\n  key: y\n- key: x\n  name: z", "f.yaml:4: has the key 'x', as the task on line 1 has"),
        ("[" + "x, " * 2_001 + "]", "f.yaml:1: has more than 2,000 tasks"),
    ],
)
def test_what_is_no_set_of_tasks_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as told:
        document_of(read_text(text, "f.yaml"))
    assert sentence in str(told.value)


def test_every_task_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Unreadable) as told:
        document_of(read_text("- 5\n- name: x\n- {}\n", "f.yaml"))
    assert len(told.value.sentences) == 2


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    binary, large = tmp_path / "binary", tmp_path / "large"
    binary.write_bytes(b"a: 1\nb: \xff")
    large.write_bytes(b"#" * 101)
    for path, sentence in (
        (tmp_path / "none", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (binary, "binary:2: is not UTF-8"),
    ):
        with pytest.raises(Unreadable) as told:
            read_file(str(path))
        assert sentence in str(told.value)
    with pytest.raises(Unreadable, match="has more than 100 bytes: split it into several files"):
        reading.text_of(str(large), 100)


@pytest.mark.parametrize("text", [BOMB, DEEP, "a: !!python/name:os.system", "tasks: []\nset: a\nset: b"])
def test_nothing_is_asked_of_the_server_for_a_bad_file(world: World, ann: Person, text: str) -> None:
    """The token would be refused: the file is looked at first."""
    nobody = Person(url="http://127.0.0.1:9", caller=ann.caller, folder=ann.folder)
    said = nobody.applies(text)
    assert said.code == ExitCode.REFUSED
    assert said.err.startswith("punctual: ")
    assert said.err.endswith("Nothing was changed.\n")
