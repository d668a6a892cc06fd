"""The application as WSGI, for tools that send requests to such."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from chalice.test import Client


class WsgiApplication:
    """Answers as the deployed application would behind API Gateway, within this process."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        answer = self._client.http.request(
            environ["REQUEST_METHOD"],
            _target(environ),
            headers=_headers(environ),
            body=environ["wsgi.input"].read(length),
        )
        status = HTTPStatus(answer.status_code)
        start_response(f"{int(status)} {status.phrase}", [(name, str(value)) for name, value in answer.headers.items()])
        return [answer.body if isinstance(answer.body, bytes) else str(answer.body).encode()]


def _target(environ: WSGIEnvironment) -> str:
    """Path and query as they were sent; PATH_INFO has its %2F decoded."""
    path, query = str(environ["REQUEST_URI"]).partition("?")[0], environ.get("QUERY_STRING")
    return f"{path}?{query}" if query else path


def _headers(environ: WSGIEnvironment) -> dict[str, Any]:
    names = {name: name.removeprefix("HTTP_") for name in environ if name.startswith("HTTP_")}
    names |= {"CONTENT_TYPE": "CONTENT_TYPE"} if environ.get("CONTENT_TYPE") else {}
    return {known.replace("_", "-").lower(): environ[name] for name, known in names.items()}
