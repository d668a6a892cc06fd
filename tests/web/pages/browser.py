"""A browser without JavaScript: keeps its cookie, follows redirects, and sends the forms that a page really has."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from chalice.app import Chalice

from chalicelib.bootstrap import whole as bootstrap
from chalicelib.web.pages.cookies import Cookie, name_of
from tests.web.pages.reader import Form, Reader

HOST = "punctual.example"
OWN_FORM = {
    "content-type": "application/x-www-form-urlencoded",
    "origin": f"https://{HOST}",
    "sec-fetch-site": "same-origin",
}
"""What a browser says about a form of the page that it shows."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What came back from an address."""

    status: int
    url: str
    headers: dict[str, str]
    html: str

    @property
    def reader(self) -> Reader:
        return Reader(self.html)

    @property
    def text(self) -> str:
        return self.reader.text

    def form(self, action: str) -> Form:
        """The form that goes to an address."""
        return next(form for form in self.reader.forms if form.action == action)

    def said(self, field: str) -> str:
        """What is said beside a field that is wrong. An input is marked as well; a group of radios has no one input."""
        inputs = [tag for _, tag in self.reader.tags if tag.get("name") == field and tag.get("type") != "radio"]
        assert all(tag.get("aria-invalid") == "true" for tag in inputs if tag.get("type") not in ("hidden", "checkbox"))
        start = self.html.index(f'id="{field}-error"')
        return Reader(self.html[start : self.html.index("</p>", start)].partition(">")[2]).text


class Browser:
    """One person's browser. `prefix` is the stage, which stands in every address outside and in no route."""

    def __init__(self, app: Chalice, *, session: str = "", prefix: str = "") -> None:
        self.cookies: dict[str, str] = {}
        self.set_cookie = ""
        self._app = app
        self._prefix = prefix
        self.session = session

    @property
    def session(self) -> str:
        """The token in the cookie; empty without one."""
        return self.cookies.get(self._session_name, "")

    @session.setter
    def session(self, text: str) -> None:
        self.cookies[self._session_name] = text

    @property
    def _session_name(self) -> str:
        return name_of(Cookie.SESSION, bootstrap.system().settings, self._prefix)

    def get(self, url: str, **headers: str) -> Page:
        """A page, after following where it leads."""
        return self._followed(self.ask("GET", url, headers=headers))

    def post(self, url: str, sent: dict[str, str] | None = None, **headers: str) -> Page:
        """Where a form that is sent to an address leads. Unless told otherwise it carries what forms here carry."""
        return self._followed(self.ask("POST", url, urlencode(self.proof() | (sent or {})), headers=OWN_FORM | headers))

    def proof(self) -> dict[str, str]:
        """The hidden field that every form on this browser's pages has."""
        page = self.ask("GET", f"{self._prefix}/logout")
        return {"csrf_token": page.form(f"{self._prefix}/logout").fields["csrf_token"]}

    def submit(self, page: Page, action: str, **changed: str) -> Page:
        """Change some fields of a form on a page, and send it."""
        form = page.form(action)
        assert changed.keys() <= form.fields.keys() | form.offers.keys()
        return self.post(action, form.fields | changed)

    def ask(self, method: str, url: str, body: str = "", headers: dict[str, str] | None = None) -> Page:
        """The answer to one request, as API Gateway hands it over and takes it back."""
        kept = [f"{name}={text}" for name, text in self.cookies.items() if text]
        cookie = {"cookie": "; ".join(["theme=dark", *kept])} if kept else {}
        event = self._event(method, urlsplit(url), {"host": HOST} | cookie | (headers or {}), body)
        answer = self._app(event, SimpleNamespace(aws_request_id="request-1"))
        given = {name: str(value) for name, value in answer["headers"].items()}
        if "Set-Cookie" in given:
            name, _, text = given["Set-Cookie"].partition(";")[0].partition("=")
            self.cookies[name] = text
            self.set_cookie = given["Set-Cookie"] if name == self._session_name else self.set_cookie
        return Page(status=answer["statusCode"], url=url, headers=given, html=answer["body"])

    def _followed(self, page: Page) -> Page:
        return self.get(page.headers["Location"]) if page.status == 303 else page

    def _event(self, method: str, url: Any, headers: dict[str, str], body: str) -> dict[str, Any]:
        assert url.path.startswith(self._prefix), f"{url.path} leads out of the stage"
        route, parameters = self._matched(url.path.removeprefix(self._prefix))
        return {
            "requestContext": {"httpMethod": method, "resourcePath": route, "path": url.path},
            "headers": headers,
            "pathParameters": parameters,
            "multiValueQueryStringParameters": parse_qs(url.query, keep_blank_values=True) or None,
            "stageVariables": None,
            "body": body,
        }

    def _matched(self, path: str) -> tuple[str, dict[str, str]]:
        """The route of a path; where two fit, the one with fewer parameters, as the gateway does it."""
        parts = (path.rstrip("/") or "/").split("/")
        for route in sorted(self._app.routes, key=lambda route: route.count("{")):
            names = route.split("/")
            pairs = list(zip(names, parts, strict=False))
            if len(names) == len(parts) and all(name == part or name[:1] == "{" for name, part in pairs):
                return route, {name[1:-1]: part for name, part in pairs if name[:1] == "{"}
        raise AssertionError(f"no route fits {path}")
