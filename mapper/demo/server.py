"""Start and stop the demo's own AWS: moto's server on loopback, as a process of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

INSTALL_HINT = "pip install 'aws-mapper[demo]'"

DUMMY_ACCESS_KEY = "testing"
DUMMY_SECRET_KEY = "testing"  # noqa: S105  # moto checks no signature


class DemoError(Exception):
    """The demo cannot be played; the message names the reason and the remedy."""


_started: dict[str, str] = {}


def _without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def isolated_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a copy of an environment in which no AWS credentials or configuration can be found.

    Every ``AWS_*`` variable is gone, the files point at nothing, the metadata service is off and
    the keys are dummies. ``environment`` is ``os.environ`` when absent.
    """
    clean = _without_aws(os.environ if environment is None else environment)
    clean.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_ACCESS_KEY_ID=DUMMY_ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=DUMMY_SECRET_KEY,
        BOTO_CONFIG=os.devnull,
    )
    # The demo's server is on loopback: a proxy would only see what must not leave.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        clean.pop(name, None)
        clean.pop(name.lower(), None)
    clean["NO_PROXY"] = clean["no_proxy"] = "127.0.0.1,localhost,::1"
    return clean


def is_own_server(endpoint: str) -> bool:
    """Say whether this process started the server at ``endpoint`` and it is still that server.

    The server proves that it knows the token it was started with; the token itself is not sent.
    """
    token = _started.get(endpoint)
    if token is None:
        return False
    nonce = secrets.token_hex(16)
    try:
        answer = _request(f"{endpoint}/demo/identity?nonce={nonce}")
    except OSError:
        return False
    proof = hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()
    return isinstance(answer, dict) and hmac.compare_digest(str(answer.get("proof")), proof)


def control(endpoint: str, address: str, value: Any) -> None:
    """Send a control request (see :mod:`mapper.demo.moto_server`) to a server started here.

    Raises:
        DemoError: if this process did not start that server, or the server refuses.
    """
    token = _started.get(endpoint)
    if token is None:
        raise DemoError(f"{endpoint} is not a server that this process started")
    try:
        _request(
            f"{endpoint}/demo/{address}",
            data=json.dumps(value).encode(),
            headers={"X-Mapper-Demo-Token": token, "Content-Type": "application/json"},
        )
    except OSError as error:
        raise DemoError(f"the demo's server refused {address}: {error}") from error


def _request(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    # A proxy of the environment must not see requests to loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=data, headers=headers or {})  # noqa: S310
    with opener.open(request, timeout=10) as response:
        return json.loads(response.read())


class DemoServer:
    """A running server; a context manager that stops it.

    Attributes:
        endpoint: ``http://127.0.0.1:PORT``, what the collectors are given.
    """

    def __init__(self, process: subprocess.Popen[bytes], endpoint: str, log: IO[bytes]) -> None:
        self._process = process
        self._log = log
        self.endpoint = endpoint

    def __enter__(self) -> DemoServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def check(self) -> None:
        """Return if the server still runs.

        Raises:
            DemoError: if it died, with the last line it said.
        """
        if self._process.poll() is not None:
            raise DemoError(
                f"the demo's AWS server ended (exit code {self._process.returncode}); "
                f"its last words: {_last_words(self._log) or 'none'}; run the demo again"
            )

    def deny(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Refuse the calls that these rules match from now on; ``[]`` refuses none.

        See :mod:`mapper.demo.denials` for what a rule holds.
        """
        control(self.endpoint, "deny", list(rules))

    def close(self) -> None:
        """Stop the server; more than once does no harm."""
        _started.pop(self.endpoint, None)
        _stop(self._process)
        self._log.close()


def start_server(port: int = 0, timeout: float = 60.0) -> DemoServer:
    """Start the demo's AWS on 127.0.0.1 and wait until it answers.

    Args:
        port: 0 takes a free one.
        timeout: seconds to wait for the first answer.

    Raises:
        DemoError: if moto is not installed, the port is taken, or the server dies or stays silent.
    """
    token = secrets.token_hex(32)
    environment = isolated_environment()
    environment["MAPPER_DEMO_TOKEN"] = token
    package_root = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(
        part for part in (package_root, environment.get("PYTHONPATH", "")) if part
    )
    log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by DemoServer.close
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", "mapper.demo.moto_server", str(port)],
        env=environment,
        stdin=subprocess.PIPE,  # its end tells the server that we are gone
        stdout=subprocess.PIPE,
        stderr=log,
    )
    try:
        endpoint = f"http://127.0.0.1:{_announced_port(process, log, timeout)}"
        _started[endpoint] = token
        if not _answers(endpoint, process, timeout):
            _started.pop(endpoint, None)
            raise DemoError(
                "the demo's AWS server started but did not answer on "
                f"{endpoint}: {_last_words(log) or 'it said nothing'}"
            )
    except BaseException:
        _stop(process)
        log.close()
        raise
    return DemoServer(process, endpoint, log)


def _announced_port(process: subprocess.Popen[bytes], log: IO[bytes], timeout: float) -> int:
    """Read the one line that the server prints: its port, or why there is none."""
    assert process.stdout is not None
    late = threading.Timer(timeout, process.kill)
    late.start()
    line = process.stdout.readline()
    late.cancel()
    try:
        message = json.loads(line)
    except ValueError:
        process.wait()
        raise DemoError(
            f"the demo's AWS server did not start (exit code {process.returncode}): "
            f"{_last_words(log) or f'it was silent for {timeout:.0f} s'}"
        ) from None
    if "missing" in message:
        raise DemoError(
            f"the demo needs moto's server, and {message['missing']} is not installed: "
            f"{INSTALL_HINT}"
        )
    if "error" in message:
        raise DemoError(
            f"the demo's AWS server did not start: {message['error']}; choose another port"
        )
    return int(message["port"])


def _answers(endpoint: str, process: subprocess.Popen[bytes], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and process.poll() is None:
        if is_own_server(endpoint):
            return True
        time.sleep(0.02)
    return False


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""


def _stop(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            pipe.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
