"""Reading: a file of YAML or JSON as plain values, with the line of each, and never more than can be held.

YAML is read event by event, so that nothing in it can make an object, nest without end or grow by its own aliases; what
it leaves open (dates, yes and no, octal numbers) is refused rather than guessed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NoReturn

import yaml

from punctual_cli.applying.places import Path, Placed, Unreadable
from punctual_cli.applying.scalars import TwoMeanings, value_of

MOST_BYTES = 2_000_000
"""About two thousand tasks; a few seconds to read."""
DEEPEST = 32
"""Levels of nesting: those of the API, so that nothing is lost."""
MOST_VALUES = 200_000
"""Values once every alias is written out; a file of two megabytes has fewer."""
STDIN = "-"
VALUE = re.compile(r"(?:^|: |[-,\[{] )\s*([^\s-])")
"""How what a line says begins: at its start, and behind the signs that YAML has."""
QUOTE_IT = {
    "*": 'a text that begins with * (a cron expression, say) must stand in quotes: "* * * * *"',
    "@": 'a text that begins with @ must stand in quotes: "@daily"',
    "%": "a text that begins with % must stand in quotes",
    "`": "a text that begins with a backtick must stand in quotes",
    "&": "a text that begins with & must stand in quotes",
}


def read_file(name: str) -> Placed:
    """What a file holds, or standard input for `-`; `Unreadable` with a sentence otherwise."""
    shown = "standard input" if name == STDIN else name
    return read_text(text_of(name), shown, json_only=name.endswith(".json"))


def text_of(name: str, most: int = MOST_BYTES) -> str:
    """The text of a file, or of standard input for `-`, up to a size."""
    shown = "standard input" if name == STDIN else name
    try:
        raw = sys.stdin.buffer.read(most + 1) if name == STDIN else _bytes(FilePath(name), most)
    except OSError as error:
        raise Unreadable(f"{shown}: cannot be read: {error.strerror or error}") from error
    if len(raw) > most:
        raise Unreadable(f"{shown}: has more than {most:,} bytes: split it into several files")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable(f"{shown}:{line}: is not UTF-8: save the file in that encoding") from error


def _bytes(path: FilePath, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)


def read_text(text: str, file: str, *, json_only: bool = False) -> Placed:
    """What a text holds. `file` is what its sentences call it."""
    if json_only:
        return Placed(file=file, value=_json(text, file))
    reader = _Reader(file=file)
    try:
        root = reader.document(yaml.parse(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text, file) from error
    except yaml.YAMLError as error:
        raise Unreadable(f"{file}: is not YAML: {_first_line(error)}") from error
    if root is None:
        raise Unreadable(f"{file}: holds nothing: a list of tasks is expected, or `set` and `tasks`")
    written = _Written(file=file)
    value = written.out(root, (), 1)
    return Placed(file=file, value=value, lines=written.lines)


def _json(text: str, file: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Unreadable(f"{file}: the key {twice!r} is given twice in one object: take one out")
        return made

    def none_of_these(word: str) -> NoReturn:
        raise Unreadable(f"{file}: {word} is no number that JSON has")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=none_of_these)
    except RecursionError as error:
        raise Unreadable(f"{file}: is nested too deeply: {DEEPEST} levels at most") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"{file}:{error.lineno}: is not JSON: {error.msg}") from error
    except ValueError as error:
        raise Unreadable(f"{file}: is not JSON: {_first_line(error)}") from error


@dataclass(kw_only=True)
class _Node:
    """A part of the file, as it stands there: a word, a list or pairs. An alias is the very node that it names."""

    line: int
    word: str = ""
    plain: bool = False
    items: list[_Node] | None = None
    pairs: list[tuple[_Node, _Node]] | None = None
    open: bool = True

    @property
    def merges(self) -> bool:
        """Whether, as a key, it brings in the fields of other objects."""
        return self.plain and self.word == "<<"


@dataclass(kw_only=True)
class _Reader:
    """Makes nodes of YAML's events, without going down into itself."""

    file: str
    anchors: dict[str, _Node] = field(default_factory=dict)
    stack: list[_Node] = field(default_factory=list)
    keys: list[_Node | None] = field(default_factory=list)
    root: _Node | None = None
    documents: int = 0

    def document(self, events: Iterator[Any]) -> _Node | None:
        for event in events:
            self._take(event)
        return self.root

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self._wrong(line, "begins a second document: put each into a file of its own")
            case yaml.AliasEvent():
                self._put(self._named(str(event.anchor), line))
            case yaml.ScalarEvent():
                self._plain_tag(event, line)
                node = _Node(line=line, word=event.value, plain=event.implicit[0], open=False)
                self._anchor(event, node)
                self._put(node)
            case yaml.SequenceStartEvent():
                self._begin(event, _Node(line=line, items=[]))
            case yaml.MappingStartEvent():
                self._begin(event, _Node(line=line, pairs=[]))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self.stack.pop().open = False
                self.keys.pop()

    def _begin(self, event: Any, node: _Node) -> None:
        self._plain_tag(event, node.line)
        self._anchor(event, node)
        self._put(node)
        self.stack.append(node)
        self.keys.append(None)
        if len(self.stack) > DEEPEST:
            raise self._wrong(node.line, f"is nested deeper than {DEEPEST} levels")

    def _put(self, node: _Node) -> None:
        if not self.stack:
            self.root = node
            return
        top, key = self.stack[-1], self.keys[-1]
        if top.items is not None:
            top.items.append(node)
        elif key is None:
            self.keys[-1] = node
        else:
            assert top.pairs is not None
            top.pairs.append((key, node))
            self.keys[-1] = None

    def _plain_tag(self, event: Any, line: int) -> None:
        if event.tag is not None and event.tag != "!":
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")[:60]
            raise self._wrong(line, f"the tag {shown} is not read: leave it out, and put texts in quotes")

    def _anchor(self, event: Any, node: _Node) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = node

    def _named(self, anchor: str, line: int) -> _Node:
        node = self.anchors.get(anchor)
        if node is None:
            raise self._wrong(line, f"*{anchor} names no anchor above it; {QUOTE_IT['*']}")
        if node.open:
            raise self._wrong(line, f"*{anchor} stands inside of what it names, which would never end")
        return node

    def _wrong(self, line: int, sentence: str) -> Unreadable:
        return Unreadable(f"{self.file}:{line}: {sentence}")


