"""What an http action may reach, also by way of names, redirects and certificates."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.actions.http import Http
from chalicelib.core.run import AttemptStatus, Outcome
from tests.actions.serving import Internet, Server, answer, saying

CONTEXT = {"run_id": "t1-1767225600000", "attempt": "1"}
TIME = timedelta(seconds=10)
PUBLIC, OTHER_PUBLIC = "93.184.216.34", "1.1.1.1"


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def get(http: Http, url: str, **action: object) -> Outcome:
    return http.perform({"url": url, "method": "GET"} | action, TIME, CONTEXT)


# Addresses


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "localhost",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "100.64.0.1",
    ],
)
def test_this_machine_and_its_networks_are_refused_however_they_are_written(host: str) -> None:
    with Server(saying(answer())) as server:
        outcome = get(Http(), f"http://{host}:{server.port}/")
        assert code(outcome) == "address_refused"
        assert outcome.error is not None
        assert outcome.error.permanent
        assert server.requests == []


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["::ffff:10.0.0.1"], ["fd00::1"], [PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], ["169.254.169.254"]],
)
def test_a_name_that_leads_to_them_even_among_others_is_refused(addresses: Sequence[str]) -> None:
    with Server(saying(answer())) as server:
        internet = Internet(server, {"evil.test": [addresses]})
        outcome = get(Http(resolve=internet.resolve, dial=internet.dial), "http://evil.test/")
        assert code(outcome) == "address_refused"
        assert internet.called == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked() -> None:
    with Server(saying(answer())) as server:
        internet = Internet(server, {"rebinding.test": [[PUBLIC], ["127.0.0.1"]]})
        outcome = get(Http(resolve=internet.resolve, dial=internet.dial), "http://rebinding.test/")
        assert outcome.status is AttemptStatus.SUCCEEDED
        assert internet.resolved == ["rebinding.test"]
        assert internet.called == [(PUBLIC, 80)]


def test_a_stage_may_allow_its_own_networks_but_never_where_clouds_keep_credentials() -> None:
    with Server(saying(answer(body="mine"))) as server:
        http = Http(allow_private_targets=True)
        assert get(http, f"http://localhost:{server.port}/").output == "mine"
        assert code(get(http, "http://169.254.169.254/latest/meta-data/")) == "address_refused"
        assert code(get(http, "http://[::ffff:169.254.169.254]/")) == "address_refused"


# Redirects


def redirecting(*locations: str, status: str = "302 Found") -> list[bytes]:
    return [answer(status, "elsewhere", Location=location) for location in locations]


@pytest.mark.parametrize("location", ["http://127.0.0.1/", "http://inside.test/", "//inside.test/", "http://[::1]/"])
def test_a_redirect_to_the_inside_is_refused(location: str) -> None:
    with Server(saying(*redirecting(location), answer(body="secret"))) as server:
        names = {"public.test": [[PUBLIC]], "inside.test": [["10.0.0.1"]]}
        names |= {"127.0.0.1": [["127.0.0.1"]], "::1": [["::1"]]}
        internet = Internet(server, {name: list(addresses) for name, addresses in names.items()})
        outcome = get(Http(resolve=internet.resolve, dial=internet.dial), "http://public.test/")
        assert code(outcome) == "address_refused"
        assert internet.called == [(PUBLIC, 80)]


def test_a_name_that_changes_its_address_between_redirects_is_refused() -> None:
    with Server(saying(*redirecting("/again"), answer(body="secret"))) as server:
        internet = Internet(server, {"rebinding.test": [[PUBLIC], ["127.0.0.1"]]})
        outcome = get(Http(resolve=internet.resolve, dial=internet.dial), "http://rebinding.test/")
        assert code(outcome) == "address_refused"
        assert internet.called == [(PUBLIC, 80)]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://public.test/", "gopher://public.test/"])
def test_a_redirect_away_from_http_is_refused(location: str) -> None:
    with Server(saying(*redirecting(location))) as server:
        internet = Internet(server, {"public.test": [[PUBLIC]]})
        outcome = get(Http(resolve=internet.resolve, dial=internet.dial), "http://public.test/")
        assert code(outcome) == "invalid_request"


def redirected(*answers: bytes, **action: object) -> tuple[Outcome, Server]:
    """A request to public.test, and the server that it and other.test lead to."""
    with Server(saying(*answers)) as server:
        internet = Internet(server, {"public.test": [[PUBLIC]], "other.test": [[OTHER_PUBLIC]]})
        http = Http(resolve=internet.resolve, dial=internet.dial)
        return http.perform({"url": "http://public.test/start", "method": "GET"} | action, TIME, CONTEXT), server


def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    outcome, server = redirected(*redirecting("/1", "2", "http://other.test/3"), answer(body="here"))
    assert outcome.output == "here"
    assert [request.split()[1] for request in server.requests] == ["/start", "/1", "/2", "/3"]
    assert "Host: other.test" in server.requests[-1]

    outcome, server = redirected(*redirecting("/1", "/2", "/3", "/4"), answer(body="here"))
    assert code(outcome) == "too_many_redirects"
    assert len(server.requests) == 4


def test_a_redirect_that_is_expected_is_the_answer() -> None:
    outcome, server = redirected(*redirecting("/1"), answer(body="here"), expect_status=302)
    assert (outcome.http_status, len(server.requests)) == (302, 1)


SECRETS = {"Authorization": "Bearer s3cret", "Cookie": "s3cret", "X-Api-Key": "s3cret", "Accept": "text/csv"}


def test_headers_that_may_hold_a_secret_stay_with_their_origin() -> None:
    _, server = redirected(*redirecting("http://other.test/"), answer(), headers=SECRETS)
    assert "s3cret" in server.requests[0]
    assert "s3cret" not in server.requests[1]
    assert "accept: text/csv" in server.requests[1]


def test_a_body_that_holds_a_secret_stays_with_its_origin() -> None:
    moved = redirecting("http://other.test/", status="307 Temporary")
    outcome, server = redirected(*moved, answer(), method="POST", body="s3cret", body_holds_secret=True)
    assert code(outcome) == "redirect_refused"
    assert len(server.requests) == 1
    outcome, server = redirected(*moved, answer(), method="POST", body="public")
    assert server.requests[1].endswith("public")
    see_other = redirecting("http://other.test/", status="303 See Other")
    outcome, server = redirected(*see_other, answer(body="here"), method="POST", body="s3cret", body_holds_secret=True)
    assert (outcome.output, "s3cret" in server.requests[1]) == ("here", False)


def test_another_port_of_the_same_host_is_another_origin() -> None:
    _, server = redirected(*redirecting("http://public.test:8080/"), answer(), headers=SECRETS)
    assert "s3cret" not in server.requests[1]


def test_headers_follow_within_their_origin() -> None:
    _, server = redirected(*redirecting("/next"), answer(), headers=SECRETS)
    assert server.requests[1].count("s3cret") == 3


@pytest.mark.parametrize(
    ("status", "method", "following"),
    [
        ("301 Moved", "POST", "GET"),
        ("302 Found", "POST", "GET"),
        ("303 See Other", "PUT", "GET"),
        ("307 Temporary", "POST", "POST"),
        ("308 Permanent", "POST", "POST"),
        ("302 Found", "PUT", "PUT"),
        ("303 See Other", "HEAD", "HEAD"),
    ],
)
def test_method_and_body_follow_as_browsers_do_it(status: str, method: str, following: str) -> None:
    _, server = redirected(*redirecting("/next", status=status), answer(), method=method, body="abc")
    assert server.requests[1].startswith(f"{following} /next ")
    assert server.requests[1].endswith("\n\nabc") == (following == method != "HEAD")


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a server that is `public.test` and 93.184.216.34, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "public.test")])
    names = x509.SubjectAlternativeName([x509.DNSName("public.test"), x509.IPAddress(ip_address(PUBLIC))])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(written + signed.public_bytes(pem))
    return path


def securely(url: str, certificate: Path, trusted: bool = True) -> tuple[Outcome, list[str | None]]:
    """A request to a TLS server at whatever address the host leads to, and the names it was asked to be."""
    asked: list[str | None] = []
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    serving.sni_callback = lambda connection, name, context: asked.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    with Server(saying(answer(body="securely")), tls=serving) as server:
        names: dict[str, list[Sequence[str]]] = {name: [[PUBLIC]] for name in ("public.test", "other.test", PUBLIC)}
        internet = Internet(server, names)
        http = Http(resolve=internet.resolve, dial=internet.dial, certificates=lambda: trusting)
        return get(http, url), asked


def test_the_server_is_asked_to_be_the_name_although_the_connection_goes_to_an_address(certificate: Path) -> None:
    outcome, asked = securely("https://public.test/", certificate)
    assert outcome.output == "securely"
    assert asked == ["public.test"]


def test_an_address_is_checked_as_an_address(certificate: Path) -> None:
    outcome, _ = securely(f"https://{PUBLIC}/", certificate)
    assert outcome.output == "securely"


def test_a_server_with_another_name_is_not_believed(certificate: Path) -> None:
    outcome, asked = securely("https://other.test/", certificate)
    assert code(outcome) == "tls_failed"
    assert asked == ["other.test"]


def test_a_server_that_nobody_vouches_for_is_not_believed(certificate: Path) -> None:
    outcome, _ = securely("https://public.test/", certificate, trusted=False)
    assert code(outcome) == "tls_failed"


def test_a_server_that_speaks_no_tls_is_a_failure() -> None:
    with Server(lambda connection, request: None) as server:
        outcome = Http(allow_private_targets=True).perform(
            {"url": f"https://127.0.0.1:{server.port}/"}, timedelta(seconds=0.3), CONTEXT
        )
        assert outcome.status is AttemptStatus.TIMED_OUT
