"""AWS calls on the form."""

from __future__ import annotations

from typing import Any

from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader, json_of
from chalicelib.web.pages.forms.task.texts import json_lines

_object = json_of(dict, 'write a JSON object, like {"QueueUrl": "…", "MessageBody": "hello"}')


def _shown(action: Document) -> dict[str, str]:
    parameters = action.get("parameters")
    return {
        "service": action["service"],
        "operation": action["operation"],
        "parameters": json_lines(parameters) if parameters else "",
    }


def _read(reader: Reader) -> dict[str, Any]:
    own = {"service": reader.text("service"), "operation": reader.text("operation")}
    return own | reader.given("parameters", "parameters", _object)


AWS = Part(
    empty={"service": "", "operation": "", "parameters": ""},
    labels={"service": "Service", "operation": "Operation", "parameters": "Parameters"},
    fields={"/service": "service", "/operation": "operation", "/parameters": "parameters"},
    shown=_shown,
    read=_read,
)
