"""The words of DynamoDB's expression language, read once per text: tokens, attribute paths, placeholders.

No maintained library parses these expressions (moto's own parser is internal), so this is a small recursive descent.
What the kinds of expression share is here; their grammars are in conditions, updates and projections.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NoReturn

from bench.accounting.expressions.reserved import RESERVED
from bench.accounting.items.sizes import Item, Value
from bench.accounting.items.values import invalid

MAX_EXPRESSION = 4096  # bytes, for each expression string

Step = str | int
Steps = tuple[Step, ...]

_TOKEN = re.compile(r"\s*(#\w+|:\w+|[A-Za-z]\w*|\d+|<>|<=|>=|[=<>(),.+\-\[\]])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Path:
    """The way to an attribute: a name, then names and list positions below it; names may be `#` placeholders."""

    root: str
    rest: Steps = ()

    def find(self, item: Item, names: dict[str, str]) -> Value | None:
        """The value at this path, none when there is nothing."""
        value = item.get(names.get(self.root, self.root))
        for step in self.rest:
            value = _below(value, names.get(step, step) if isinstance(step, str) else step)
        return value

    def resolved(self, names: dict[str, str]) -> tuple[str, Steps]:
        """The path with its placeholders filled in: the attribute, and the steps below it."""
        rest = tuple(names.get(step, step) if isinstance(step, str) else step for step in self.rest)
        return names.get(self.root, self.root), rest


@dataclass(slots=True)
class Reader:
    """Reads one expression token by token and notes which placeholders it used. `label` begins every refusal."""

    label: str
    text: str
    names: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    tokens: list[str] = field(init=False)
    at: int = 0

    def __post_init__(self) -> None:
        if not self.text.strip():
            self.refuse("The expression can not be empty;")
        if len(self.text.encode()) > MAX_EXPRESSION:
            self.refuse(f"Expression size has exceeded the maximum allowed size; expression size: {len(self.text)}")
        self.tokens = self._tokens()

    def peek(self, ahead: int = 0) -> str:
        """The next token (or one further on), empty at the end."""
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ""

    def take(self) -> str:
        """The next token, which is thereby used up."""
        token = self.peek()
        if not token:
            self.syntax_error()
        self.at += 1
        return token

    def accept(self, token: str) -> bool:
        """Use up the next token when it is this one; keywords may be written in either case."""
        if self.peek().upper() != token:
            return False
        self.at += 1
        return True

    def expect(self, token: str) -> None:
        if not self.accept(token):
            self.syntax_error()

    def end(self) -> None:
        if self.peek():
            self.syntax_error()

    def path(self) -> Path:
        """An attribute path such as `a`, `#b.c[0]`."""
        root = self._name()
        self.attributes.add(root)
        rest: list[Step] = []
        while self.peek() in (".", "["):
            rest.append(self._name() if self.take() == "." else self._position())
        return Path(root, tuple(rest))

    def value(self) -> str:
        """A `:value` placeholder."""
        token = self.take()
        if not token.startswith(":"):
            self.at -= 1
            self.syntax_error()
        self.values.add(token)
        return token

    def refuse(self, reason: str) -> NoReturn:
        raise invalid(f"Invalid {self.label}: {reason}")

    def syntax_error(self) -> NoReturn:
        near = " ".join(self.tokens[max(0, self.at - 1) : self.at + 2])
        self.refuse(f'Syntax error; token: "{self.peek() or "<EOF>"}", near: "{near}"')

    def _name(self) -> str:
        token = self.take()
        if token.startswith("#"):
            self.names.add(token)
            return token
        if not token[0].isalpha():
            self.at -= 1
            self.syntax_error()
        if token.upper() in RESERVED:
            self.refuse(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        return token

    def _position(self) -> int:
        token = self.take()
        if not token.isdigit():
            self.syntax_error()
        self.expect("]")
        return int(token)

    def _tokens(self) -> list[str]:
        tokens: list[str] = []
        at = 0
        end = len(self.text.rstrip())
        while at < end:
            match = _TOKEN.match(self.text, at)
            if match is None:
                self.refuse(f'Syntax error; token: "{self.text[at:].strip()[:1]}", near: "{self.text[at : at + 10]}"')
            tokens.append(match.group(1))
            at = match.end()
        return tokens


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression read once: its tree, the placeholders that it needs, the attributes its paths begin with."""

    label: str
    tree: Any
    names: frozenset[str]
    values: frozenset[str]
    attributes: frozenset[str]


def parsed(reader: Reader, tree: Any) -> Parsed:
    """What the reader found, provided that it has read everything."""
    reader.end()
    return Parsed(reader.label, tree, frozenset(reader.names), frozenset(reader.values), frozenset(reader.attributes))


def refuse_overlaps(label: str, paths: list[tuple[str, Steps]]) -> None:
    """Two paths of one expression must not lead through the same place."""
    if len({root for root, _ in paths}) == len(paths):
        return
    for (root, rest), (other_root, other_rest) in combinations(paths, 2):
        if root == other_root:
            _refuse_overlap(label, (root, *rest), (root, *other_rest))


def written(path: Steps) -> str:
    """A path as DynamoDB's messages write it: `[a, b, [0]]`."""
    return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else step for step in path) + "]"


def _refuse_overlap(label: str, one: Steps, two: Steps) -> None:
    shared = min(len(one), len(two))
    apart = next((at for at in range(shared) if one[at] != two[at]), None)
    if apart is not None and isinstance(one[apart], type(two[apart])):
        return
    verb = "overlap" if apart is None else "conflict"
    raise invalid(
        f"Invalid {label}: Two document paths {verb} with each other; "
        f"must remove or rewrite one of these paths; path one: {written(one)}, path two: {written(two)}"
    )


def _below(value: Value | None, step: Step) -> Value | None:
    if value is None:
        return None
    if isinstance(step, str):
        inside: Value | None = value.get("M", {}).get(step)
        return inside
    members: list[Value] = value.get("L", [])
    return members[step] if step < len(members) else None
