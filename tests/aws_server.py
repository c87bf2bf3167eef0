"""moto's server as a process, and a front before it that can answer differently.

The collector sees only an endpoint and credentials.
"""

from __future__ import annotations

import http.client
import http.server
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MotoServer:
    """A plain ``moto_server`` process; only Amazon's own images are left out."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            env={
                "PATH": "/usr/bin:/bin",
                "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("moto's server does not listen")

    def stop(self) -> None:
        # It holds nothing worth keeping, and a busy machine lets it end late.
        self._process.kill()
        self._process.wait()


@dataclass(frozen=True)
class Request:
    """What the front sees of a request."""

    service: str
    region: str
    access_key: str
    operation: str
    params: dict[str, str]
    path: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


Rule = Callable[[Request], "Answer | None"]


class Front:
    """Hands requests on to moto unless a rule answers; remembers what was asked."""

    def __init__(self, backend_port: int) -> None:
        self.rule: Rule | None = None
        self.delay = 0.0
        self.asked: list[Request] = []
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = _understood(self.path, dict(self.headers), body)
                front.asked.append(request)
                if front.delay:
                    time.sleep(front.delay)
                answer = front.rule(request) if front.rule else None
                if answer is not None:
                    self._send(answer.status, answer.body.encode(), answer.headers)
                    return
                backend = http.client.HTTPConnection("127.0.0.1", backend_port, timeout=30)
                backend.request(self.command, self.path, body, dict(self.headers))
                given = backend.getresponse()
                data = given.read()
                kept = {k: v for k, v in given.getheaders() if k.lower().startswith(("x-", "cont"))}
                kept.pop("Content-Length", None)
                self._send(given.status, data, kept)
                backend.close()

            def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")


def _understood(path: str, headers: dict[str, str], body: bytes) -> Request:
    scope = _SCOPE.search(headers.get("Authorization", ""))
    key, region, service = scope.groups() if scope else ("", "", "")
    target = headers.get("X-Amz-Target", "")
    params: dict[str, str] = {}
    operation = target.rpartition(".")[2]
    if not operation and headers.get("Content-Type", "").startswith("application/x-www-form"):
        params = {k: v[0] for k, v in parse_qs(body.decode()).items()}
        operation = params.get("Action", "")
    if not operation:
        operation = urlsplit(path).path + "?" + urlsplit(path).query
    return Request(service, region, key, operation, params, path)


def ec2_error(code: str, message: str, status: int = 403) -> Answer:
    """An error as EC2 words it."""
    return Answer(
        status,
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        "</Errors><RequestID>0a1b2c3d</RequestID></Response>",
        {"Content-Type": "text/xml"},
    )


def query_error(code: str, message: str, status: int = 403) -> Answer:
    """An error as IAM, STS, SNS and RDS word it."""
    return Answer(
        status,
        f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>0a1b2c3d</RequestId></ErrorResponse>",
        {"Content-Type": "text/xml"},
    )


def json_error(code: str, message: str, status: int = 400) -> Answer:
    """An error as JSON services word it."""
    return Answer(
        status,
        f'{{"__type": "{code}", "message": "{message}"}}',
        {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code},
    )
