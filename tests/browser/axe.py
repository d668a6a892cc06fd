"""What axe has to say about a page: the rules of WCAG 2.2 AA, and those that it calls good practice."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

SCRIPT = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"]}).then(found => found.violations)"""
SHOWN = 3
"""Places that are told of each finding."""


def findings(page: Page) -> list[str]:
    """A sentence for each rule that the page breaks, with the first places where it does."""
    page.evaluate(SCRIPT)
    return [_sentence(found) for found in page.evaluate(RUN, RULES)]


def _sentence(found: dict[str, Any]) -> str:
    nodes = [f"{json.dumps(node['target'])} {node['failureSummary']}" for node in found["nodes"]]
    places = "\n  ".join(node.replace("\n", " ") for node in nodes[:SHOWN])
    return f"{found['id']} ({found['impact']}): {found['help']}, {len(nodes)} places\n  {places}"
