"""The demo's AWS: moto's server with this demo's patches, run as a process of its own.

Started by :mod:`mapper.demo.server` as ``python -P -m mapper.demo.moto_server PORT``; never
imported by the command line. It binds to loopback only, prints one JSON line
(``{"port": ...}`` or ``{"error": ...}``) and ends when its standard input does, which is what
happens when its parent dies in whatever way.

Control addresses, all under ``/demo/``, all but ``identity`` asking for the token that the parent
passed in ``MAPPER_DEMO_TOKEN``:

* ``GET /demo/identity?nonce=N``: HMAC-SHA256 of the nonce, so that a builder knows its server.
* ``POST /demo/seed`` ``{"seed": 1}``, ``/demo/accounts`` ``["111111111111", ...]`` (the ids that
  the next ``CreateOrganization`` and ``CreateAccount`` calls get), ``/demo/freeze`` (stop the
  clock).
* ``POST /demo/deny``: the whole list of rules (see :mod:`mapper.demo.denials`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Environ = dict[str, Any]


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _fall_silent() -> None:
    """Nobody reads our output any more: moto prints a line for every call to a service that it
    lacks, under the lock that all calls take, and would stand still when the pipe is full."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


def _end_with_parent() -> None:
    """End this process when the parent's end of standard input closes."""

    def wait() -> None:
        # Not sys.stdin: its lock, held here, would abort an interpreter that ends otherwise.
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


class Control:
    """The ``/demo/`` addresses."""

    def __init__(self, token: str) -> None:
        import mapper.demo.moto_patches as patches
        from mapper.demo.denials import Denials

        self._token = token.encode()
        self._patches = patches
        self.denials = Denials()

    def answer(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Answer one control request with JSON."""
        try:
            status, body = self._handle(environ)
        except (ValueError, KeyError, TypeError) as error:
            status, body = "400 Bad Request", {"error": str(error)}
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _handle(self, environ: Environ) -> tuple[str, Any]:
        path = environ["PATH_INFO"]
        if path == "/demo/identity":
            nonce = parse_qs(environ.get("QUERY_STRING", ""))["nonce"][0]
            proof = hmac.new(self._token, nonce.encode(), hashlib.sha256).hexdigest()
            return "200 OK", {"proof": proof}
        given = environ.get("HTTP_X_MAPPER_DEMO_TOKEN", "").encode()
        if not hmac.compare_digest(given, self._token):
            return "403 Forbidden", {"error": "wrong token"}
        length = int(environ.get("CONTENT_LENGTH") or 0)
        value = json.loads(environ["wsgi.input"].read(length) or b"null")
        if path == "/demo/seed":
            self._patches.seed(int(value["seed"]))
        elif path == "/demo/accounts":
            self._patches.account_ids.extend(str(account) for account in value)
        elif path == "/demo/freeze":
            self._patches.clock.freeze()
        elif path == "/demo/deny":
            self.denials.replace(value)
        else:
            return "404 Not Found", {"error": f"no control address {path}"}
        return "200 OK", {}


def _is_page(headers: list[tuple[str, str]]) -> bool:
    """Say whether this is a page for a browser, which no AWS service answers with."""
    kinds = [value for name, value in headers if name.lower() == "content-type"]
    return any(kind.startswith("text/html") and "charset" in kind for kind in kinds)


def _serve(listener: socket.socket, token: str) -> None:
    from werkzeug.serving import make_server

    import mapper.demo.moto_patches as patches

    patches.apply()
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )

    from mapper.demo.denials import unsupported

    aws = DomainDispatcherApplication(create_backend_app)
    control = Control(token)

    def application(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/demo/"):
            return control.answer(environ, start)
        refusal = control.denials.refusal(environ)
        if refusal is not None:
            return refusal(environ, start)
        held: list[tuple[str, list[tuple[str, str]]]] = []
        try:
            body = aws(environ, lambda status, headers, _=None: held.append((status, headers)))
        except NotImplementedError as error:
            return unsupported(str(error))(environ, start)
        except Exception as error:  # a fault of moto's must not look like a page
            traceback.print_exc()
            return unsupported(f"this simulator failed: {error!r}")(environ, start)
        status, headers = held[0]
        if status[:3] in ("404", "500") and _is_page(headers):
            return unsupported("this simulator does not offer the operation")(environ, start)
        start(status, headers)
        answer: Iterable[bytes] = body
        return answer

    class QuietHandler(MotoRequestHandler):
        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            """Say nothing: a build makes hundreds of requests."""

    host, port = listener.getsockname()[:2]
    server = make_server(
        host,
        port,
        application,
        threaded=True,
        request_handler=QuietHandler,
        fd=listener.fileno(),
    )
    _say({"port": port})
    _fall_silent()
    server.serve_forever()


def main(arguments: list[str]) -> int:
    """Serve until standard input closes. ``arguments`` is one port, 0 for any free one."""
    token = os.environ.pop("MAPPER_DEMO_TOKEN", "")
    if not token:
        _say({"error": "this server is started by mapper demo, not by hand"})
        return 2
    port = int(arguments[0])
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        _say({"error": f"port {port} of 127.0.0.1 cannot be used ({error.strerror})"})
        return 1
    os.environ["MOTO_PORT"] = str(listener.getsockname()[1])
    _end_with_parent()
    try:
        _serve(listener, token)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "mapper":
            raise
        _say({"missing": error.name})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
