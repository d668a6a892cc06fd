"""What app.py registers to serve requests: every route, and the middleware around them."""

from __future__ import annotations

from chalice.app import Chalice

from chalicelib.web import api, pages
from chalicelib.web.frame.headers import headers_middleware


def register(app: Chalice) -> None:
    """Give an application the API and the pages."""
    for blueprint in (*api.blueprints, *pages.blueprints):
        app.register_blueprint(blueprint)
    app.register_middleware(headers_middleware, "http")
    app.register_middleware(api.problems_middleware, "http")
