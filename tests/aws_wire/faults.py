"""What goes wrong, for which requests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aws_wire.models import Operation
from aws_wire.requests import Request
from aws_wire.responses import Response, WireError, response

_DATA = Path(__file__).parent / "data"
ERRORS = ("throttled", "denied", "expired", "not_supported", "region_off", "server")
"""Effects that are an error in the service's own words."""
BODIES = ("empty", "blank", "cut_text", "garbage", "unknown_shape", "wrong_type")
"""Effects that answer 200 with something else."""
WIRES = ("reset", "hang", "truncated")
"""Effects on the connection: closed without an answer, never answered, closed within the body."""
OTHERS = ("latency", "error", "repeat_token")
EFFECTS = frozenset({*ERRORS, *BODIES, *WIRES, *OTHERS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An effect and the requests that it befalls; empty members match everything.

    Attributes:
        effect: one of :data:`EFFECTS`.
        params: a text that the parameters, written as JSON, have to hold.
        first: the first of the matching requests that it befalls, from 1.
        last: the last; 0 for no end.
        seconds: of ``latency``.
        denied_by: of ``denied``: who, by a name in ``data/errors.json``.
        code: of ``error``. message: of ``error``. status: of ``error``.
    """

    effect: str
    account: str = ""
    region: str = ""
    client: str = ""
    operation: str = ""
    params: str = ""
    first: int = 1
    last: int = 0
    seconds: float = 0.0
    denied_by: str = "implicit"
    code: str = ""
    message: str = ""
    status: int = 0

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise ValueError(f"{self.effect!r} is no effect: {', '.join(sorted(EFFECTS))}")

    def matches(self, request: Request) -> bool:
        """Whether the request is one of those."""
        return (
            self.account in ("", request.account)
            and self.region in ("", request.region)
            and self.client in ("", request.client)
            and self.operation in ("", request.operation.name)
            and (not self.params or self.params in json.dumps(dict(request.params), default=str))
        )

    def as_json(self) -> dict[str, Any]:
        """For the way to a server in another process."""
        return asdict(self)


class Faults:
    """The faults in force; counts which of the matching requests each has seen."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self.set(faults)

    def set(self, faults: tuple[Fault, ...]) -> None:
        """Replace them; counts begin anew."""
        self._faults = faults
        self._seen = [0] * len(faults)

    def befalling(self, request: Request) -> list[Fault]:
        """The faults that befall this request, in order."""
        found = []
        for number, fault in enumerate(self._faults):
            if fault.matches(request):
                self._seen[number] += 1
                nth = self._seen[number]
                if fault.first <= nth and (not fault.last or nth <= fault.last):
                    found.append(fault)
        return found


@cache
def _errors() -> Mapping[str, Any]:
    held: Mapping[str, Any] = json.loads((_DATA / "errors.json").read_text())
    return held


def error_of(fault: Fault, request: Request) -> WireError:
    """The error of an effect, as the service words it."""
    if fault.effect == "error":
        return WireError(fault.code, fault.message, fault.status)
    forms = _errors()["effects"][fault.effect]
    operation = request.operation
    form = forms.get(operation.client) or forms[operation.protocol]
    code, message, status = form
    action = f"{operation.client}:{operation.wire_name}"
    words = _errors()["denied_by"][fault.denied_by].format(
        principal=f"arn:aws:iam::{request.account}:user/assessor", action=action
    )
    filled = message.format(words=words, encoded="4GIOHlTkIaWHQD0Q0m6XSnuUMCm", operation=action)
    return WireError(code, filled, status)


def body_of(fault: Fault, operation: Operation, whole: Response) -> Response:
    """The body that a fault answers with instead of the whole answer."""
    is_json = "json" in operation.protocol
    match fault.effect:
        case "empty":
            return response(operation, _nothing(operation))
        case "blank":
            return Response(200, b"", whole.headers)
        case "cut_text":
            return Response(200, whole.body[: max(1, len(whole.body) * 2 // 3)], whole.headers)
        case "garbage":
            return Response(200, b'{"\xff\x00 not json' if is_json else b"<<<\x00", whole.headers)
        case "unknown_shape":
            strange = b'{"SomethingNew": [{"Odd": 1}]}' if is_json else _strange_xml(operation)
            return Response(200, strange, whole.headers)
    page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Log in</body></html>"
    return Response(200, page, {"Content-Type": "text/html"})


def _nothing(operation: Operation) -> dict[str, Any]:
    """An answer without members; a payload that is a structure is there, without members."""
    shape = operation.model.output_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    if payload and shape.members[payload].type_name == "structure":
        return {payload: {}}
    return {}


def _strange_xml(operation: Operation) -> bytes:
    if operation.protocol == "smithy-rpc-v2-cbor":
        return b"\xa1\x6cSomethingNew\x80"
    name = operation.wire_name
    return f"<{name}Response><SomethingNew><Odd>1</Odd></SomethingNew></{name}Response>".encode()


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimits:
    """AWS's side of the published limits: a token bucket for each; see ``data/limits.json``."""

    def __init__(self) -> None:
        self._limits = json.loads((_DATA / "limits.json").read_text())["limits"]
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._lock = threading.Lock()

    def admits(self, request: Request) -> bool:
        """Take a token; false when the bucket is empty."""
        limit = self._limit(request)
        if limit is None:
            return True
        operations = [request.operation.name] if limit.get("each") else limit.get("operations", [])
        key = (request.account, request.region, request.client, *operations)
        now = time.monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(key, _Bucket(limit["burst"], now))
            refilled = bucket.tokens + (now - bucket.at) * limit["rate"]
            bucket.tokens, bucket.at = min(limit["burst"], refilled), now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True

    def _limit(self, request: Request) -> dict[str, Any] | None:
        limits = self._limits.get(request.client, ())
        for limit in limits:
            if request.operation.name in limit.get("operations", ()):
                return dict(limit)
        return next((dict(limit) for limit in limits if not limit.get("operations")), None)
