"""Which functions a task may call, and how they are described."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from chalicelib.functions import described, registry
from chalicelib.functions.registry import Registered, find, function

Folder = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """Makes a package of modules that are given as text, to be loaded like the folder of the functions."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(registry, "_broken", {})
    package = f"folder_{tmp_path.name}".replace("-", "_")

    def make(**modules: str) -> str:
        (tmp_path / package).mkdir()
        for name, text in ({"__init__": ""} | modules).items():
            head = "from chalicelib.functions.registry import function\n"
            (tmp_path / package / f"{name}.py").write_text(head + dedent(text))
        return package

    yield make
    for module in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[module]


def known(name: str) -> Registered:
    registered = find(name)
    assert registered is not None
    return registered


def test_a_registered_function_stays_the_plain_function_that_it_is(folder: Folder) -> None:
    def plain(x: int) -> int:
        return x + 1

    assert function(plain) is plain
    assert function(name="another")(plain) is plain
    assert plain(1) == 2
    assert known("plain").call is plain
    assert known("another").call is plain


def test_every_module_of_the_folder_is_loaded_and_only_what_says_so_is_registered(folder: Folder) -> None:
    package = folder(
        mine="""
            @function
            def first(): ...
            def hidden(): ...
        """,
        yours="""
            @function(name="second")
            def other(): ...
        """,
    )
    registry.load(package)
    assert [each.name for each in registry.registered()] == ["first", "second"]
    assert find("hidden") is None
    assert find("os.system") is None
    assert registry.broken() == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("def f(:", "SyntaxError"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("raise SystemExit(1)", "SystemExit"),
        ("@function\nasync def f(): ...", "async"),
        ("@function\ndef f():\n    yield 1", "generator"),
        ("@function\ndef first(): ...", "two functions are named 'first'"),
        ("@function(name=5)\ndef f(): ...", "name= takes a text of 1 to 100 printable characters, not 5"),
        ("@function(name='')\ndef f(): ...", "name= takes a text"),
        ("@function(name='a' * 101)\ndef f(): ...", "name= takes a text"),
        ("@function(name='a\\n')\ndef f(): ...", "name= takes a text"),
        ("@function('hello')\ndef f(): ...", "options by name, as @function(name='hello')"),
        ("import functools\nfunction(functools.partial(print, 1))", "has no name of its own"),
    ],
)
def test_a_module_that_cannot_be_loaded_is_named_and_harms_no_other(folder: Folder, text: str, reason: str) -> None:
    package = folder(a_good_one="@function\ndef first(): ...", broken=text, good="@function\ndef last(): ...")
    registry.load(package)
    assert [each.name for each in registry.registered()] == ["first", "last"]
    assert list(registry.broken()) == [f"{package}.broken"]
    assert reason in registry.broken()[f"{package}.broken"]


def test_a_schedule_whose_name_another_function_has_taken_is_not_left_out_in_silence(folder: Folder) -> None:
    package = folder(
        mine="""
            from chalicelib.functions import every

            @function(schedule=every(hours=1, name="weekly"))
            def report(): ...
        """,
        yours="""
            from chalicelib.functions import every

            @function(name="report.weekly", schedule=every(hours=2))
            def other(): ...
        """,
    )
    registry.load(package)
    assert [each.name for each in registry.registered()] == ["report"]
    assert "report has a schedule called 'report.weekly' as well" in registry.broken()[f"{package}.yours"]


def test_loading_again_changes_nothing_and_a_module_that_was_mended_is_no_longer_broken(
    folder: Folder, tmp_path: Path
) -> None:
    package = folder(mine="@function\ndef first(): ...", broken="1 / 0")
    registry.load(package)
    (tmp_path / package / "broken.py").write_text("# mended, and longer than before")
    registry.load(package)
    assert [each.name for each in registry.registered()] == ["first"]
    assert registry.broken() == {}


def test_a_function_is_described_with_all_that_it_takes(folder: Folder) -> None:
    @function
    def everything(a: int, /, b: bool, c: str = "x", *rest: Any, d: list[int], e: object = print, **more: Any) -> None:
        """The first line.

        And another.
        """

    shown = described.to_json(known("everything"))
    assert shown["description"] == "The first line.\n\nAnd another."
    parameters = {parameter.pop("name"): parameter for parameter in shown["parameters"]}
    assert list(parameters) == ["a", "b", "c", "rest", "d", "e", "more"]
    assert parameters["a"] == {"kind": "positional_only", "required": True, "default": None, "annotation": "int"}
    assert (parameters["b"]["required"], parameters["b"]["annotation"]) == (True, "bool")
    assert parameters["c"] == {
        "kind": "positional_or_keyword",
        "required": False,
        "default": "x",
        "annotation": "str",
    }
    assert (parameters["rest"]["kind"], parameters["rest"]["required"]) == ("var_positional", False)
    assert (parameters["d"]["kind"], parameters["d"]["required"]) == ("keyword_only", True)
    assert parameters["e"]["default"] == "<built-in function print>"
    assert (parameters["more"]["kind"], parameters["more"]["required"]) == ("var_keyword", False)


def test_a_type_that_is_no_text_is_written_as_in_the_source(folder: Folder) -> None:
    package = folder(mine="@function\ndef first(a: int, b: list[str], c: 'dict', d) -> None: ...")
    registry.load(package)
    written = [parameter["annotation"] for parameter in described.to_json(known("first"))["parameters"]]
    assert written == ["int", "list[str]", "dict", None]


@pytest.mark.parametrize(
    ("args", "kwargs", "word"),
    [
        ([], {}, "missing"),
        ([1, 2, 3], {}, "too many"),
        ([1], {"x": 1}, "multiple values"),
        ([1], {"z": 1}, "unexpected"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_a_sentence(
    folder: Folder, args: list[Any], kwargs: dict[str, Any], word: str
) -> None:
    @function
    def pair(x: int, y: int = 0) -> None: ...

    assert known("pair").refusal([1], {"y": 2}) is None
    refusal = known("pair").refusal(args, kwargs)
    assert refusal is not None
    assert refusal.startswith("pair cannot be called like this: ")
    assert word in refusal


def test_the_functions_that_come_with_punctual_are_there_after_loading() -> None:
    program = (
        "from chalicelib.functions import registry; registry.load(); print([f.name for f in registry.registered()])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout == "['add', 'count_words', 'print_hello', 'print_time', 'write_to_file']\n"
