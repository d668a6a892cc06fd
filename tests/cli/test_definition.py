"""Definitions: the patch that options become is the difference, for the server's own idea of a merge patch."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.web.api.tasks.merge_patch import merged
from punctual_cli.definition import as_yaml, difference
from punctual_cli.reading import document

NAMES = st.sampled_from("abc")
LEAVES = st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.lists(st.none() | st.integers(), max_size=2)


def objects(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    inner = st.recursive(leaves, lambda deeper: st.dictionaries(NAMES, deeper, max_size=3), max_leaves=8)
    return st.dictionaries(NAMES, inner, max_size=3)


@given(before=objects(LEAVES | st.none()), after=objects(LEAVES))
def test_a_difference_makes_the_one_of_the_other_and_nothing_of_the_same(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert merged(before, difference(before, after)) == after
    assert difference(before, before) == {}


@given(
    objects(
        LEAVES
        | st.none()
        | st.sampled_from(["2026-12-01T09:00:00Z", "on", "1:30", "0x10", "~", "a: b", "é", "\x85", "\u2028"])
    )
)
def test_what_is_edited_reads_as_it_was_written(definition: dict[str, Any]) -> None:
    assert document(as_yaml(definition), "it") == definition
