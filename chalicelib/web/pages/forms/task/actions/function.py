"""Calls of functions on the form."""

from __future__ import annotations

from typing import Any

from chalicelib.web.pages.forms.task.part import Part
from chalicelib.web.pages.forms.task.reader import Document, Reader, Unreadable, json_of
from chalicelib.web.pages.forms.task.texts import json_lines

_list = json_of(list, 'write a JSON list, like ["world", 3]')
_object = json_of(dict, 'write a JSON object, like {"name": "world"}')


def _shown(action: Document) -> dict[str, str]:
    given = {name: json_lines(action[name]) for name in ("args", "kwargs") if action.get(name)}
    return {"function": action["name"], "args": "", "kwargs": ""} | given


def _read(reader: Reader) -> dict[str, Any]:
    given = {"args": reader.read("args", _list), "kwargs": reader.read("kwargs", _object)}
    return {"name": reader.read("function", _chosen)} | {name: value for name, value in given.items() if value}


def _chosen(text: str) -> str:
    if not text:
        raise Unreadable("choose a function")
    return text


FUNCTION = Part(
    empty={"function": "", "args": "", "kwargs": ""},
    labels={"function": "Function", "args": "Arguments", "kwargs": "Arguments by name"},
    fields={"/name": "function", "/args": "args", "/kwargs": "kwargs"},
    shown=_shown,
    read=_read,
)
