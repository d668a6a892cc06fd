"""Whatever a program prints: it is shown as text, in colours out of a closed list, and nothing of it is HTML."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.web.pages.looks.colours import numbered, printable

ESC = "\x1b"
NAMES = {
    *(f"{what}{number}" for what in ("ink", "ground") for number in range(16)),
    *("bold", "faint", "slanted", "lined", "turned", "struck"),
}
parts = st.one_of(
    st.text(),
    st.sampled_from(["\r", "\n", "\r\n", "<b>", "&amp;", '"', "</li>", ESC, "[", "m", ";", ":", "\x9b31m", "\x07"]),
    st.lists(st.integers(0, 300), max_size=6).map(lambda numbers: f"{ESC}[{';'.join(map(str, numbers))}m"),
    st.text("0123456789:;<=>?", max_size=9).map(lambda given: f"{ESC}[{given}m"),
    st.text("0123456789;?", max_size=4).map(lambda given: f"{ESC}[{given}K"),
)
outputs = st.lists(parts, max_size=30).map("".join)


class Lines(HTMLParser):
    """The text and the tags of a list, by line."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.opened: list[str] = []
        self.classes: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "li":
            assert (attrs, self.opened) == ([], [])
            self.lines.append("")
            return
        assert (tag, [name for name, _ in attrs]) == ("span", ["class"])
        self.classes |= set((attrs[0][1] or "").split())
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data


@given(outputs)
@example(f"a\r{ESC}[0m\nb")
@example(f"{ESC}{ESC}[31m[32mx{ESC}[")
@example("\n\n")
def test_without_its_tags_an_output_is_what_can_be_printed_of_it(text: str) -> None:
    html = str(numbered(text))
    shown = printable(text)
    assert unescape(re.sub(r"<[^>]*>", "", html)) == (shown if shown.endswith("\n") or not shown else shown + "\n")
    found = Lines(html)
    assert found.lines == [line + "\n" for line in shown.removesuffix("\n").split("\n")] or not shown
    assert found.classes <= NAMES
    assert found.opened == []


@given(outputs)
def test_what_can_be_printed_holds_no_control_character(text: str) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printable(text))


@pytest.mark.parametrize(
    ("sequence", "classes"),
    [
        ("31", "ink1"),
        ("1;31", "ink1 bold"),
        ("01;91;44", "ink9 ground4 bold"),
        ("38;5;196", "ink9"),
        ("48;5;21", "ground4"),
        ("38;2;250;5;5", "ink9"),
        ("38:2::0:250:0", "ink10"),
        ("38:5:3", "ink3"),
        ("31;7", "ground1"),
        ("31;42;7", "ink2 ground1"),
        ("3;4;9", "lined slanted struck"),
        ("31;0;32", "ink2"),
        ("32;39", ""),
        ("1;22", ""),
        ("8", ""),
        ("5", ""),
        ("38;5;999", ""),
        ("38;2;1;2", ""),
        ("99999999999999999999", ""),
        ("?25", ""),
        (";" * 1000 + "31", ""),
    ],
)
def test_what_a_sequence_says_becomes_class_names(sequence: str, classes: str) -> None:
    expected = f'<li><span class="{classes}">x</span>\n' if classes else "<li>x\n"
    assert numbered(f"{ESC}[{sequence}mx") == expected


def test_colours_go_on_over_lines_until_they_end() -> None:
    assert (
        numbered(f"{ESC}[31ma\nb\n{ESC}[mc")
        == '<li><span class="ink1">a</span>\n<li><span class="ink1">b</span>\n<li>c\n'
    )


def test_a_progress_bar_shows_each_of_its_states_on_a_line() -> None:
    assert numbered("10%\r20%\r\ndone") == "<li>10%\n<li>20%\n<li>done\n"