@dataclass(kw_only=True)
class _Written:
    """Writes nodes out as values, aliases included, and counts them."""

    file: str
    lines: dict[Path, int] = field(default_factory=dict)
    count: int = 0

    def out(self, node: _Node, path: Path, depth: int) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise self._wrong(node, f"its aliases make more than {MOST_VALUES:,} values of it: write less by alias")
        if depth > DEEPEST + 1:
            raise self._wrong(node, f"is nested deeper than {DEEPEST} levels once its aliases are written out")
        self.lines[path] = node.line
        if node.items is not None:
            return [self.out(item, (*path, index), depth + 1) for index, item in enumerate(node.items)]
        if node.pairs is not None:
            return self._object(node, path, depth)
        if not node.plain:
            return node.word
        try:
            return value_of(node.word)
        except TwoMeanings as error:
            raise self._wrong(node, str(error)) from error

    def _object(self, node: _Node, path: Path, depth: int) -> dict[str, Any]:
        """The object that pairs make; what `<<` brings in gives way to what stands there itself."""
        assert node.pairs is not None
        seen: dict[str, int] = {}
        for key, _ in node.pairs:
            name = self._name(key)
            if name in seen:
                raise self._wrong(key, f"{name!r} is given twice, first on line {seen[name]}: take one out")
            seen[name] = key.line
        brought = [value for key, value in node.pairs if key.merges]
        made = self._merged(brought[0], path, depth) if brought else {}
        for key, value in node.pairs:
            if not key.merges:
                made[key.word] = self.out(value, (*path, key.word), depth + 1)
                self.lines[(*path, key.word)] = key.line
        return made

    def _merged(self, value: _Node, path: Path, depth: int) -> dict[str, Any]:
        sources = value.items if value.items is not None else [value]
        merged: dict[str, Any] = {}
        line = self.lines[path]
        for source in reversed(sources):
            if source.pairs is None:
                raise self._wrong(value, "`<<` takes in objects, by an alias like *defaults, and nothing else")
            merged |= self.out(source, path, depth)
        self.lines[path] = line
        return merged

    def _name(self, key: _Node) -> str:
        if key.items is not None or key.pairs is not None:
            raise self._wrong(key, "a list or an object cannot be the name of a field")
        return key.word

    def _wrong(self, node: _Node, sentence: str) -> Unreadable:
        return Unreadable(f"{self.file}:{node.line}: {sentence}")


def _not_yaml(error: yaml.MarkedYAMLError, text: str, file: str) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Unreadable(f"{file}: is not YAML: {error.problem or error.context}")
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return Unreadable(f"{file}:{mark.line + 1}: is not YAML: {_hint(line) or error.problem or error.context}")


def _hint(line: str) -> str | None:
    """What most often is wrong with a line that is no YAML."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "lines are indented by blanks, not by tabs"
    begins = (found[1] for found in VALUE.finditer(line))
    return next((QUOTE_IT[sign] for sign in begins if sign in QUOTE_IT), None)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
