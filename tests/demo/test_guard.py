"""The builder touches nothing but a server that this process started."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from mapper.demo import DemoError, build, start_server
from mapper.demo.clients import Clients
from mapper.demo.server import DUMMY_ACCESS_KEY
from tests.demo.conftest import HOSTILE_ENVIRONMENT, Built

# The worlds are built once in each worker that needs them.
pytestmark = pytest.mark.xdist_group("demo-worlds")


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in HOSTILE_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


class _Recorder(http.server.BaseHTTPRequestHandler):
    """A loopback server that somebody else started; it must hear of no AWS call."""

    heard: list[str]

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"proof": "00"}')

    do_POST = do_PUT = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []
    handler = type("Handler", (_Recorder,), {"heard": heard})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "endpoint",
    [
        "https://ec2.eu-west-1.amazonaws.com",
        "https://127.0.0.1:5000",
        "http://127.0.0.1",
        "http://10.0.0.1:5000",
        "http://127.0.0.1.example.com:5000",
        "http://127.0.0.1:5000@example.com:80",
        "http://user@127.0.0.1:5000",
        "http://127.0.0.1:5000/path",
        "http://[::1]:5000",
        "http://localhost:5000",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_foreign_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(DemoError, match=r"own simulator|not a simulator"):
        build(endpoint)


@pytest.mark.usefixtures("hostile")
def test_a_strange_server_on_loopback_is_refused(stranger: tuple[str, list[str]]) -> None:
    endpoint, heard = stranger
    with pytest.raises(DemoError, match="not a simulator that this process started"):
        build(endpoint)
    assert heard == []


@pytest.mark.usefixtures("hostile")
def test_a_stranger_on_the_port_of_a_server_of_ours_is_refused(
    stranger: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    import mapper.demo.server as server

    endpoint, heard = stranger
    monkeypatch.setitem(server._started, endpoint, "the token of a server that died")
    with pytest.raises(DemoError, match="not a simulator that this process started"):
        build(endpoint)
    assert [path.partition("?")[0] for path in heard] == ["/demo/identity"]


@pytest.mark.usefixtures("hostile")
def test_no_request_carries_anything_of_the_environment() -> None:
    with start_server() as server:
        clients = Clients(server.endpoint)
        sent: list[Any] = []
        clients._session.events.register(
            "before-send.*.*", lambda request, **_: sent.append(request)
        )
        for service, operation in (("sts", "get_caller_identity"), ("s3", "list_buckets")):
            getattr(clients("777777777777", service), operation)()
        block = clients("777777777777", "s3control").put_public_access_block
        block(AccountId="777777777777", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        assert len(sent) == clients.calls == 4
        for request in sent:
            text = request.url + str(request.headers)
            assert urlsplit(request.url).netloc == urlsplit(server.endpoint).netloc
            assert not any(value in text for value in HOSTILE_ENVIRONMENT.values())
        assert f"Credential={DUMMY_ACCESS_KEY}/" in str(sent[0].headers)


def test_a_request_for_elsewhere_does_not_leave(fixed: Built) -> None:
    clients = Clients(fixed.world.endpoint)

    def divert(request: Any, **_: Any) -> None:
        request.url = "http://192.0.2.1:9/"

    clients._session.events.register("before-sign.sts", divert)
    with pytest.raises(DemoError, match="about to leave"):
        clients("777777777777", "sts").get_caller_identity()
