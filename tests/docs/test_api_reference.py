"""The API reference is what `make docs` makes of the OpenAPI document, and leads where it says."""

from __future__ import annotations

import re

from chalicelib.web.api.document.openapi import document
from infra import reference


def test_the_reference_is_what_the_document_says() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.text(), "it is stale: make docs"


def test_every_operation_and_every_schema_has_its_place() -> None:
    text, known = reference.FILE.read_text(encoding="utf-8"), document("")
    for path, methods in known["paths"].items():
        for method in methods:
            assert f"\n### `{method.upper()} {path}`\n" in text
    for name in known["components"]["schemas"]:
        assert f"\n### {name}\n" in text


def test_every_link_within_it_leads_to_a_heading() -> None:
    text = reference.FILE.read_text(encoding="utf-8")
    headings = {_anchor(found) for found in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
