"""Collecting all that is wrong, and the shapes that say what is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args

import msgspec
import pytest
from msgspec import Meta, Struct

from chalicelib.web.checks.collecting import errors_in
from chalicelib.web.checks.shapes import accounts, bodies, tasks
from tests.web.building import task


class Leaf(Struct, tag="leaf", forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=1, description="a whole number, at least 1")]


class Branch(Struct, tag="branch", forbid_unknown_fields=True):
    leaves: Annotated[list[Leaf], Meta(max_length=2, description="a list of up to 2 leaves")]
    names: dict[str, Annotated[str, Meta(max_length=3, description="a text of up to 3 characters")]] = {}


Tree = Annotated[Leaf | Branch, Meta(description="a leaf or a branch")]


def found(value: Any) -> dict[str, str]:
    return {error.pointer: error.detail for error in errors_in(value, Tree)}


def test_what_fits_has_no_errors() -> None:
    assert found({"type": "branch", "leaves": [{"size": 1}], "names": {"a": "abc"}}) == {}


def test_everything_wrong_is_found_at_every_depth() -> None:
    value = {"type": "branch", "leaves": [{"size": 0}, {"sice": 1}], "names": {"a": "abcd", "b/~": None}, "x": 1}
    assert found(value) == {
        "/leaves/0/size": "must be a whole number, at least 1",
        "/leaves/1/size": "is required: a whole number, at least 1",
        "/leaves/1/sice": "is no field of the type leaf: did you mean size?",
        "/names/a": "must be a text of up to 3 characters",
        "/names/b~1~0": "must be a text of up to 3 characters, not null",
        "/x": "is no field of the type branch: known are leaves, names",
    }


def test_a_list_that_is_too_long_is_one_error() -> None:
    assert found({"type": "branch", "leaves": ["x"] * 1000}) == {"/leaves": "must be a list of up to 2 leaves"}


@pytest.mark.parametrize("value", [None, 1, "x", []])
def test_what_is_no_object_is_told_which_objects_there_are(value: Any) -> None:
    assert found(value) == {"": "must be an object whose `type` is one of leaf, branch"}


def test_looking_for_errors_ends_after_a_hundred() -> None:
    assert len(list(errors_in({f"field{number}": 1 for number in range(50_000)}, Leaf))) == 100


SHAPES = [tasks.Task, bodies.Preview, bodies.Reason]
SHAPES += [part for part in vars(accounts).values() if isinstance(part, type) and issubclass(part, Struct)]


def leaves(shape: Any) -> Iterator[Struct]:
    """Every Struct that can be reached from one."""
    yield shape
    for field in msgspec.structs.fields(shape):
        for part in parts(field.type):
            if isinstance(part, type) and issubclass(part, Struct):
                yield from leaves(part)


def parts(kind: Any) -> Iterator[Any]:
    yield kind
    for part in get_args(kind):
        if not isinstance(part, Meta):
            yield from parts(part)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_field_of_every_shape_says_what_would_be_right(shape: type[Struct]) -> None:
    for struct in leaves(shape):
        for field in msgspec.structs.fields(struct):
            said = [
                meta for part in parts(field.type) for meta in getattr(part, "__metadata__", ()) if meta.description
            ]
            assert said, f"{struct}.{field.name}"


@pytest.mark.parametrize("changes", [{}, {"retry": {}}, {"tags": ["a"]}, {"timeout_seconds": 1}])
def test_msgspec_itself_takes_what_has_no_errors(changes: dict[str, Any]) -> None:
    given = task(**changes)
    assert not list(errors_in(given, tasks.Task))
    assert msgspec.convert(given, tasks.Task).name == given["name"]
