"""What an attempt says, without the secrets it was given."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.run import OUTPUT_LIMIT, AttemptStatus, Outcome, RunError
from chalicelib.core.secrets.naming import Reference, names, references, revealed
from chalicelib.core.secrets.redaction import Redaction

VALUE = 'pa"ss/w+örd <\\> 77%'
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END KEY-----\n"


def without(text: str, **values: str) -> str:
    return Redaction(values or {"key": VALUE}).text(text)


@pytest.mark.parametrize(
    "written",
    [
        VALUE,
        json.dumps(VALUE)[1:-1],
        json.dumps(VALUE, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(VALUE))[3:-3],
        repr(VALUE)[1:-1],
        quote(VALUE),
        quote(VALUE, safe=""),
        quote_plus(VALUE),
        quote(VALUE, safe="").lower().replace("%c3%b6", "%c3%b6"),
        urlencode({"": VALUE})[1:],
        html.escape(VALUE),
        json.dumps(VALUE)[1:-1].replace("/", "\\/"),
        json.dumps(VALUE)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e"),
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        base64.b64encode(VALUE.encode()).decode().rstrip("="),
    ],
)
def test_a_value_is_found_however_it_is_written(written: str) -> None:
    assert without(f"before {written} after {written}") == "before [secret key] after [secret key]"


@pytest.mark.parametrize("user", ["", "a:", "ab:", "abc:", "user@example.com:"])
def test_a_value_is_found_inside_of_basic_authorization(user: str) -> None:
    value = "correct horse battery staple"
    shown = without(base64.b64encode(f"{user}{value}".encode()).decode(), key=value)
    assert "[secret key]" in shown
    rest = shown.replace("[secret key]", "")
    assert len(rest) <= len(base64.b64encode(user.encode())) + 4


@pytest.mark.parametrize("width", [64, 76])
@pytest.mark.parametrize("length", [48, 49, 100, 400])
def test_a_value_is_found_in_base64_that_is_broken_into_lines(width: int, length: int) -> None:
    value = "".join(chr(33 + n * 7 % 90) for n in range(length))
    encoded = base64.b64encode(f"{value}\n".encode()).decode()
    lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
    shown = without("\n".join(lines), key=value).replace("[secret key]", "")
    assert len(shown.replace("\n", "")) <= 12


def test_each_line_of_a_long_value_is_found_alone() -> None:
    shown = without("\n".join(f"> {line}" for line in PEM.splitlines()), pem=PEM)
    assert shown == "\n".join(["> [secret pem]"] * 4)


def test_the_longest_of_values_that_contain_each_other_is_named_and_names_are_left_alone() -> None:
    assert without("secret-long secret", short="secret", long="secret-long") == "[secret long] [secret short]"


def test_a_value_of_three_characters_is_left_alone() -> None:
    assert without("abc abcd", three="abc", four="abcd") == "abc [secret four]"


@pytest.mark.parametrize("ending", ["…", "\n[cut: only the first 65536 bytes are kept]\n", ""])
def test_what_was_cut_off_within_a_value_loses_its_beginning(ending: str) -> None:
    shown = without(f"key: {VALUE[:9]}{ending}")
    assert shown == (f"key: [secret key]{ending}" if ending else f"key: {VALUE[:9]}")


@pytest.mark.parametrize("cut", [1, 31, 33, 64, 100])
def test_of_a_long_value_without_its_beginning_little_remains(cut: int) -> None:
    value = "".join(f"{n:03d}." for n in range(100))
    rest = without(f"raised: {value[cut:]} at the end", key=value)
    assert "[secret key]" in rest
    assert max(len(part) for part in rest.split("[secret key]")) < 64 + len(" at the end")


def outcome(**more: Any) -> Outcome:
    return Outcome(**({"status": AttemptStatus.FAILED} | more))


def test_output_result_and_error_are_redacted() -> None:
    error = RunError(code="exit_code", detail=f"said {VALUE}")
    given = outcome(output=VALUE, result={VALUE: [VALUE, 1, True, None]}, error=error, exit_code=3)
    shown = Redaction({"key": VALUE}).outcome(given)
    assert VALUE not in repr(shown)
    assert shown.result == {"[secret key]": ["[secret key]", 1, True, None]}
    assert (shown.exit_code, shown.output, shown.error) == (
        3,
        "[secret key]",
        RunError(code="exit_code", detail="said [secret key]"),
    )


def test_a_number_that_is_a_value_is_redacted() -> None:
    assert Redaction({"pin": "123456"}).outcome(outcome(result=[123456, 7])).result == ["[secret pin]", 7]


def test_what_becomes_longer_still_fits_into_a_run() -> None:
    name = "n" * 64
    shown = Redaction({name: "abcd"}).outcome(outcome(output="abcd" * 16_000, result="abcd" * 4_000))
    assert len(shown.output.encode()) <= OUTPUT_LIMIT
    assert shown.output_truncated
    assert "abcd" not in json.dumps(shown.result)
    assert len(json.dumps(shown.result)) < 1000


def test_without_secrets_nothing_changes() -> None:
    given = outcome(output="…", result={"a": 1})
    assert Redaction({}).outcome(given) is given


@given(st.text(min_size=4, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_value_survives(value: str, before: str, after: str) -> None:
    shown = Redaction({"k": value}).text(before + value + after)
    assert value not in shown.replace("[secret k]", "\0")


# Where secrets may be named


@pytest.mark.parametrize(
    ("action", "pointers"),
    [
        ({"type": "command", "command": "x", "env": {"A": {"secret": "s"}, "B": "b"}}, ["/env/A"]),
        ({"type": "command", "command": "x", "stdin": {"secret": "s"}}, []),
        ({"type": "http", "url": {"secret": "s"}, "headers": {"X": {"secret": "s"}}}, ["/headers/X"]),
        ({"type": "http", "body": {"secret": "s"}}, ["/body"]),
        ({"type": "http", "body": {"a": [{"b": {"secret": "s"}}]}}, ["/body/a/0/b"]),
        ({"type": "http", "body": {"secret": "s", "more": 1}}, []),
        ({"type": "http", "signing": [{"secret": "s"}, {"secret": "t"}]}, ["/signing/0", "/signing/1"]),
        ({"type": "function", "args": [{"secret": "s"}], "kwargs": {"secret": "a value"}}, ["/args/0"]),
        ({"type": "function", "kwargs": {"secret": {"secret": "s"}}}, ["/kwargs/secret"]),
        ({"type": "aws", "parameters": {"secret": "a value", "Tags": [{"secret": "s"}]}}, ["/parameters/Tags/0"]),
        ({"type": "http", "headers": {"secret": "a value"}}, []),
    ],
)
def test_a_secret_may_stand_for_a_value_and_nowhere_else(action: dict[str, Any], pointers: list[str]) -> None:
    assert [found.pointer for found in references(action)] == pointers
    filled = revealed(action, dict.fromkeys(names(action), "v"))
    assert list(references(filled)) == []
    assert (filled == action) == (not pointers)


def test_a_pointer_to_a_secret_is_escaped() -> None:
    action = {"type": "command", "env": {"a/b~c": {"secret": "s"}}}
    assert list(references(action)) == [Reference(pointer="/env/a~1b~0c", name="s")]
