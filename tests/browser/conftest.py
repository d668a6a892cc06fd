"""A browser, Punctual behind the local gateway, and another site: each on a port of its own of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app import app
from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.memory import MemoryQueue, MemoryStore
from chalicelib.bootstrap import whole as bootstrap
from chalicelib.functions import registry
from chalicelib.settings import Settings
from infra.local.standins.gateway import Gateway
from tests.browser.chromium import Chromium


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One for all tests; they share no window in it."""
    started = Chromium(tmp_path_factory.mktemp("chromium"))
    yield started
    assert started.close() == []


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def home(store: MemoryStore) -> Iterator[str]:
    """Where Punctual is served."""
    clock = SystemClock()
    registry.load()
    bootstrap.use(bootstrap.assemble(Settings(), store=store, queue=MemoryQueue(clock), clock=clock, actions={}))
    gateway = Gateway(0)
    gateway.serve(app)
    yield gateway.url
    gateway.stop()
    assert gateway.wait(10)


class OtherSite(ThreadingHTTPServer):
    """A site of somebody who means harm: it shows whoever comes the page that it has just now."""

    daemon_threads = True
    html = ""
    policy = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Answering(BaseHTTPRequestHandler):
    """One connection to it."""

    server: OtherSite

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(self.server.html.encode())

    def log_message(self, *said: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere() -> Iterator[OtherSite]:
    site = OtherSite(("127.0.0.1", 0), Answering)
    threading.Thread(target=site.serve_forever, args=(0.1,), daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()
