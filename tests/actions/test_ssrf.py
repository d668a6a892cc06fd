"""No http action reaches what it must not: a canary stands where clouds hand out credentials, and nobody calls it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.actions.http import Http
from chalicelib.actions.network.ports import may_be_asked
from chalicelib.core.run import AttemptStatus, Outcome
from tests.actions.serving import Internet, Server, answer, saying

CONTEXT = {"run_id": "t1-1767225600000", "attempt": "1"}
TIME = timedelta(seconds=10)
PUBLIC = "93.184.216.34"
METADATA = "/latest/meta-data/iam/security-credentials/"
REFUSALS = {"address_refused", "invalid_request", "connection_failed"}
"""`connection_failed` where a resolver knows no such name: nobody was called."""


class Canary:
    """Listens on this machine and counts who connects; it answers everybody with credentials."""

    def __init__(self) -> None:
        self.calls = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Canary:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.calls += 1
            with suppress(OSError), connection:
                connection.recv(65536)
                connection.sendall(answer(body="AKIA-canary"))


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary() as listening:
        yield listening


def get(http: Http, url: str, **action: object) -> Outcome:
    return http.perform({"url": url, "method": "GET"} | action, TIME, CONTEXT)


def check_refused(outcome: Outcome, canary: Canary) -> None:
    assert outcome.status is AttemptStatus.FAILED
    assert outcome.error is not None
    assert outcome.error.code in REFUSALS
    assert "canary" not in outcome.output
    assert canary.calls == 0


def numeric(host: str, port: int) -> Sequence[str]:
    """What the machine's resolver makes of an address, however it is written; it asks nobody for names."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(each[4][0]) for each in found]


LOOPBACK = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0x7F.1",
    "017700000001",
    "0177.0.0.01",
    "0000177.0.0.1",
    "127.0.0.1%2e",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "0",
    "0.0.0.0",
    "0x0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost.localdomain",
    "ⓛocalhost",
    "lo\u00adcalhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:1::1]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[::1%25lo]",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_no_way_to_write_this_machine_reaches_it(canary: Canary, host: str) -> None:
    check_refused(get(Http(), f"http://{host}:{canary.port}{METADATA}"), canary)


@pytest.mark.parametrize("url", ["{0}@{1}", "{1}#@{0}", "{1}\\@{0}", "{0}:80@{1}", "{1}?@{0}", "{1}/@{0}", "{0}\\.{1}"])
def test_nor_does_a_url_that_others_may_read_in_another_way(canary: Canary, url: str) -> None:
    inside = f"127.0.0.1:{canary.port}"
    check_refused(get(Http(), "http://" + url.format("public.test", inside)), canary)


NOWHERE = [
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.254.170.2",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::169.254.169.254]",
    "[::ffff:0:a9fe:a9fe]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[64:ff9b:1:fffe::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:a9fe:a9fe::]",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
    "[fe80::a9fe:a9fe]",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "0.0.0.0",
    "240.0.0.1",
    "192.0.0.192",
    "[ff02::1]",
    "[::]",
]
INSIDE = [
    "10.0.0.1",
    "10.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.257",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "192.88.99.1",
    "[fd00::1]",
    "[fc00::1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[2002:a00:1::]",
    "[fec0::1]",
    "[2001:db8::1]",
]


def everywhere_leads_to(canary: Canary) -> Internet:
    """A network in which every address is the canary's."""
    with Server(saying(answer())) as unused:
        internet = Internet(unused, {})
    unused.port = canary.port
    return internet


@pytest.mark.parametrize("host", [*NOWHERE, *INSIDE])
def test_no_address_of_a_network_of_ours_is_called(canary: Canary, host: str) -> None:
    internet = everywhere_leads_to(canary)
    outcome = get(Http(resolve=numeric, dial=internet.dial), f"http://{host}{METADATA}")
    check_refused(outcome, canary)
    assert internet.called == []


@pytest.mark.parametrize("host", NOWHERE)
def test_not_even_a_stage_that_may_call_its_own_networks_calls_where_credentials_are(canary: Canary, host: str) -> None:
    internet = everywhere_leads_to(canary)
    http = Http(resolve=numeric, dial=internet.dial, allow_private_targets=True)
    check_refused(get(http, f"http://{host}{METADATA}"), canary)
    assert internet.called == []


@pytest.mark.parametrize("host", [*LOOPBACK, *NOWHERE, *INSIDE])
def test_no_redirect_leads_there(canary: Canary, host: str) -> None:
    location = f"http://{host}:{canary.port}{METADATA}"
    with Server(saying(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())) as server:
        internet = Internet(server, {"public.test": [[PUBLIC]]})

        def resolve(name: str, port: int) -> Sequence[str]:
            if name == "public.test":
                return internet.resolve(name, port)
            return ["127.0.0.1"] if "localhost" in name.lower() else numeric(name, port)

        check_refused(get(Http(resolve=resolve, dial=internet.dial), "http://public.test/"), canary)
        assert internet.called == [(PUBLIC, 80)]


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00::1", "::ffff:10.0.0.1", "::1"])
def test_a_name_with_one_address_inside_is_not_called_at_any(canary: Canary, inside: str) -> None:
    for addresses in ([PUBLIC, inside], [inside, PUBLIC], [PUBLIC, "1.1.1.1", inside]):
        internet = everywhere_leads_to(canary)
        internet.names["mixed.test"] = [addresses]
        check_refused(get(Http(resolve=internet.resolve, dial=internet.dial), "http://mixed.test/"), canary)
        assert internet.called == []


