"""botocore's service models, and how a request names its operation."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.session
from botocore import xform_name

_SESSION = botocore.session.Session()
_LOCK = threading.RLock()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a client.

    Attributes:
        client: boto3's client name.
        name: boto3's method name.
        model: botocore's operation model.
        protocol: the protocol that botocore speaks with this service.
    """

    client: str
    name: str
    model: Any
    protocol: str

    @property
    def wire_name(self) -> str:
        """The name on the wire, e.g. ``DescribeVpcs``."""
        return str(self.model.name)


@dataclass(frozen=True, slots=True)
class Route:
    """Method, path and query keys of a REST operation.

    Attributes:
        pattern: of the decoded path's segments; its groups are the labels' names.
        constants: query keys (with their values) that have to be there.
        keys: all query keys that there may be; ``None`` for any.
        weight: the more literal, the more specific.
    """

    method: str
    pattern: re.Pattern[str]
    constants: tuple[tuple[str, str], ...]
    keys: frozenset[str] | None
    weight: tuple[int, int]
    labels: tuple[str, ...]
    operation: Operation

    def takes(self, query: Mapping[str, str]) -> bool:
        """Whether a query has all the keys that it must have, and none that it may not."""
        if self.keys is not None and not query.keys() <= self.keys:
            return False
        return all(query.get(key) == value for key, value in self.constants)


class Service:
    """What is needed of one service's model."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.model = _SESSION.get_service_model(client)
        self.protocol = str(self.model.resolved_protocol)
        self.signing_name = str(self.model.signing_name)
        self.api_version = str(self.model.metadata["apiVersion"])
        self.target_prefix = str(self.model.metadata.get("targetPrefix", ""))
        self._wire_names = frozenset(self.model.operation_names)
        self._by_method = {xform_name(name): name for name in self.model.operation_names}
        self._routes: dict[str, list[Route]] | None = None

    @property
    def is_rest(self) -> bool:
        """Whether method and path name the operation."""
        return self.protocol.startswith("rest-")

    def operation(self, wire_name: str) -> Operation | None:
        """The operation of that name on the wire."""
        if wire_name not in self._wire_names:
            return None
        return _operation(self.client, wire_name)

    def method(self, name: str) -> Operation:
        """The operation of a boto3 method.

        Raises:
            KeyError: there is none.
        """
        return _operation(self.client, self._by_method[name])

    def routed(self, method: str, path: str, query: str) -> Iterator[tuple[Route, dict[str, str]]]:
        """The operations that a REST request may be, the most specific first, each with the
        path's labels."""
        with _LOCK:
            if self._routes is None:
                self._routes = self._all_routes()
        given = dict(parse_qsl(query, keep_blank_values=True))
        for route in self._routes.get(method, ()):
            match = route.pattern.fullmatch(path)
            if match and route.takes(given):
                labels = {
                    name: unquote(text)
                    for name, text in zip(route.labels, match.groups(), strict=True)
                }
                yield route, labels

    def _all_routes(self) -> dict[str, list[Route]]:
        found: dict[str, list[Route]] = {}
        for wire_name in self.model.operation_names:
            operation = _operation(self.client, wire_name)
            http = operation.model.http
            found.setdefault(http["method"], []).append(
                _route(operation, http["method"], http["requestUri"])
            )
        for routes in found.values():
            routes.sort(key=lambda route: route.weight, reverse=True)
        return found


def _route(operation: Operation, method: str, uri: str) -> Route:
    path, _, query = uri.partition("?")
    labels: list[str] = []
    literal = 0
    pieces = []
    for part in re.split(r"(\{[^}]+\})", path):
        if part.startswith("{"):
            labels.append(part[1:-1].removesuffix("+"))
            pieces.append("(.+)" if part.endswith("+}") else "([^/]+)")
        else:
            literal += len(part)
            pieces.append(re.escape(part))
    constants = tuple(parse_qsl(query, keep_blank_values=True))
    pattern = re.compile("".join(pieces) + ("" if path.endswith("/") else "/?"))
    weight = (len(constants), literal)
    keys = _query_keys(operation.model.input_shape)
    known = keys | {key for key, _ in constants} if keys is not None else None
    return Route(method, pattern, constants, known, weight, tuple(labels), operation)


