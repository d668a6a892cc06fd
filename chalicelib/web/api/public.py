"""What anybody may ask: whether the API is there, and what it takes."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.bootstrap.requests import system
from chalicelib.web.api.document.openapi import document
from chalicelib.web.frame.endpoint import PUBLIC, Call, Reply, endpoint

VERSION = "0.1.0"

public = Blueprint(__name__)


@endpoint(public, "GET", "/api/health", admission=PUBLIC)
def health(call: Call) -> Reply:
    """That the API answers, and which one it is."""
    return Reply(body={"status": "ok", "version": VERSION, "stage": system().settings.stage})


@endpoint(public, "GET", "/api/openapi.json", admission=PUBLIC)
def openapi(call: Call) -> Reply:
    """The API described for machines."""
    return Reply(body=document(VERSION))
