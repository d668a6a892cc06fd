"""Bodies: what a browser's form sent, as text by field name."""

from __future__ import annotations

from urllib.parse import parse_qsl

from chalicelib.web.frame.json_text import Malformed
from chalicelib.web.frame.problems import BodyTooLarge, WrongMediaType
from chalicelib.web.pages.visit import Visit

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 200
"""Several times what the largest form here has."""


def fields(visit: Visit) -> dict[str, str]:
    """The fields that were sent, line ends as `\\n`; of a field that was sent twice, the last."""
    return dict(_pairs(visit))


def every(visit: Visit, name: str) -> list[str]:
    """All values of a field that may be sent several times, each once, in their order."""
    return list(dict.fromkeys(value for given, value in _pairs(visit) if given == name))


def _pairs(visit: Visit) -> list[tuple[str, str]]:
    sent = visit.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if sent != FORM:
        raise WrongMediaType(f"a form is sent as {FORM}, not as {sent[:100]}")
    try:
        pairs = parse_qsl(_text(visit), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Malformed("the form could not be read: it is not encoded as UTF-8") from error
    return [(name, value.replace("\r\n", "\n")) for name, value in pairs]


def _text(visit: Visit) -> str:
    limit = visit.system.settings.max_body_bytes
    raw = visit.request.raw_body
    if len(raw) > limit:
        raise BodyTooLarge(f"this is more than {limit:,} bytes: shorten what you wrote")
    return raw if isinstance(raw, str) else raw.decode()