def _query_keys(shape: Any) -> frozenset[str] | None:
    members = shape.members.items() if shape is not None else ()
    taken = [(n, m) for n, m in members if m.serialization.get("location") == "querystring"]
    if any(member.type_name == "map" for _, member in taken):
        return None
    return frozenset(member.serialization.get("name", name) for name, member in taken)


@cache
def _operation(client: str, wire_name: str) -> Operation:
    with _LOCK:
        held = service(client)
        return Operation(
            client, xform_name(wire_name), held.model.operation_model(wire_name), held.protocol
        )


@cache
def service(client: str) -> Service:
    """The service of a boto3 client."""
    with _LOCK:
        return Service(client)


@cache
def paginators(client: str) -> dict[str, Any]:
    """botocore's paginators of a client, by the operation's name on the wire."""
    loader = _SESSION.get_component("data_loader")
    try:
        return dict(loader.load_service_model(client, "paginators-1")["pagination"])
    except botocore.exceptions.UnknownServiceError:
        return {}


# Requests about directory buckets are signed for a name of their own.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-authenticating-authorizing.html
_ALIASES = {"s3express": "s3"}


class Directory:
    """The services that a server plays, found by what a request is signed for.

    Models are loaded when first asked for: there are hundreds.

    Args:
        clients: boto3's names.
        expected: ``(client, operation)`` of what is likely asked: the first such is taken
            without looking whether a service of the same signing name has it too.
    """

    def __init__(
        self, clients: Iterable[str], expected: frozenset[tuple[str, str]] = frozenset()
    ) -> None:
        self._clients = tuple(dict.fromkeys(clients))
        self._expected = expected
        self._likely: dict[str, list[str]] = {}

    def candidates(self, signing_name: str) -> Iterable[Service]:
        """Services that sign with this name, the likeliest first."""
        signing_name = _ALIASES.get(signing_name, signing_name)
        order = self._likely.get(signing_name)
        if order is None:
            order = sorted(self._clients, key=lambda name: -_likeness(name, signing_name))
            self._likely[signing_name] = order
        for client in order:
            held = service(client)
            if held.signing_name == signing_name:
                yield held

    def find(
        self, signing_name: str, method: str, url: str, target: str, form: dict[str, str]
    ) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a request, with the labels of its path."""
        split = urlsplit(url)
        best: tuple[tuple[int, int], Operation, dict[str, str]] | None = None
        for held in self.candidates(signing_name):
            for named in _named(held, method, split.path, split.query, target, form):
                if (held.client, named[1].name) in self._expected or not held.is_rest:
                    return named[1:]
                # Several services share a name and their paths overlap: the most literal is meant.
                if best is None or named[0] > best[0]:
                    best = named
        return best[1:] if best else None


def _likeness(client: str, signing_name: str) -> int:
    if client == signing_name:
        return 1000
    shared = 0
    for ours, theirs in zip(client, signing_name, strict=False):
        if ours != theirs:
            break
        shared += 1
    return shared


def _named(
    held: Service, method: str, path: str, query: str, target: str, form: dict[str, str]
) -> Iterator[tuple[tuple[int, int], Operation, dict[str, str]]]:
    operation: Operation | None = None
    if held.is_rest:
        if not target and "Action" not in form:
            for route, labels in held.routed(method, path, query):
                yield route.weight, route.operation, labels
        return
    if held.protocol == "smithy-rpc-v2-cbor":
        operation = held.operation(path.rpartition("/operation/")[2])
    elif target:
        prefix, _, name = target.rpartition(".")
        operation = held.operation(name) if prefix == held.target_prefix else None
    elif form.get("Version") == held.api_version:
        operation = held.operation(form.get("Action", ""))
    if operation:
        yield (0, 0), operation, {}
