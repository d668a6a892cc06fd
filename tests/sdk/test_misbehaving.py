"""Answers that are none of Punctual's: each is one sentence that says what came and what to do, and no stack trace."""

from __future__ import annotations

import json
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from punctual_client import Client, Invalid, NotAllowed, NotEncrypted, UnexpectedAnswer, Unreachable, WrongAddress
from tests.actions.serving import Server, answer, saying
from tests.sdk.test_repeating import Clock, at

PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"


def test_a_page_of_a_proxy_is_named_as_such() -> None:
    with Server(
        saying(answer("502 Bad Gateway", PAGE, Content_Type="text/html; charset=utf-8", Connection="close"))
    ) as server:
        with pytest.raises(UnexpectedAnswer, match="answered 502 with text/html that is not the JSON of Punctual"):
            at(server).me()
        assert len(server.requests) == 5


@pytest.mark.parametrize(
    "came",
    [
        answer("200 OK", PAGE, Content_Type="text/html", Connection="close"),
        answer("200 OK", '{"items": [', Content_Type="application/json", Connection="close"),
        answer("200 OK", b"\xff\xfe\x00", Content_Type="application/json", Connection="close"),
        answer("200 OK", "", Connection="close"),
        answer("404 Not Found", "[]", Connection="close"),
        answer("200 OK", '["of", "another"]', Connection="close"),
        answer("200 OK", "[" * 100_000, Connection="close"),
    ],
    ids=["page", "broken off", "bytes", "empty", "no problem", "no object", "deep"],
)
def test_what_is_no_json_of_punctual_is_unexpected(came: bytes) -> None:
    with Server(saying(came)) as server, pytest.raises(UnexpectedAnswer, match="is not the JSON of Punctual"):
        at(server).me()


def test_a_list_without_items_is_unexpected() -> None:
    with Server(saying(answer("200 OK", "{}", Connection="close"))) as server:
        for found in (at(server).tasks.list(), at(server).functions.list()):
            with pytest.raises(UnexpectedAnswer, match="is it Punctual"):
                next(found)


def test_an_answer_shorter_than_it_says_is_asked_for_again() -> None:
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"
    whole = answer("200 OK", '{"status": "ok"}', Connection="close")
    with Server(saying(short, whole)) as server:
        assert at(server).health()["status"] == "ok"
    with Server(saying(short)) as server, pytest.raises(Unreachable, match="did not answer"):
        at(server, retries=1).health()


def test_a_server_that_says_nothing_is_given_up() -> None:
    def silent(connection: object, request: str) -> None:
        quiet.hung_up.wait(0.5)

    with Server(silent) as quiet:
        client = Client(f"http://127.0.0.1:{quiet.port}", timeout=timedelta(milliseconds=100), retries=1, clock=Clock())
        with pytest.raises(Unreachable, match=r"did not answer: .*timed out"):
            client.health()


def test_something_that_is_no_web_server_is_unreachable() -> None:
    with Server(saying(b"SSH-2.0-OpenSSH_9.2\r\n")) as server, pytest.raises(Unreachable):
        at(server, retries=0).health()


def test_a_redirect_is_not_followed_and_the_token_stays_here() -> None:
    with Server(saying(answer())) as elsewhere:
        there = f"http://127.0.0.1:{elsewhere.port}/"
        told = pytest.raises(UnexpectedAnswer, match=f"sends on to {there}, and a token is not sent on")
        with Server(saying(answer("307 Temporary Redirect", Location=there, Connection="close"))) as server, told:
            at(server).me()
        assert elsewhere.requests == []


def test_a_name_that_nobody_has_is_unreachable() -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.invalid cannot be reached"):
        Client("https://nowhere.invalid", retries=0).health()


def test_only_a_certificate_that_somebody_vouches_for_is_believed(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with Server(saying(answer("200 OK", '{"status": "ok"}', Connection="close")), tls=tls) as server:
        clock, url = Clock(), f"https://127.0.0.1:{server.port}"
        with pytest.raises(Unreachable, match=r"could not prove who it is: .*certificate verify failed"):
            Client(url, "pct_a_b_c", clock=clock).me()
        assert (clock.slept, server.requests) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert Client(url).health()["status"] == "ok"
        with pytest.raises(Unreachable, match=r"could not prove who it is: .*localhost"):
            Client(url.replace("127.0.0.1", "localhost")).health()


def test_http_to_another_machine_is_warned_of() -> None:
    with pytest.warns(NotEncrypted, match=r"^10\.1\.2\.3 is asked by http: .*Use https\.$"):
        Client("http://10.1.2.3", "pct_a_b_c")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"message": "Missing Authentication Token"}', NotAllowed),
        ('{"detail": 5, "errors": {"a": 1}, "code": null}', NotAllowed),
        ('{"errors": [1, {"pointer": "/a", "detail": null}]}', NotAllowed),
    ],
)
def test_a_problem_that_is_odd_is_told_as_far_as_it_goes(body: str, kind: type[NotAllowed]) -> None:
    with Server(saying(answer("403 Forbidden", body, Connection="close"))) as server, pytest.raises(kind) as told:
        at(server).me()
    assert str(told.value)


@pytest.mark.parametrize("said", ["Missing Authentication Token", "Forbidden"])
def test_an_address_without_its_stage_is_told_as_that(said: str) -> None:
    body = json.dumps({"message": said})
    with (
        Server(saying(answer("403 Forbidden", body, Connection="close"))) as server,
        pytest.raises(NotAllowed, match=rf"^{said}\. .* is its stage in the address"),
    ):
        at(server).me()


def test_a_status_that_nobody_has_heard_of_is_told() -> None:
    with (
        Server(saying(answer("499 What", "{}", Connection="close"))) as server,
        pytest.raises(Invalid, match="the server answered 499"),
    ):
        at(server).me()


def test_a_proxy_that_the_environment_names_is_used_for_other_machines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = answer("200 OK", '{"status": "ok"}', Connection="close")
    with Server(saying(whole)) as proxy, Server(saying(whole)) as server:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "near.example")
        with pytest.warns(NotEncrypted):
            assert Client("http://punctual.test", clock=Clock()).health()["status"] == "ok"
        assert proxy.requests[0].startswith("GET http://punctual.test/api/health ")
        assert at(server, token=None).health()["status"] == "ok"
        assert len(proxy.requests) == 1
        monkeypatch.setenv("https_proxy", "nonsense://")
        with pytest.raises(WrongAddress, match="the proxy that the environment names for https is no address"):
            Client("https://punctual.test")
