"""What is kept of output and results."""

from __future__ import annotations

import math
from typing import Any

import pytest

from chalicelib.actions.output import RESULT_LIMIT, KeptOutput, excerpt, kept_result


def kept(limit: int, *written: bytes) -> KeptOutput:
    output = KeptOutput(limit)
    for some in written:
        output.add(some)
    return output


def test_output_within_the_limit_is_kept_as_it_is() -> None:
    assert kept(10, b"01234", b"56789").text() == ("0123456789", False)


def test_output_beyond_the_limit_is_cut_and_the_cut_is_marked_within_the_limit() -> None:
    text, cut = kept(1000, b"x" * 999, b"yz").text()
    assert cut
    assert text.startswith("x" * 900)
    assert "only the first 1000 bytes are kept" in text
    assert len(text.encode()) <= 1000


def test_a_character_split_by_two_reads_is_whole() -> None:
    snowman = "☃".encode()
    assert kept(10, snowman[:1], snowman[1:]).text() == ("☃", False)


def test_a_character_split_by_the_cut_leaves_no_debris() -> None:
    text, _ = kept(100, b"x" + "☃".encode() * 40).text()
    assert "�" not in text


def test_bytes_that_are_no_text_never_make_the_output_longer_than_its_limit() -> None:
    text, cut = kept(1000, b"\xff" * 1000).text()
    assert cut
    assert text.startswith("�")
    assert len(text.encode()) <= 1000


def test_an_ending_is_kept_whole_however_full_the_output_is() -> None:
    text, cut = kept(100, b"x" * 5000).text("the end")
    assert text.endswith("the end")
    assert cut
    assert len(text.encode()) <= 100


def test_an_excerpt_is_counted_in_bytes_and_free_of_unpaired_surrogates() -> None:
    assert excerpt("short") == "short"
    assert len(excerpt("☃" * 100, 50).encode()) <= 50
    assert excerpt("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (3, 3), ((1, 2), [1, 2]), ({"a": {1: 2}}, {"a": {"1": 2}}), ("\ud800", "?"), ("é", "é")],
)
def test_a_result_is_what_json_gives_back(value: Any, expected: Any) -> None:
    assert kept_result(value) == expected


def endless() -> list[Any]:
    inner: list[Any] = []
    inner.append(inner)
    return inner


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [object(), {1, 2}, math.nan, endless(), Unshowable(), b"x", {(1, 2): 3}])
def test_a_result_that_is_no_json_is_a_sentence_and_an_excerpt(value: Any) -> None:
    result = kept_result(value)
    assert result["note"].startswith("the result is not JSON")
    assert isinstance(result["excerpt"], str)


def test_a_result_that_is_too_long_is_a_sentence_and_an_excerpt() -> None:
    assert kept_result("x" * (RESULT_LIMIT - 2)) == "x" * (RESULT_LIMIT - 2)
    result = kept_result("x" * RESULT_LIMIT)
    assert "longer than" in result["note"]
    assert result["excerpt"].startswith('"xxx')
