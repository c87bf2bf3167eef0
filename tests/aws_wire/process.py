"""The wire server in a process of its own, with its control.

    python -m aws_wire.process PORT OPTIONS

where OPTIONS is a JSON object: the arguments of :class:`SyntheticWorld` under ``world``, of
:class:`Estate` under ``estate``, a directory of recorded answers under ``recorded``, and
``limits`` and ``latency``.
"""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aws_server import free_port
from aws_wire.faults import Fault
from aws_wire.identity import Estate
from aws_wire.recorded import RecordedWorld
from aws_wire.requests import access_key_of
from aws_wire.server import PREFIX, Asked, Wire, listening
from aws_wire.synthetic import SyntheticWorld

_ROOT = Path(__file__).parents[2]


def made(options: Mapping[str, Any]) -> Wire:
    """The wire that the options describe."""
    worlds: list[Any] = []
    if options.get("recorded"):
        worlds.append(RecordedWorld(Path(options["recorded"])))
    worlds.append(SyntheticWorld(**options.get("world", {})))
    estate = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in options.get("estate", {}).items()
    }
    return Wire(
        worlds,
        Estate(**estate),
        limits=bool(options.get("limits")),
        latency=float(options.get("latency", 0.0)),
    )


def environment(url: str, account: str, region: str = "us-east-1") -> dict[str, str]:
    """Environment variables that give boto3 an endpoint and credentials, and nothing else."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": access_key_of(account),
        "AWS_SECRET_ACCESS_KEY": "wire",
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # There are no names such as api.127.0.0.1.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


class WireProcess:
    """A wire server in a process of its own; use it as a context manager.

    Attributes:
        url: its endpoint.
    """

    def __init__(self, **options: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "aws_wire.process", str(self.port), json.dumps(options)],
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "tests"))),
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            # The server ends when this end of the pipe does, however its owner ended.
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for _ in range(600):
            try:
                self._control("asked")
                return
            except OSError:
                self._connection.close()
                time.sleep(0.05)
            if self._process.poll() is not None:
                break
        raise RuntimeError("the wire server does not listen")

    def __enter__(self) -> WireProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _control(self, command: str, value: object = None) -> Any:
        body = json.dumps(value).encode() if value is not None else b""
        self._connection.request("POST", PREFIX + command, body)
        return json.loads(self._connection.getresponse().read())

    def faults(self, *faults: Fault) -> None:
        """Put these faults in force, and none else."""
        self._control("faults", [fault.as_json() for fault in faults])

    def set(self, **options: Any) -> None:
        """Change the world, the estate, ``latency`` or ``limits``."""
        self._control("set", options)

    def forget(self) -> None:
        """Forget what was asked."""
        self._control("forget")

    def asked(self) -> list[Asked]:
        """What was asked since, each with its count."""
        return [Asked(*row) for row in self._control("asked")["asked"]]

    def count(self) -> int:
        """How many requests came since."""
        return int(self._control("count"))

    def strange(self) -> list[str]:
        """Requests that were not understood and answers that could not be made."""
        return [str(line) for line in self._control("asked")["strange"]]

    def throttled(self) -> int:
        """How many requests the published rate limits refused."""
        return int(self._control("asked")["throttled"])

    def stop(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdin is not None:
            self._process.stdin.close()


def main(arguments: Iterable[str]) -> None:
    """Serve until terminated."""
    port, options = arguments
    loop = asyncio.new_event_loop()
    loop.add_signal_handler(signal.SIGTERM, loop.stop)
    loop.add_reader(0, loop.stop)
    wire = made(json.loads(options))
    gc.freeze()
    loop.run_until_complete(listening(loop, wire, int(port)))
    loop.run_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
