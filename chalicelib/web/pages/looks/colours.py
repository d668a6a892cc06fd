r"""Colours: what programs print for terminals, as text that is safe to show, and as HTML that keeps its colours.

Of the sequences that steer a terminal only those that choose colours and type (SGR) mean anything here, and they become
class names out of a closed list. The others of their form are left out; every other control character is replaced. So
output can neither hide anything nor pretend, and no HTML comes from it but what is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from markupsafe import Markup, escape

_SEQUENCE = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])")
"""A control sequence as ECMA-48 has it: parameters, intermediates, and the letter that says what it does."""
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Signs that make text run backwards, so that a line reads as another than it is."""
_CONTROLS = dict.fromkeys(
    [*(code for code in range(32) if chr(code) not in "\n\t"), *range(127, 160), *_DIRECTIONS], "\ufffd"
)
_LINE_END = re.compile(r"\r\n?")
_DIGITS = re.compile(r"[0-9]{1,3}", re.ASCII)
MOST_PARAMETERS = 64
"""Of one sequence; whoever writes more of them means nothing by it."""

_TYPE = {1: "bold", 2: "faint", 3: "slanted", 4: "lined", 7: "turned", 9: "struck"}
"""Not 5 (it blinks) and not 8 (it hides)."""
_TYPE_ENDS = {22: ("bold", "faint"), 23: ("slanted",), 24: ("lined",), 27: ("turned",), 29: ("struck",)}
_PALETTE = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *((127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0)),
    *((92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255)),
)
"""The sixteen colours as xterm has them: what is told in finer colours gets the nearest of these."""
_CUBE = (0, 95, 135, 175, 215, 255)


def printable(text: str) -> str:
    r"""Text without colours and other control characters, so that output can neither hide anything nor pretend.

    >>> printable("a\x1b[31mb\x1b[0m\r\n10%\r20%\x1b[2K\x07")
    'ab\n10%\n20%\ufffd'
    """
    return _SEQUENCE.sub("", _LINE_END.sub("\n", text)).translate(_CONTROLS)


@dataclass(frozen=True, kw_only=True)
class Pen:
    """How the text that comes next is to look: numbers of the sixteen colours, and kinds of type."""

    ink: int | None = None
    ground: int | None = None
    type: frozenset[str] = frozenset()

    @property
    def classes(self) -> str:
        """The class names for it; empty for text that is as usual."""
        ink, ground = (self.ground, self.ink) if "turned" in self.type else (self.ink, self.ground)
        names = [*([] if ink is None else [f"ink{ink}"]), *([] if ground is None else [f"ground{ground}"])]
        plain = self.type - ({"turned"} if self.ink is not None or self.ground is not None else frozenset())
        return " ".join([*names, *sorted(plain)])


PLAIN = Pen()


def numbered(text: str) -> Markup:
    r"""The lines of an output as items of a list, colours as class names.

    >>> numbered("a\x1b[31mb\nc\x1b[0m<d>\n")
    Markup('<li>a<span class="ink1">b</span>\n<li><span class="ink1">c</span>&lt;d&gt;\n')
    """
    return Markup("".join(f"<li>{line}\n" for line in _lines(text)))


def _lines(text: str) -> list[str]:
    made: list[list[str]] = [[]]
    for piece, pen in _pieces(_LINE_END.sub("\n", text)):
        before, after = (f'<span class="{pen.classes}">', "</span>") if pen.classes else ("", "")
        for number, line in enumerate(piece.split("\n")):
            if number:
                made.append([])
            if line:
                made[-1].append(f"{before}{escape(line)}{after}")
    if not made[-1]:
        made.pop()
    return ["".join(line) for line in made]


def _pieces(text: str) -> Iterator[tuple[str, Pen]]:
    """The text between sequences, each with what the sequences before it say."""
    pen, at = PLAIN, 0
    for found in _SEQUENCE.finditer(text):
        if found.start() > at:
            yield text[at : found.start()].translate(_CONTROLS), pen
        at = found.end()
        if found[2] == "m" and found.end() - found.start() == len(found[1]) + 3:
            pen = _after(pen, found[1])
    if at < len(text):
        yield text[at:].translate(_CONTROLS), pen


@lru_cache(maxsize=512)
def _after(pen: Pen, parameters: str) -> Pen:
    """The pen after a sequence that chooses colours and type. What means nothing here changes nothing."""
    given = parameters.split(";")[:MOST_PARAMETERS]
    numbers = iter(given)
    for one in numbers:
        head, *rest = one.split(":")
        code = _number(head)
        if code in (38, 48):
            colour = _colour([number for number in rest if number]) if rest else _colour_of(numbers)
            pen = pen if colour is None else _coloured(pen, code, colour)
        elif code is not None:
            pen = _changed(pen, code)
    return pen


def _number(text: str) -> int | None:
    """A parameter; one that is left out is nought."""
    if not text:
        return 0
    return int(text) if _DIGITS.fullmatch(text) else None


def _changed(pen: Pen, code: int) -> Pen:
    if code == 0:
        return PLAIN
    if code in _TYPE:
        return replace(pen, type=pen.type | {_TYPE[code]})
    if code in _TYPE_ENDS:
        return replace(pen, type=pen.type.difference(_TYPE_ENDS[code]))
    if code in (39, 49):
        return _coloured(pen, code - 1, None)
    for first, colour in ((30, 0), (40, 0), (90, 8), (100, 8)):
        if first <= code < first + 8:
            return _coloured(pen, 38 if first in (30, 90) else 48, code - first + colour)
    return pen


def _coloured(pen: Pen, code: int, colour: int | None) -> Pen:
    return replace(pen, ink=colour) if code == 38 else replace(pen, ground=colour)


def _colour_of(numbers: Iterator[str]) -> int | None:
    """The colour that the following parameters name: `5;n` of 256, or `2;r;g;b`."""
    kind = next(numbers, "")
    return _colour([kind, *(next(numbers, "missing") for _ in range({"5": 1, "2": 3}.get(kind, 0)))])


def _colour(given: list[str]) -> int | None:
    """One of the sixteen colours, for what names one of many; with colons a colour space may stand before red."""
    kind, values = given[:1], [_number(text) for text in given[1:]]
    known = [value for value in values if value is not None and value < 256]
    if len(known) != len(values):
        return None
    if kind == ["5"] and len(known) == 1:
        return _of_256(known[0])
    if kind == ["2"] and len(known) in (3, 4):
        red, green, blue = known[-3:]
        return _nearest(red, green, blue)
    return None


def _of_256(number: int) -> int:
    """The nearest of the sixteen to one of 256: themselves, a cube of six shades each, and greys.

    >>> [_of_256(number) for number in (9, 196, 46, 232, 255)]
    [9, 9, 10, 0, 7]
    """
    if number < 16:
        return number
    if number < 232:
        shade = number - 16
        return _nearest(_CUBE[shade // 36], _CUBE[shade // 6 % 6], _CUBE[shade % 6])
    return _nearest(*(8 + 10 * (number - 232),) * 3)


@lru_cache(maxsize=4096)
def _nearest(red: int, green: int, blue: int) -> int:
    def distance(number: int) -> int:
        r, g, b = _PALETTE[number]
        return (red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2

    return min(range(len(_PALETTE)), key=distance)
