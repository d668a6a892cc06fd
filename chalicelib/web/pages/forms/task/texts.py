"""Texts: how values of JSON stand in fields, so that reading them again gives the same values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.core.errors import PunctualError
from chalicelib.core.secrets.naming import is_reference
from chalicelib.web.frame import json_text
from chalicelib.web.pages.forms.task.reader import Unreadable


def json_line(value: Any) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def json_lines(value: Any) -> str:
    """A value as JSON for people, over several lines where it is long."""
    line = json_line(value)
    return line if len(line) <= 60 else json.dumps(value, ensure_ascii=False, indent=2)


def value_text(value: Any) -> str:
    """The value of a header as a line of text: a secret's name as `{"secret": "name"}`."""
    return value if isinstance(value, str) else json_line(value)


def variable_text(value: Any) -> str:
    r"""The value of a variable as a line of text; one that would not stay as it is, as JSON.

    >>> print(variable_text("a b"), variable_text("one\ntwo"), variable_text({"secret": "key"}))
    a b "one\ntwo" {"secret": "key"}
    """
    if not isinstance(value, str) or value != value.strip() or value[:1] in ('"', "{") or len(value.splitlines()) > 1:
        return json_line(value)
    return value


def text_or_secret(text: str) -> Any:
    """What `value_text` wrote: a text, or the name of a secret."""
    value = _decoded(text) if text.startswith("{") else text
    return value if is_reference(value) else text


def variable(text: str) -> Any:
    """What `variable_text` wrote: a text, perhaps as JSON, or the name of a secret."""
    value = _decoded(text) if text[:1] in ('"', "{") else text
    return value if isinstance(value, str) or is_reference(value) else text


def pairs(text: str, sign: str, wrong: str, value: Callable[[str], Any]) -> dict[str, Any]:
    """Names and values, one pair a line. `wrong` says what a line without one is not.

    >>> pairs('A: 1\\n\\nB: {"secret": "key"}', ":", "is no header", text_or_secret)
    {'A': '1', 'B': {'secret': 'key'}}
    """
    found: dict[str, Any] = {}
    for at, line in enumerate(text.split("\n"), start=1):
        name, given, rest = line.partition(sign)
        if not line.strip():
            continue
        if not given or not name.strip():
            raise Unreadable(f"line {at} {wrong}")
        if name.strip() in found:
            raise Unreadable(f"line {at} repeats {name.strip()}")
        found[name.strip()] = value(rest.strip())
    return found


def listed(values: list[Any]) -> str:
    """A list on one line; a list of one keeps its comma, which tells it from the value alone.

    >>> listed([200, 204]), listed([200])
    ('200, 204', '200,')
    """
    return ", ".join(map(str, values)) + ("," if len(values) == 1 else "")


def one_or_list(text: str, parse: Callable[[str], Any]) -> Any:
    """What stands alone, or the list that `listed` wrote.

    >>> one_or_list("200", int), one_or_list("200,", int), one_or_list("200, 204", int)
    (200, [200], [200, 204])
    """
    if "," not in text:
        return parse(text)
    return [parse(part.strip()) for part in text.split(",") if part.strip()]


def typed_lines(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields as a browser sends them back: every end of a line as `\\n`."""
    return {name: text.replace("\r\n", "\n").replace("\r", "\n") for name, text in fields.items()}


def _decoded(text: str) -> Any:
    try:
        return json_text.read(text.encode("utf-8", "replace"))
    except PunctualError:
        return text
