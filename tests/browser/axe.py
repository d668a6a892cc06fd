"""What axe has to say about a page: the rules of WCAG 2.2 AA, and those that it calls good practice."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

SCRIPT = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
EVERYTHING = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast", "link-in-text-block")
"""All that depends on nothing but colours."""
RUN = """names => axe.run(document, {runOnly: names, resultTypes: ["violations"]}).then(found => found.violations)"""
SHOWN = 3
"""Places that are told of each finding."""


def findings(page: Page, names: tuple[str, ...] = EVERYTHING) -> list[str]:
    """A sentence for each rule of these names or tags that the page breaks, with the first places where it does."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    return [_sentence(found) for found in page.evaluate(RUN, names)]


def _sentence(found: dict[str, Any]) -> str:
    nodes = [f"{json.dumps(node['target'])} {node['failureSummary']}" for node in found["nodes"]]
    places = "\n  ".join(node.replace("\n", " ") for node in nodes[:SHOWN])
    return f"{found['id']} ({found['impact']}): {found['help']}, {len(nodes)} places\n  {places}"
