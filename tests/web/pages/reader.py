"""Reads a page the way a browser does: its words, its links, and its forms with what they would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(kw_only=True)
class Form:
    """One form: where it goes, what it would send as it stands, and what its selects and radios offer."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    offers: dict[str, list[str]] = field(default_factory=dict)

    def offer(self, name: str, value: str, *, chosen: bool) -> None:
        self.offers.setdefault(name, []).append(value)
        if chosen:
            self.fields[name] = value


class Reader(HTMLParser):
    """A page, read once."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.forms: list[Form] = []
        self._area: tuple[str, list[str]] | None = None
        self._select: str | None = None
        self.feed(html)

    @property
    def text(self) -> str:
        """What stands on the page, white space made one."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        match tag:
            case "a":
                self.links.append(given["href"])
            case "form":
                self.forms.append(Form(action=given["action"], method=given["method"]))
            case "input":
                self._input(given)
            case "textarea":
                self._area = (given["name"], [])
            case "select":
                self._select = given["name"]
            case "option" if self._select is not None:
                first = self._select not in self.forms[-1].fields
                self.forms[-1].offer(self._select, given["value"], chosen="selected" in given or first)

    def _input(self, given: dict[str, str]) -> None:
        if "name" not in given:  # nothing that is sent
            return
        form, name, value = self.forms[-1], given["name"], given.get("value", "")
        if given["type"] in ("radio", "checkbox"):
            form.offer(name, value, chosen="checked" in given)
        else:
            form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            name, parts = self._area
            self.forms[-1].fields[name] = "".join(parts).removeprefix("\n")
            self._area = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)
        self.words.append(data)
