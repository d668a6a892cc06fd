"""Parts of the form: the fields of one type of action or schedule, or of one policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.web.pages.forms.task.reader import Document, Reader
from chalicelib.web.pages.forms.task.texts import typed_lines


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some fields that belong together.

    `empty` is what they hold on an empty form, `labels` what they are called, `fields` to which of them a pointer
    below the part leads. `shown` and `read` go from the contract's JSON to the fields and back.
    """

    empty: Mapping[str, str]
    labels: Mapping[str, str]
    fields: Mapping[str, str]
    shown: Callable[[Document], dict[str, str]]
    read: Callable[[Reader], dict[str, Any]]

    def fields_of(self, document: Document) -> dict[str, str]:
        """What all of its fields hold for a document."""
        return {**self.empty, **typed_lines(self.shown(document))}

    def document(self, reader: Reader, base: Document | None) -> dict[str, Any]:
        """What was typed. A part that reads as it was shown stays exactly what it was."""
        if base is not None and all(reader.typed[name] == text for name, text in self.fields_of(base).items()):
            return dict(base)
        return self.read(reader)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field that stands for one member of the document. `optional`: where it is empty, there is no such member."""

    name: str
    member: str
    label: str
    empty: str = ""
    text: Callable[[Any], str] = str
    parse: Callable[[str], Any] = str
    optional: bool = False

    def shown(self, document: Document) -> str:
        return typed_lines({"": self.text(document[self.member])})[""] if self.member in document else ""

    def member_of(self, reader: Reader, base: Document | None) -> dict[str, Any]:
        """The member, as it was where the field was left alone."""
        if base is not None and reader.typed[self.name] == self.shown(base):
            return {self.member: base[self.member]} if self.member in base else {}
        if self.optional and not reader.text(self.name):
            return {}
        return {self.member: reader.read(self.name, self.parse)}
