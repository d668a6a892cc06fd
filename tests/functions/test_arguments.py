"""Arguments held against what a function says it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import reduce
from typing import Annotated, Any, Literal, TypedDict, Union
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.functions import registry
from chalicelib.functions.arguments import not_json, wrong_arguments
from chalicelib.functions.declaring import Context
from chalicelib.functions.registry import Registered, function


class Colour(Enum):
    RED = "red"


class Point(TypedDict):
    x: int


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


def known(call: Any) -> Registered:
    function(call)
    found = registry.find(call.__name__)
    assert found is not None
    return found


def of_kind(kind: Any) -> Registered:
    def takes(x: Any) -> None: ...

    takes.__annotations__ = {"x": kind}
    return known(takes)


def said(one: Registered, *args: Any, **kwargs: Any) -> dict[str, str]:
    return {error.pointer: error.detail for error in wrong_arguments(one, args, kwargs)}


WEIRD: Any = {"a": int}
"""An annotation that no dictionary takes."""
FITS: list[tuple[Any, list[Any], list[Any]]] = [
    (str, ["", "a"], [1, None, [], True]),
    (int, [0, -1], ["1", 1.5, 1.0, True, None]),
    (float, [1, 1.5], ["1", True]),
    (bool, [True], [1, "true", 0]),
    (None, [None], [0, ""]),
    (list, [[], [1, "a"]], [{}, "a", None]),
    (list[int], [[], [1]], [["1"], [1, None], 1]),
    (Sequence[str], [["a"]], ["a", [1]]),
    (tuple[int, ...], [[1, 2]], [["1"]]),
    (tuple[int, str], [[1, "a"]], [[1], [1, 2], [1, "a", 3]]),
    (dict, [{}, {"a": 1}], [[], "a"]),
    (dict[str, int], [{"a": 1}], [{"a": "1"}, []]),
    (Mapping[str, list[int]], [{"a": [1]}], [{"a": [None]}]),
    (Union.__getitem__((int, type(None))), [None, 1], ["1"]),
    (Union.__getitem__((int, str)), [1, "a"], [None, 1.5, []]),
    (int | None, [None, 1], ["1"]),
    (list[int | None], [[None, 1]], [["1"]]),
    (Literal["a", 1], ["a", 1], ["b", True, None]),
    (Annotated[int, "of something"], [1], ["1"]),
    ("int", [1], ["1"]),
    (Any, [None, 1, "a", [], {}], []),
    (object, [1], []),
    (datetime, ["2026-01-01T00:00:00Z", 1], []),
    (Colour, ["red", 7], []),
    (set[str], [["a"], "a"], []),
    (Point, [{"x": 1}, 3], []),
    ("NoSuchName | int", ["a", 1], []),
    (WEIRD, ["a", 1, {}], []),
    (list.__class_getitem__(WEIRD), [["a"]], ["a"]),
    (len, ["a"], []),
]


@pytest.mark.parametrize(("kind", "right", "wrong"), FITS, ids=lambda each: str(each)[:30])
def test_plain_types_are_held_against_what_is_given_and_others_are_let_through(
    kind: Any, right: list[Any], wrong: list[Any]
) -> None:
    one = of_kind(kind)
    assert [value for value in right if said(one, value)] == []
    assert [value for value in wrong if not said(one, value)] == []


def test_the_place_and_what_would_be_right_are_named() -> None:
    def send(to: str, count: int = 1, *rest: int, cc: list[str] | None = None, **more: float) -> None: ...

    one = known(send)
    assert said(one, 5, "2", 3, "4", cc=["a", 7], a=1, b="x") == {
        "/args/0": "must be a text, as `to` of send()",
        "/args/1": "must be a whole number, as `count` of send()",
        "/args/3": "must be a whole number, as `rest` of send()",
        "/kwargs/cc/1": "must be a text, as `cc` of send()",
        "/kwargs/b": "must be a number, as `more` of send()",
    }
    assert said(known_list(), [{"a/b": ["x", 1]}]) == {"/args/0/0/a~1b/1": "must be a text, as `rows` of deep()"}


def known_list() -> Registered:
    def deep(rows: list[dict[str, list[str]]]) -> None: ...

    return known(deep)


def test_a_default_of_none_lets_null_through() -> None:
    def old_style(x: Any = None) -> None: ...

    old_style.__annotations__ = {"x": int}
    assert said(known(old_style), None) == {}
    assert said(known(old_style), "1") != {}


def test_a_secret_is_let_through_wherever_it_stands() -> None:
    def login(user: str, key: Literal["a"], tries: list[int]) -> None: ...

    secret = {"secret": "name"}
    assert said(known(login), secret, secret, [1, secret]) == {}


def test_the_context_is_no_argument() -> None:
    def told(ctx: Context, x: int) -> None: ...

    assert said(known(told), 1) == {}
    assert list(said(known(told), 1, 2).values()) == ["told cannot be called like this: too many positional arguments"]
    assert "ctx is what its run is told" in said(known(told), 1, ctx=1)["/args"]


WITHIN_ITSELF: list[Any] = []
WITHIN_ITSELF.append(WITHIN_ITSELF)
NESTED: list[Any] = reduce(lambda inner, _: [inner], range(20_000), [])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "is a datetime, and arguments must be JSON: pass its isoformat()"),
        ([date(2026, 1, 1)], "is a date"),
        ({"a": {1}}, "is a set, and arguments must be JSON: pass a list"),
        (UUID(int=0), "pass str(...) of it"),
        (Decimal("1.5"), "pass str(...) of it"),
        (timedelta(1), "pass its total_seconds()"),
        (b"x", "pass base64 of it"),
        (object(), "pass its id"),
        (float("nan"), "is nan, which JSON does not have"),
        ([float("-inf")], "is -inf, which JSON does not have"),
        ({1: 2}, "keys are not all texts"),
        ("x" * 70_000, "64 KB is the most"),
        (["\ud800"], "holds half of a surrogate pair"),
        ({"\ud800": 1}, "holds half of a surrogate pair"),
        pytest.param(10**5000, "is a number of more than 64 bits", id="digits"),
        ([-(2**63)], "is a number of more than 64 bits"),
        (WITHIN_ITSELF, "is nested deeper than 24 levels"),
        pytest.param(NESTED, "is nested deeper than 24 levels", id="nested"),
    ],
)
def test_what_is_no_json_is_named_with_what_to_do(value: Any, words: str) -> None:
    found = not_json("send", ["fine"], {"when": value})
    assert found is not None
    assert words in found
    assert "send()" in found
    assert found.startswith(("when of", "the arguments of"))
    assert "argument 1 of" in str(not_json("send", [{1, 2}], {}))


MOST = 2**63 - 1
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MOST, MOST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f", "ctx", "rest", "more"])
CALLED: list[tuple[Any, ...]] = []


def plain(a, b=1, *, c, d=2):  # type: ignore[no-untyped-def]
    CALLED.append((a, b, c, d))


def variable(a, /, b, *rest, c=1, **more):  # type: ignore[no-untyped-def]
    CALLED.append((a, b, rest, c, more))


def told_first(ctx, a, b=1, /, c=2):  # type: ignore[no-untyped-def]
    assert isinstance(ctx, Context)


def told_between(a, b=1, ctx: Context | None = None, *rest, c=3, **more):  # type: ignore[no-untyped-def]
    assert isinstance(ctx, Context)


def told_by_name(a=1, *rest, ctx: Context, f=None):  # type: ignore[no-untyped-def]
    assert isinstance(ctx, Context)


TOLD = Context(
    task_id="t",
    run_id="r",
    due_at=datetime.now(UTC),
    attempt=1,
    deadline=datetime.now(UTC),
    logger=None,  # type: ignore[arg-type]
)


@given(
    call=st.sampled_from([plain, variable, told_first, told_between, told_by_name]),
    args=st.lists(JSON, max_size=5),
    kwargs=st.dictionaries(NAMES, JSON, max_size=4),
)
def test_what_is_accepted_can_be_called_with_it(call: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Whatever is JSON and is not refused never meets a missing or an unknown argument when it runs."""
    one = known(call)
    stored = json.loads(json.dumps([args, kwargs]))
    assert not_json("f", stored[0], stored[1]) is None
    if not list(wrong_arguments(one, stored[0], stored[1])):
        one.called(stored[0], stored[1], TOLD)