def test_a_name_that_changes_between_check_and_connection_is_called_where_it_was_checked(canary: Canary) -> None:
    with Server(saying(answer(body="public"))) as server:
        internet = Internet(server, {"rebinding.test": [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]})
        outcome = get(Http(resolve=internet.resolve, dial=internet.dial), f"http://rebinding.test:{canary.port}/")
        assert (outcome.output, internet.resolved) == ("public", ["rebinding.test"])
        assert internet.called == [(PUBLIC, canary.port)]
    assert canary.calls == 0


def test_no_variable_of_the_environment_sends_a_request_elsewhere(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with Server(saying(answer(body="direct"))) as server:
        internet = Internet(server, {"public.test": [[PUBLIC]]})
        assert get(Http(resolve=internet.resolve, dial=internet.dial), "http://public.test/").output == "direct"
    assert canary.calls == 0


# Ports


@pytest.mark.parametrize("port", [22, 25, 53, 1, 1023, 2375, 3306, 5432, 6379, 9200, 10250, 11211, 27017, 6667])
def test_a_port_of_something_else_than_a_web_server_is_refused(canary: Canary, port: int) -> None:
    internet = everywhere_leads_to(canary)
    internet.names["public.test"] = [[PUBLIC]]
    outcome = get(Http(resolve=internet.resolve, dial=internet.dial), f"http://public.test:{port}/")
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.permanent) == ("port_refused", True)
    assert str(port) in outcome.error.detail
    assert (canary.calls, internet.called) == (0, [])


def test_nor_does_a_redirect_lead_to_such_a_port(canary: Canary) -> None:
    with Server(saying(answer("302 Found", Location="http://public.test:6379/"))) as server:
        internet = Internet(server, {"public.test": [[PUBLIC]]})
        outcome = get(Http(resolve=internet.resolve, dial=internet.dial), "http://public.test/")
        assert outcome.error is not None
        assert (outcome.error.code, internet.called) == ("port_refused", [(PUBLIC, 80)])


@pytest.mark.parametrize("port", [80, 443, 1024, 3000, 5000, 8000, 8080, 8443, 8888, 32768, 49152, 65535])
def test_ports_that_web_servers_use_may_be_asked(port: int) -> None:
    assert may_be_asked(port)


def test_every_port_that_the_kernel_gives_to_local_servers_may_be_asked() -> None:
    assert all(may_be_asked(port) for port in range(32_768, 65_536))


def test_a_stage_that_may_call_its_own_networks_calls_any_port_of_them() -> None:
    with Server(saying(answer(body="mine"))) as server:
        internet = Internet(server, {"inside.test": [["10.0.0.1"]], "public.test": [[PUBLIC]]})
        http = Http(resolve=internet.resolve, dial=internet.dial, allow_private_targets=True)
        assert get(http, "http://inside.test:9200/").output == "mine"
        refused = get(http, "http://public.test:9200/")
        assert refused.error is not None
        assert refused.error.code == "port_refused"


# What a server may do to us


def ask(head: bytes, forever: bytes = b"", timeout: timedelta = TIME) -> Outcome:
    """What comes of a server that says something, and then one thing for ever."""

    def script(connection: socket.socket, request: str) -> None:
        connection.sendall(head)
        while forever:
            connection.sendall(forever)

    with Server(script) as server:
        internet = Internet(server, {"public.test": [[PUBLIC]], "127.0.0.1": [["127.0.0.1"]]})
        http = Http(resolve=internet.resolve, dial=internet.dial)
        return http.perform({"url": "http://public.test/", "method": "GET"}, timeout, CONTEXT)


@pytest.mark.parametrize(
    ("head", "forever"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 4096),
        (b"HTTP/1.1 200 OK\r\n", b"X-Many: x\r\n"),
        (b"HTTP/1.1 200 ", b"OK" * 2048),
        (b"", b"x" * 4096),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"f" * 4096),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * 4096),
    ],
)
def test_headers_and_lines_without_an_end_are_given_up(head: bytes, forever: bytes) -> None:
    outcome = ask(head, forever)
    assert outcome.error is not None
    assert outcome.error.code == "connection_failed"
    assert len(outcome.error.detail) < 1500


def test_interim_answers_without_an_end_last_no_longer_than_the_timeout() -> None:
    outcome = ask(b"", b"HTTP/1.1 100 Continue\r\n\r\n", timedelta(seconds=0.5))
    assert outcome.status is AttemptStatus.TIMED_OUT


def test_a_redirect_with_a_body_without_an_end_is_followed_all_the_same() -> None:
    outcome = ask(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", b"x" * 4096)
    assert outcome.error is not None
    assert outcome.error.code == "address_refused"
