"""HTTP calls on the form."""

from __future__ import annotations

from typing import Any

from chalicelib.core.errors import PunctualError
from chalicelib.web.frame import json_text
from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader, Unreadable, whole
from chalicelib.web.pages.forms.task.texts import (
    json_lines,
    listed,
    one_or_list,
    pairs,
    text_or_secret,
    value_text,
)

TEXT, JSON = "text", "json"


def _shown(action: Document) -> dict[str, str]:
    headers, body = action.get("headers") or {}, action.get("body", "")
    return {
        "method": action["method"],
        "url": action["url"],
        "headers": "\n".join(f"{name}: {value_text(value)}" for name, value in headers.items()),
        "body": body if isinstance(body, str) else json_lines(body),
        "body_as": TEXT if isinstance(body, str) else JSON,
        "expect_status": _status_text(action.get("expect_status", "")),
        "signing": _signing_text(action.get("signing")),
    }


def _status_text(expected: Any) -> str:
    return listed(expected) if isinstance(expected, list) else str(expected)


def _signing_text(signing: Any) -> str:
    if signing is None:
        return ""
    return listed([one["secret"] for one in signing]) if isinstance(signing, list) else str(signing["secret"])


def _read(reader: Reader) -> dict[str, Any]:
    return {
        "method": reader.typed["method"],
        "url": reader.text("url"),
        **reader.given("headers", "headers", _headers),
        **_body(reader),
        **reader.given("expect_status", "expect_status", lambda text: one_or_list(text, whole)),
        **reader.given("signing", "signing", lambda text: one_or_list(text, lambda name: {"secret": name})),
    }


def _headers(text: str) -> dict[str, Any]:
    return pairs(text, ":", "is no header: write one a line, like Accept: application/json", text_or_secret)


def _body(reader: Reader) -> dict[str, Any]:
    if reader.typed["body_as"] == JSON:
        return reader.given("body", "body", _json)
    return {"body": reader.typed["body"]} if reader.typed["body"] else {}


def _json(text: str) -> Any:
    try:
        value = json_text.read(text.encode("utf-8", "replace"))
    except PunctualError as error:
        raise Unreadable("this is to be sent as JSON, and this is none") from error
    if not isinstance(value, dict | list):
        raise Unreadable("this is to be sent as JSON: write an object or a list")
    return value


HTTP = Part(
    empty={
        "method": "GET",
        "url": "",
        "headers": "",
        "body": "",
        "body_as": TEXT,
        "expect_status": "",
        "signing": "",
    },
    labels={
        "method": "Method",
        "url": "Address",
        "headers": "Headers",
        "body": "Body",
        "body_as": "Send the body as",
        "expect_status": "Expected status",
        "signing": "Sign with",
    },
    fields={
        "/method": "method",
        "/url": "url",
        "/headers": "headers",
        "/body": "body",
        "/expect_status": "expect_status",
        "/signing": "signing",
    },
    shown=_shown,
    read=_read,
)
