"""Templates: the one Jinja environment of the pages. Everything that is put into a page is escaped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.core.instant import to_text
from chalicelib.core.run import FINAL
from chalicelib.functions import described
from chalicelib.web.pages.looks import colours, words
from chalicelib.web.sentences import sentence

FOLDER = Path(__file__).parents[2] / "templates"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment, made on first use: other functions of the deployment never need it."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "sentence": sentence,
        "duration": words.duration,
        "relative": words.relative,
        "clock": words.clock,
        "full": words.full,
        "instant": to_text,
        "exact": words.exact,
        "signed": words.signed,
        "dated": words.dated,
        "json_line": words.json_line,
        "lateness": words.lateness,
        "printable": colours.printable,
        "capitalised": words.capitalised,
        "excerpt": words.excerpt,
        "definition": described.written,
    }
    made.globals |= {
        "run_looks": words.RUN_LOOKS,
        "role_looks": words.ROLE_LOOKS,
        "looks": words,
        "attempt_looks": words.ATTEMPT_LOOKS,
        "trigger_words": words.TRIGGER_WORDS,
        "LATE": words.LATE,
        "FINAL": FINAL,
    }
    return made


def rendered(template: str, **values: Any) -> str:
    """A page as HTML."""
    return environment().get_template(template).render(**values)
