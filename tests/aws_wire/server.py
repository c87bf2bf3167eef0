"""The HTTP server: asyncio, keep-alive, one process; run-time control over the same port.

A ``GET`` or ``POST`` of ``/_wire/...`` is control (see :class:`Control`); all else is AWS.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aws_wire.faults import BODIES, ERRORS, Fault, Faults, RateLimits, body_of, error_of
from aws_wire.identity import Estate
from aws_wire.models import Directory
from aws_wire.requests import NotUnderstoodError, Raw, Request, understood
from aws_wire.responses import Response, ShapeError, WireError, error_response, response
from aws_wire.synthetic import first_page
from collector.services import operations

PREFIX = "/_wire/"
_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}
_LOST = 3600.0


class World(Protocol):
    """Where answers come from."""

    def answer(self, request: Request) -> Mapping[str, Any] | WireError | None:
        """The answer to a request; ``None`` when this world has none."""


def all_clients() -> tuple[str, ...]:
    """The clients that the declarations use, and those that accounts are found with."""
    return tuple(sorted({client for client, _ in operations()} | {"sts", "organizations", "ec2"}))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came, and how often."""

    account: str
    region: str
    client: str
    operation: str
    params: str
    count: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A response whose connection ends before its body does."""

    whole: Response


Fate = Response | Cut | str
"""What becomes of a request; the texts are ``reset`` (closed) and ``hang`` (never answered)."""


class Wire:
    """Answers requests; knows neither sockets nor threads.

    Args:
        worlds: asked in turn.
        estate: which accounts and regions there are.
        clients: boto3's names of the services to play.
        limits: whether AWS's published rate limits hold.
        latency: seconds before every answer.
    """

    def __init__(
        self,
        worlds: Iterable[World],
        estate: Estate | None = None,
        clients: Iterable[str] = (),
        limits: bool = False,
        latency: float = 0.0,
    ) -> None:
        self.worlds = tuple(worlds)
        self.estate = estate or Estate()
        self.directory = Directory(clients or all_clients(), operations())
        self.faults = Faults()
        self.limits = RateLimits() if limits else None
        self.latency = latency
        self.strange: list[str] = []
        """What was not understood, or could not be answered in the right shape."""
        self.asked: Counter[tuple[str, str, str, str, str]] = Counter()
        self.throttled = 0

    def handle(self, raw: Raw) -> tuple[float, Fate]:
        """Seconds to wait, and what then becomes of the request."""
        try:
            request = understood(raw, self.directory)
        except (NotUnderstoodError, ValueError, KeyError) as problem:
            self.strange.append(f"{type(problem).__name__}: {problem}")
            return 0.0, Response(501, str(problem).encode(), {"Content-Type": "text/plain"})
        self._count(request)
        seconds = self.latency
        befalling = self.faults.befalling(request)
        for fault in befalling:
            if fault.effect == "latency":
                seconds += fault.seconds
        for fault in befalling:
            if fault.effect in ERRORS or fault.effect == "error":
                error = error_of(fault, request)
                return seconds, error_response(request.operation, error)
            if fault.effect in ("reset", "hang"):
                return seconds, fault.effect
        if self.limits is not None and not self.limits.admits(request):
            self.throttled += 1
            refusal = error_of(Fault(effect="throttled"), request)
            return seconds, error_response(request.operation, refusal)
        return seconds, self._answered(request, befalling)

    def _answered(self, request: Request, befalling: list[Fault]) -> Fate:
        effects = {fault.effect for fault in befalling}
        asked = request
        if "repeat_token" in effects:
            asked = first_page(request)
        try:
            whole = self._whole(asked)
        except (ShapeError, ValueError, TypeError, KeyError, AttributeError) as problem:
            self.strange.append(f"{request.name}: {type(problem).__name__}: {problem}")
            refusal = WireError("ValidationError", str(problem), 400)
            whole = error_response(request.operation, refusal)
        for fault in befalling:
            if fault.effect in BODIES:
                return body_of(fault, request.operation, whole)
            if fault.effect == "truncated":
                return Cut(whole)
        return whole

    def _whole(self, request: Request) -> Response:
        answer = self.estate.answer(request)
        for world in self.worlds:
            if answer is not None:
                break
            answer = world.answer(request)
        if answer is None:
            answer = WireError("UnknownOperationException", "nothing is recorded of it", 400)
        if isinstance(answer, WireError):
            return error_response(request.operation, answer)
        return response(request.operation, answer)

    def _count(self, request: Request) -> None:
        params = json.dumps(dict(request.params), sort_keys=True, default=str)
        key = (request.account, request.region, request.client, request.operation.name, params)
        self.asked[key] += 1

    def control(self, command: str, body: bytes) -> Any:
        """Run a control command; what comes back is written as JSON."""
        if command == "faults":
            self.faults.set(tuple(Fault(**row) for row in json.loads(body)))
        elif command == "forget":
            self.asked.clear()
            self.strange.clear()
            self.throttled = 0
            self.limits = RateLimits() if self.limits is not None else None
        elif command == "set":
            self._set(json.loads(body))
        elif command == "count":
            return self.asked.total()
        elif command == "asked":
            return {
                "asked": [[*key, count] for key, count in self.asked.items()],
                "strange": self.strange,
                "throttled": self.throttled,
            }
        return {}

    def _set(self, options: Mapping[str, Any]) -> None:
        for name, value in options.items():
            if name == "latency":
                self.latency = float(value)
            elif name == "limits":
                self.limits = RateLimits() if value else None
            elif name in ("accounts", "suspended", "regions", "disabled"):
                setattr(self.estate, name, tuple(value))
            elif name in ("partition", "session_seconds"):
                setattr(self.estate, name, value)
            else:
                for world in self.worlds:
                    if hasattr(world, name):
                        setattr(world, name, value)


class _Connection(asyncio.Protocol):
    """One client's connection: requests one after the other."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._data = b""
        self._transport: asyncio.Transport | None = None
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._busy:
            self._next()

    def _next(self) -> None:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return
        first, _, rest = self._data[:end].decode("latin-1").partition("\r\n")
        headers = {}
        for line in rest.split("\r\n"):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("content-length") or 0)
        if len(self._data) < end + 4 + length:
            return
        body = self._data[end + 4 : end + 4 + length]
        self._data = self._data[end + 4 + length :]
        method, url, _ = first.split(" ", 2)
        self._busy = True
        self._serve(Raw(method, url, headers, body))

    def _serve(self, raw: Raw) -> None:
        if raw.url.startswith(PREFIX):
            given = self._wire.control(raw.url[len(PREFIX) :], raw.body)
            self._finish(Response(200, json.dumps(given).encode(), {}))
            return
        seconds, fate = self._wire.handle(raw)
        if seconds > 0:
            asyncio.get_running_loop().call_later(seconds, self._finish, fate)
        else:
            self._finish(fate)

    def _finish(self, fate: Fate) -> None:
        if isinstance(fate, Response):
            self._write(_bytes_of(fate))
        elif fate == "hang":
            return
        elif self._transport is not None:
            if isinstance(fate, Cut):
                data = _bytes_of(fate.whole)
                self._write(data[: len(data) - max(1, len(fate.whole.body) // 3)])
                self._transport.close()
            else:
                self._transport.abort()
            return
        self._busy = False
        if self._data:
            self._next()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _bytes_of(answer: Response) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Other')}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines += [f"Content-Length: {len(answer.body)}", "x-amzn-RequestId: wire", "", ""]
    return "\r\n".join(lines).encode("utf-8") + answer.body


class WireServer:
    """A wire server in a thread of this process.

    Attributes:
        url: its endpoint, for ``AWS_ENDPOINT_URL``.
        wire: what answers.
    """

    def __init__(self, wire: Wire, port: int = 0) -> None:
        self.wire = wire
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.port = port
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        if not ready.wait(30):
            raise RuntimeError("the wire server does not listen")
        self.url = f"http://127.0.0.1:{self.port}"

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(listening(self._loop, self.wire, self.port))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()

    def stop(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        with contextlib.suppress(RuntimeError):
            self._loop.close()


async def listening(
    loop: asyncio.AbstractEventLoop, wire: Wire, port: int
) -> asyncio.base_events.Server:
    """A server on a loopback port (0: any free one)."""
    made: Callable[[], asyncio.Protocol] = lambda: _Connection(wire)  # noqa: E731
    return await loop.create_server(made, "127.0.0.1", port, backlog=1024)
