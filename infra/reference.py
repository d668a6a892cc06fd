"""`python -m infra.reference` (`make docs`): writes docs/api-reference.md anew from the OpenAPI document.

Nothing in it is written by hand: what the document says of an operation or a schema is what stands there. A test fails
where the file is not what it would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import app  # the routes say who gets in where
from chalicelib.functions import registry
from chalicelib.functions.described import written
from chalicelib.web.api.document.openapi import document
from chalicelib.web.pages.about.described import Content, Field, Named, Operation, Piece, Reference, described

FILE = Path(__file__).parents[1] / "docs" / "api-reference.md"
SHIPPED = ("chalicelib.functions.shipped", "chalicelib.functions.example")
BASE = "https://punctual.example"
HEAD = """# The API, operation by operation

Made from the OpenAPI document (`GET /api/openapi.json`) by `make docs`; an installation shows the same at `/reference`,
with an example for each operation. What everything has in common:

* JSON in and out, UTF-8. Instants are RFC 3339, in answers in UTC with `Z` and milliseconds. Durations are numbers
  named `*_seconds`.
* `Authorization: Token <token>` (`Bearer` means the same). What a token has to be good for stands with each operation.
* A POST with an `Idempotency-Key` is done once, however often it is sent: the same answer for the same body, 422 for
  another one.
* A change with `If-Match` happens to that version only (412 otherwise); the `ETag` of a task is its version.
* Lists answer `{items, next_cursor}`; `cursor` goes on where the last page ended.
* What is wrong is answered as `application/problem+json` (RFC 9457), every wrong field at once: see
  [Problem](#problem).
"""


def text() -> str:
    """The whole file."""
    assert app.app is not None
    reference = described(document(""), BASE)
    return "\n".join([HEAD, *_contents(reference), *_operations(reference), *_schemas(reference), *_functions()])


def _contents(reference: Reference) -> Iterator[str]:
    yield "| operation | does | needs |\n|---|---|---|"
    for one in reference.operations:
        yield f"| [`{one.method} {one.path}`](#{_anchor(one)}) | {_cell(one.does)} | {_needs(one)} |"
    yield ""


def _operations(reference: Reference) -> Iterator[str]:
    for group in reference.groups:
        yield f"## {group.name[:1].upper()}{group.name[1:]}\n"
        for one in group.operations:
            yield from _operation(one)


def _operation(one: Operation) -> Iterator[str]:
    yield f"### `{one.method} {one.path}`\n"
    yield f"{one.does}. Needs {_needs(one)}.\n"
    if one.parameters:
        yield from _table(one.parameters, placed=True)
    if one.body is not None:
        yield f"Takes {'' if one.body.required else 'nothing, or '}{_content(one.body)}.\n"
    for answer in one.answers:
        if answer.succeeded:
            held = "" if answer.content is None else f": {_content(answer.content)}"
            yield f"Answers {answer.status}{held}.\n"


def _schemas(reference: Reference) -> Iterator[str]:
    yield "## Schemas\n"
    for one in reference.schemas:
        yield from _schema(one)


def _schema(one: Named) -> Iterator[str]:
    yield f"### {one.name}\n"
    if one.says:
        yield f"{one.says}\n"
    if one.kind:
        yield f"{_kind(one.kind)}\n"
    if one.fields:
        yield from _table(one.fields, placed=False)


def _functions() -> Iterator[str]:
    """Those that come with Punctual; an installation has its own beside them."""
    registry.load()
    yield "## Functions that come with Punctual\n"
    yield "`GET /api/functions` has those of an installation; [functions](functions.md) says how to write one.\n"
    for one in registry.registered():
        if one.call.__module__ in SHIPPED:
            yield f"* `{written(one)}`: {_cell(one.description.partition(chr(10))[0])}"
    yield ""


def _table(fields: Iterable[Field], *, placed: bool) -> Iterator[str]:
    yield "| field | is | |\n|---|---|---|"
    for one in fields:
        name = f"`{one.name}`" + (" (needed)" if one.required else "") + (f" in the {one.place}" if placed else "")
        default = "" if one.default is None else f"default `{one.default}`"
        yield f"| {name} | {_kind(one.kind)} | {_cell('; '.join(filter(None, [one.says, default])))} |"
    yield ""


def _content(content: Content) -> str:
    kinds = ", ".join(f"`{media}`" for media in content.media if media != "application/json")
    return _kind(content.kind) + (f" as {kinds}" if kinds else "")


def _kind(pieces: Iterable[Piece]) -> str:
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: Piece) -> str:
    if piece.schema is not None:
        return f"[{piece.text}](#{piece.schema.lower()})"
    return f"`{piece.text}`" if piece.code else _cell(piece.text)


def _needs(one: Operation) -> str:
    if one.scope is None:
        return "no token"
    return f"`{one.scope}`" if one.scope else "any token"


def _anchor(one: Operation) -> str:
    """The address of a heading as GitHub makes it.

    >>> "".join(sign for sign in "post /api/tasks/{task_id}/run" if sign.isalnum() or sign in "-_ ").replace(" ", "-")
    'post-apitaskstask_idrun'
    """
    heading = f"{one.method} {one.path}".lower()
    return "".join(sign for sign in heading if sign.isalnum() or sign in "-_ ").replace(" ", "-")


def _cell(said: str) -> str:
    return said.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
