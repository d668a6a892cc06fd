"""JSON as it arrives: read strictly, so that nothing means one thing to us and another to somebody else."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

from chalicelib.core.errors import FieldError, Invalid, PunctualError
from chalicelib.web.checks.collecting import MOST_ERRORS, child

DEEPEST = 32
"""Levels of nesting; also what DynamoDB takes."""
LARGEST_WHOLE_NUMBER = 2**63 - 1
"""What everybody's integers can hold."""
MOST_DIGITS = 19
"""Those of the largest whole number; longer ones are not even converted."""

Path = tuple["Path", str | int] | None
"""The way to a value, from its end: a member's pointer is only written out when it is needed."""


class Malformed(PunctualError):
    """The body is not JSON, or not JSON that everybody reads alike."""

    code = "malformed"


def read(raw: bytes) -> Any:
    """The JSON value that bytes hold; `Malformed` where they hold none, `Invalid` for text or numbers nobody can keep.

    >>> read(b'{"a": [1, "two"]}')
    {'a': [1, 'two']}
    >>> read(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    chalicelib.web.frame.json_text.Malformed: the key 'a' is given twice
    """
    value = _decoded(_text(raw))
    errors = list(islice(_unkeepable(value), MOST_ERRORS))
    if errors:
        raise Invalid(*errors)
    return value


def write(value: Any) -> str:
    """A value as JSON that any encoding takes: half a surrogate pair, which no encoding does, becomes a question mark.

    >>> write({"a": "é"})
    '{"a":"é"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8: byte {error.start} is wrong") from error


def _decoded(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise Malformed(f"the body is nested deeper than {DEEPEST} levels") from error
    except json.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise Malformed(f"the key {twice[:100]!r} is given twice")
    return found


def _whole(digits: str) -> int | float:
    """What is too long stays for `_unkeepable`, which knows where it stands."""
    return int(digits) if len(digits.lstrip("-")) <= MOST_DIGITS else math.inf


def _constant(name: str) -> NoReturn:
    raise Malformed(f"the body is not JSON: {name} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole, parse_constant=_constant)


def _unkeepable(value: Any) -> Iterator[FieldError]:
    """Unpaired surrogates, and numbers beyond what everybody's numbers hold."""
    waiting: list[tuple[Any, Path, int]] = [(value, None, 1)]
    while waiting:
        item, path, depth = waiting.pop()
        if depth > DEEPEST + 1:
            raise Malformed(f"the body is nested deeper than {DEEPEST} levels")
        if isinstance(item, str) and _unpaired(item):
            yield _error(path, "unpaired_surrogate", "must not hold half of a surrogate pair")
        elif isinstance(item, int | float) and _too_large(item):
            yield _error(path, "out_of_range", "must be a number of 64 bits")
        elif isinstance(item, dict):
            yield from (_error((path, name), "unpaired_surrogate", _NAME) for name in item if _unpaired(name))
            waiting.extend((member, (path, name), depth + 1) for name, member in item.items())
        elif isinstance(item, list):
            waiting.extend((member, (path, index), depth + 1) for index, member in enumerate(item))


_NAME = "must have a name without half of a surrogate pair"


def _too_large(number: float) -> bool:
    return abs(number) > LARGEST_WHOLE_NUMBER if isinstance(number, int) else not math.isfinite(number)


def _unpaired(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _error(path: Path, code: str, detail: str) -> FieldError:
    return FieldError(pointer=_pointer(path), code=code, detail=detail)


def _pointer(path: Path) -> str:
    names: list[str | int] = []
    while path is not None:
        path, name = path
        names.append(name)
    pointer = ""
    for name in reversed(names):
        pointer = child(pointer, name)
    return pointer
